#include "calendar/instant.h"

#include "tests/reference/calendar_reference.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

namespace tollgate {
namespace {

std::string written(Instant at) {
  char text[kInstantText];
  return {text, write_instant(at, text)};
}

struct Accepted {
  const char* text;
  std::int64_t ms;
  const char* canonical;
};
std::ostream& operator<<(std::ostream& out, const Accepted& row) { return out << row.text; }

const Accepted kAccepted[] = {
    {"1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z"},
    {"1970-01-01t00:00:00z", 0, "1970-01-01T00:00:00Z"},
    {"1970-01-01T00:00:00-00:00", 0, "1970-01-01T00:00:00Z"},
    {"1969-12-31T23:59:59.999Z", -1, "1969-12-31T23:59:59.999Z"},
    {"2026-01-15T10:00:00.123Z", 1'768'471'200'123, "2026-01-15T10:00:00.123Z"},
    {"2026-01-15T10:00:00.1Z", 1'768'471'200'100, "2026-01-15T10:00:00.100Z"},
    {"2026-01-15T10:00:00.000Z", 1'768'471'200'000, "2026-01-15T10:00:00Z"},
    {"2026-01-15T10:00:00.1239999999Z", 1'768'471'200'123, "2026-01-15T10:00:00.123Z"},
    {"2026-01-15T11:30:00+01:30", 1'768'471'200'000, "2026-01-15T10:00:00Z"},
    {"2026-01-14T22:00:00-12:00", 1'768'471'200'000, "2026-01-15T10:00:00Z"},
    {"2024-02-29T23:59:59Z", 1'709'251'199'000, "2024-02-29T23:59:59Z"},
    {"2016-12-31T23:59:60Z", 1'483'228'800'000, "2017-01-01T00:00:00Z"},
    {"2017-01-01T00:59:60+01:00", 1'483'228'800'000, "2017-01-01T00:00:00Z"},
    {"0000-01-01T00:00:00Z", -62'167'219'200'000, "0000-01-01T00:00:00Z"},
    {"9999-12-31T23:59:59.999Z", 253'402'300'799'999, "9999-12-31T23:59:59.999Z"},
};

BOOST_DATA_TEST_CASE(reads_rfc_3339, kAccepted, row) {
  const auto at = parse_instant(row.text);
  BOOST_REQUIRE(at.ok());
  BOOST_TEST(at->ms == row.ms);
  BOOST_TEST(written(*at) == row.canonical);
}

const char* const kMalformed[] = {
    "",
    "yesterday",
    "2026-01-01",
    "2026-01-01T00:00:00",
    "2026-01-01 00:00:00Z",
    "2026-01-01T00:00Z",
    "2026-1-01T00:00:00Z",
    "2026-01-01T00:00:00.Z",
    "2026-01-01T00:00:00,5Z",
    "2026-01-01T00:00:00Z ",
    " 2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00+1:00",
    "2026-01-01T00:00:00+0100",
    "2026-01-01T00:00:00+01",
    "2026-01-01T00:00:00z+",
    "-2026-01-01T00:00:00Z",
    "+2026-01-01T00:00:00Z",
    "12026-01-01T00:00:00Z",
    "2026-01-01T0a:00:00Z",
    ("2026-01-01T00:00:00\xe2\x88\x92"
     "01:00"),  // U+2212, which ISO 8601 allows and RFC 3339 does not
};

BOOST_DATA_TEST_CASE(refuses_other_forms, kMalformed, text) {
  const auto at = parse_instant(text);
  BOOST_REQUIRE(!at.ok());
  BOOST_TEST((at.error() == InstantError::malformed));
}

const char* const kOutOfRange[] = {
    "2026-02-29T00:00:00Z",      "2026-02-30T00:00:00Z",      "2026-04-31T00:00:00Z",      "2026-00-01T00:00:00Z",
    "2026-13-01T00:00:00Z",      "2026-01-00T00:00:00Z",      "2026-01-32T00:00:00Z",      "2026-01-01T24:00:00Z",
    "2026-01-01T25:00:00Z",      "2026-01-01T00:60:00Z",      "2026-01-01T00:00:61Z",      "2026-01-01T12:00:60Z",
    "2016-12-31T23:59:60+01:00", "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+00:60", "0000-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01", "9999-12-31T23:59:60Z",      "1900-02-29T00:00:00Z",
};

BOOST_DATA_TEST_CASE(refuses_what_no_calendar_has, kOutOfRange, text) {
  const auto at = parse_instant(text);
  BOOST_REQUIRE(!at.ok());
  BOOST_TEST((at.error() == InstantError::out_of_range));
}

BOOST_AUTO_TEST_CASE(every_prefix_of_an_instant_is_malformed) {
  const std::string_view whole = "2026-01-15T10:00:00.123+01:00";
  for (std::size_t length = 0; length < whole.size(); ++length) {
    BOOST_TEST(!parse_instant(whole.substr(0, length)).ok(), whole.substr(0, length));
  }
}

BOOST_AUTO_TEST_CASE(dates_agree_with_the_walked_calendar_from_1970_to_2401) {
  std::int64_t number = 0;
  for (const Date& date : reference::every_day()) {
    BOOST_REQUIRE(days_from_date(date) == number);
    BOOST_REQUIRE(date_from_days(number) == date);
    ++number;
  }
}

BOOST_AUTO_TEST_CASE(dates_follow_each_other_in_all_of_0000_to_9999) {
  const std::int64_t first = days_from_date({0, 1, 1});
  const std::int64_t last = days_from_date({9999, 12, 31});
  BOOST_TEST(first * kMsPerDay == kFirstInstant.ms);
  BOOST_TEST((last + 1) * kMsPerDay - 1 == kLastInstant.ms);
  Date today{0, 1, 1};
  for (std::int64_t number = first; number <= last; ++number) {
    BOOST_REQUIRE(date_from_days(number) == today);
    BOOST_REQUIRE(days_from_date(today) == number);
    if (today.day < days_in_month(today.year, today.month)) {
      ++today.day;
    } else {
      today = today.month < 12 ? Date{today.year, today.month + 1, 1} : Date{today.year + 1, 1, 1};
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read_back) {
  for (std::int64_t ms = kFirstInstant.ms; ms <= kLastInstant.ms; ms += 86'399'999'999) {
    const auto at = parse_instant(written({ms}));
    BOOST_REQUIRE(at.ok());
    BOOST_REQUIRE(at->ms == ms);
  }
}

}  // namespace
}  // namespace tollgate
