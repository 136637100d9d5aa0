#include "calendar/duration.h"

#include <boost/test/unit_test.hpp>

#include <string>

namespace {

using namespace tollgate;

Instant at(std::string_view text) { return *parse_instant(text); }

std::string text_of(Instant instant) {
  char text[kInstantText];
  return {text, write_instant(instant, text)};
}

BOOST_AUTO_TEST_SUITE(durations)

BOOST_AUTO_TEST_CASE(all_units_in_their_order) {
  constexpr std::int64_t kHour = 3'600'000;
  BOOST_TEST((*parse_duration("P1Y2M3W4DT5H6M7S") ==
              Duration{14, 25 * kMsPerDay + 5 * kHour + 6 * 60'000 + 7 * kMsPerSecond}));
  BOOST_TEST((*parse_duration("PT90S") == Duration{0, 90'000}));
  BOOST_TEST((*parse_duration("PT0S") == Duration{0, 0}));
  BOOST_TEST((*parse_duration("P1M") == Duration{1, 0}));
  BOOST_TEST((*parse_duration("PT1M") == Duration{0, 60'000}));
}

BOOST_AUTO_TEST_CASE(what_is_none_is_refused) {
  for (std::string_view text : {"", "P", "PT", "1D", "P1", "PD", "P1DT", "P-1D", "P1.5D", "P1D1M", "P1M1M", "PT1D",
                                "P1H", "P1D ", "p1d", "P1DT1HT1M"}) {
    BOOST_TEST_CONTEXT(text) {
      const auto duration = parse_duration(text);
      BOOST_TEST(!duration.ok());
    }
  }
  BOOST_TEST((parse_duration("P1234567D").error() == DurationError::out_of_range));
}

BOOST_AUTO_TEST_CASE(months_are_clamped_first_then_the_rest_is_added) {
  BOOST_TEST(text_of(*add(at("2028-01-31T10:00:00Z"), *parse_duration("P1M"))) == "2028-02-29T10:00:00Z");
  BOOST_TEST(text_of(*add(at("2027-01-31T10:00:00Z"), *parse_duration("P1M1D"))) == "2027-03-01T10:00:00Z");
  BOOST_TEST(text_of(*add(at("2026-01-15T00:00:00Z"), *parse_duration("P2WT1S"))) == "2026-01-29T00:00:01Z");
  BOOST_TEST(!add(at("9999-12-31T00:00:00Z"), *parse_duration("P1D")).ok());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
