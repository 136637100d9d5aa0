#include "calendar/period.h"

#include "tests/reference/calendar_reference.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace tollgate {
namespace {

Instant instant(const char* text) { return *parse_instant(text); }

/// The cadences of S7.3.
const char* const kCadences[] = {"PT1H", "P1D", "P1W", "P2W", "P4W", "P1M", "P3M", "P6M", "P12M", "P1Y"};

const reference::Anchor kAnchors[] = {
    {{1970, 1, 1}, 0},           {{1999, 12, 31}, 86'399'999}, {{2000, 2, 29}, 1},         {{2024, 2, 29}, 37'800'000},
    {{2026, 1, 15}, 32'400'000}, {{2026, 1, 29}, 0},           {{2026, 1, 30}, 3'600'000}, {{2026, 1, 31}, 0},
    {{2026, 4, 30}, 43'200'000}, {{2026, 8, 31}, 86'399'999},  {{2100, 2, 28}, 0},         {{2400, 12, 31}, 0},
};

/// T1 and T2: contiguous, half-open, and equal to the bounds that the walked calendar finds.
void check_recurrence(const reference::Anchor& anchor, Cadence cadence) {
  const Instant anchored{days_from_date(anchor.date) * kMsPerDay + anchor.ms_of_day};
  const std::vector<std::int64_t> bounds = reference::period_bounds(anchor, cadence);
  BOOST_REQUIRE_GT(bounds.size(), 400U);
  for (std::size_t i = 0; i + 1 < bounds.size(); ++i) {
    const Period expected{{bounds[i]}, {bounds[i + 1]}};
    for (const std::int64_t at : {bounds[i], (bounds[i] + bounds[i + 1]) / 2, bounds[i + 1] - 1}) {
      const auto period = period_containing(anchored, cadence, {at});
      if (period.ok() && *period == expected) continue;
      BOOST_FAIL("anchor " << anchored.ms << ", unit " << int(cadence.unit) << " x " << cadence.count << ", at " << at
                           << ": expected " << expected.from.ms << " to " << expected.to.ms);
    }
  }
}

BOOST_DATA_TEST_CASE(periods_agree_with_the_walked_calendar, kCadences, text) {
  const auto cadence = parse_cadence(text);
  BOOST_REQUIRE(cadence.ok());
  for (const reference::Anchor& anchor : kAnchors) check_recurrence(anchor, *cadence);
}

BOOST_AUTO_TEST_CASE(every_day_of_the_month_as_anchor) {
  for (int day = 1; day <= 31; ++day) {
    for (const int count : {1, 2, 3, 5, 6, 12}) {
      check_recurrence({{2027, 1, day}, 61'234'567}, {Cadence::Unit::month, count});
    }
  }
}

BOOST_AUTO_TEST_CASE(other_counts_of_hours_and_days) {
  for (const int count : {5, 24, 1000}) check_recurrence(kAnchors[4], {Cadence::Unit::hour, count});
  for (const int count : {3, 10, 90}) check_recurrence(kAnchors[9], {Cadence::Unit::day, count});
}

struct CadenceRow {
  const char* text;
  Cadence cadence;
};
std::ostream& operator<<(std::ostream& out, const CadenceRow& row) { return out << row.text; }

const CadenceRow kReadable[] = {
    {"PT1H", {Cadence::Unit::hour, 1}},  {"PT1000H", {Cadence::Unit::hour, 1000}},
    {"P1D", {Cadence::Unit::day, 1}},    {"P1W", {Cadence::Unit::day, 7}},
    {"P2W", {Cadence::Unit::day, 14}},   {"P4W", {Cadence::Unit::day, 28}},
    {"P1M", {Cadence::Unit::month, 1}},  {"P12M", {Cadence::Unit::month, 12}},
    {"P1Y", {Cadence::Unit::month, 12}}, {"P1000Y", {Cadence::Unit::month, 12'000}},
};

BOOST_DATA_TEST_CASE(reads_cadences, kReadable, row) {
  const auto cadence = parse_cadence(row.text);
  BOOST_REQUIRE(cadence.ok());
  BOOST_TEST((*cadence == row.cadence));
}

const char* const kUnreadable[] = {
    "",    "P",    "PT",   "1M",   "P1X",     "P-1M", "P+1M",  "P0M",  "P01M",  "P1001D", "P99999999999M",
    "P1H", "PT1D", "PT1M", "PT1S", "p1m",     "P1m",  "P1M ",  " P1M", "P1M1D", "P1.5M",  "P1,5M",
    "PM",  "PTH",  "P 1M", "T1H",  "PT1H30M", "P1MT", "P1Y2M",
};

BOOST_DATA_TEST_CASE(refuses_other_cadences, kUnreadable, text) { BOOST_TEST(!parse_cadence(text).ok()); }

struct EdgeRow {
  const char* anchor;
  const char* cadence;
  const char* at;
  bool ok;
};
std::ostream& operator<<(std::ostream& out, const EdgeRow& row) {
  return out << row.anchor << ' ' << row.cadence << " at " << row.at;
}

const EdgeRow kEdges[] = {
    {"0000-01-01T00:00:00Z", "P1M", "0000-01-01T00:00:00Z", true},
    {"0000-01-02T00:00:00Z", "P1D", "0000-01-01T00:00:00Z", true},
    {"0000-01-02T00:00:00Z", "P2D", "0000-01-01T00:00:00Z", false},
    {"0000-01-02T00:00:00Z", "P1M", "0000-01-01T00:00:00Z", false},
    {"2026-01-01T00:00:00Z", "P1000Y", "9025-12-31T23:59:59.999Z", true},
    {"2026-01-01T00:00:00Z", "P1000Y", "9026-01-01T00:00:00Z", false},
    {"2026-01-01T00:00:00Z", "P1000Y", "0026-01-01T00:00:00Z", true},
    {"2026-01-01T00:00:00Z", "P1000Y", "0025-12-31T23:59:59.999Z", false},
    {"2026-01-01T00:00:00Z", "P1M", "9999-11-30T23:59:59.999Z", true},
    {"2026-01-01T00:00:00Z", "P1M", "9999-12-01T00:00:00Z", false},
};

BOOST_DATA_TEST_CASE(periods_beyond_the_calendar_are_errors, kEdges, row) {
  const auto period = period_containing(instant(row.anchor), *parse_cadence(row.cadence), instant(row.at));
  BOOST_TEST(period.ok() == row.ok);
  if (period.ok()) BOOST_TEST(period->contains(instant(row.at)));
}

BOOST_AUTO_TEST_CASE(instants_beyond_the_calendar_are_errors) {
  const Cadence monthly{Cadence::Unit::month, 1};
  for (const std::int64_t ms : {INT64_MIN, kFirstInstant.ms - 1, kLastInstant.ms + 1, INT64_MAX}) {
    BOOST_TEST(!period_containing({ms}, monthly, {0}).ok());
    BOOST_TEST(!period_containing({0}, monthly, {ms}).ok());
  }
}

}  // namespace
}  // namespace tollgate
