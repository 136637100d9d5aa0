#include "calendar/time_zone.h"

#include "tests/reference/zone_reference.h"

#include <boost/test/data/test_case.hpp>

#include <random>

namespace tollgate {
namespace {

using reference::ZoneReference;

Instant instant(std::string_view text) { return *parse_instant(text); }
/// A reading of a clock, written as if it were UTC.
LocalTime local(std::string_view text) { return {instant(text).ms}; }
TimeZone zone(std::string_view name) { return *TimeZone::find(name); }

std::int64_t offset_s(const TimeZone& zone, std::int64_t seconds) {
  return zone.stretch_containing({seconds * kMsPerSecond}).offset_ms / kMsPerSecond;
}

constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kYear = 31'556'952;

/// Every name, once a week at changing hours from 1970 to 2101, the year 9998, and instants between.
BOOST_AUTO_TEST_CASE(every_zone_has_the_offsets_of_the_compiled_database) {
  std::mt19937_64 random(60);
  for (const std::string& name : ZoneReference::names()) {
    const ZoneReference expected(name);
    const TimeZone zone = tollgate::zone(name);
    BOOST_REQUIRE_EQUAL(zone.name(), name);
    std::vector<std::int64_t> instants;
    for (std::int64_t at = 0; at < 131 * kYear; at += 175 * kHour) instants.push_back(at);
    for (int i = 0; i < 100; ++i)
      instants.push_back(131 * kYear + static_cast<std::int64_t>(random() % (7'800ULL * kYear)));
    for (int day = 0; day < 366; day += 3) instants.push_back(8'028 * kYear + day * 24 * kHour);
    for (const std::int64_t at : instants) {
      if (offset_s(zone, at) != expected.offset(at)) BOOST_FAIL(name << " at " << at << " s");
    }
  }
}

BOOST_AUTO_TEST_CASE(changes_are_at_the_second_of_the_compiled_database) {
  std::size_t changes = 0;
  for (const std::string& name : ZoneReference::names()) {
    const ZoneReference expected(name);
    const TimeZone zone = tollgate::zone(name);
    TimeZone::Stretch stretch = zone.stretch_containing({0});
    while (stretch.period.to.ms < 131 * kYear * kMsPerSecond) {
      const TimeZone::Stretch next = zone.stretch_containing(stretch.period.to);
      const std::int64_t at = stretch.period.to.ms / kMsPerSecond;
      if (next.period.from != stretch.period.to ||
          zone.stretch_containing({next.period.from.ms - 1}).period != stretch.period ||
          expected.offset(at - 1) * kMsPerSecond != stretch.offset_ms ||
          expected.offset(at) * kMsPerSecond != next.offset_ms) {
        BOOST_FAIL(name << " at " << at << " s");
      }
      stretch = next;
      ++changes;
    }
  }
  BOOST_TEST(changes > 50'000U);
}

BOOST_AUTO_TEST_CASE(a_reading_is_found_where_no_clock_has_shown_as_much_before) {
  std::mt19937_64 random(61);
  for (const std::string& name : ZoneReference::names()) {
    const ZoneReference expected(name);
    const TimeZone zone = tollgate::zone(name);
    for (int i = 0; i < 24; ++i) {
      // Half of the readings are near a change of clocks.
      std::int64_t at = static_cast<std::int64_t>(random() % (68ULL * kYear));
      const Instant change = zone.stretch_containing({at * kMsPerSecond}).period.to;
      if (i % 2 == 0 && change < kLastInstant) {
        at = change.ms / kMsPerSecond + static_cast<std::int64_t>(random() % 20'000) - 10'000;
      }
      const std::int64_t reading = at + expected.offset(at);
      const std::int64_t found = zone.first_showing({reading * kMsPerSecond}).ms / kMsPerSecond;
      bool first = found <= at && found + expected.offset(found) >= reading;
      for (std::int64_t before = found - 1; before > found - 26 * kHour; before -= 900) {
        first = first && before + expected.offset(before) < reading;
      }
      if (!first) BOOST_FAIL(name << " at " << at << " s");
    }
  }
}

BOOST_AUTO_TEST_CASE(names_are_those_of_the_database_and_nothing_else) {
  for (const char* name : {"", "europe/berlin", "Europe/Berlin ", " Europe/Berlin", "Europe", "Europe/", "Berlin",
                           "CEST", "+02:00", "UTC+2", "Factory", "../zones", "Zulu0", "\xff"}) {
    BOOST_TEST(!TimeZone::find(name).ok(), name);
  }
  BOOST_TEST(!TimeZone::find(std::string_view("UTC\0", 4)).ok());
  BOOST_TEST(zone("Asia/Calcutta").name() == "Asia/Calcutta");
  BOOST_TEST(TimeZone().name() == "UTC");
  BOOST_TEST(TimeZone().local_time(kLastInstant).ms == kLastInstant.ms);
}

struct Reading {
  const char* what;
  const char* zone;
  const char* local;
  const char* instant;
};
std::ostream& operator<<(std::ostream& out, const Reading& row) { return out << row.what; }

const Reading kReadings[] = {
    {"once", "Europe/Berlin", "2026-07-01T12:00:00Z", "2026-07-01T10:00:00Z"},
    {"a quarter of an hour", "Asia/Kathmandu", "2026-07-01T00:00:00Z", "2026-06-30T18:15:00Z"},
    {"skipped: the end of the gap", "Europe/Berlin", "2026-03-29T02:30:00Z", "2026-03-29T01:00:00Z"},
    {"twice: the first", "Europe/Berlin", "2026-10-25T02:30:00Z", "2026-10-25T00:30:00Z"},
    {"half an hour, skipped", "Australia/Lord_Howe", "2026-10-04T02:15:00Z", "2026-10-03T15:30:00Z"},
    {"half an hour, twice", "Australia/Lord_Howe", "2026-04-05T01:45:00Z", "2026-04-04T14:45:00Z"},
    {"half an hour, afterwards", "Australia/Lord_Howe", "2026-04-05T02:00:00Z", "2026-04-04T15:30:00Z"},
    {"a midnight skipped", "America/Sao_Paulo", "2018-11-04T00:00:00Z", "2018-11-04T03:00:00Z"},
    {"a midnight twice", "America/Havana", "2025-11-02T00:00:00Z", "2025-11-02T04:00:00Z"},
    {"clocks back over midnight", "America/St_Johns", "2010-11-07T00:00:00Z", "2010-11-07T02:30:00Z"},
    {"a date skipped", "Pacific/Apia", "2011-12-30T09:00:00Z", "2011-12-30T10:00:00Z"},
    {"an offset with seconds", "Africa/Monrovia", "1970-01-01T00:00:00Z", "1970-01-01T00:44:30Z"},
    {"a summer that begins in autumn", "Europe/Dublin", "2030-07-01T00:00:00Z", "2030-06-30T23:00:00Z"},
};

BOOST_DATA_TEST_CASE(readings_of_clocks, kReadings, row) {
  BOOST_TEST(zone(row.zone).first_showing(local(row.local)).ms == instant(row.instant).ms);
}

BOOST_AUTO_TEST_CASE(dates_begin_at_midnight) {
  BOOST_TEST(midnight({2026, 3, 29}).ms == local("2026-03-29T00:00:00Z").ms);
  BOOST_TEST((date_of(zone("Pacific/Kiritimati").local_time(instant("2026-12-31T10:00:00Z"))) == Date{2027, 1, 1}));
  BOOST_TEST((date_of({-1}) == Date{1969, 12, 31}));
}

}  // namespace
}  // namespace tollgate
