#include "metering/window.h"

#include "tests/reference/zone_reference.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <random>

namespace tollgate::metering {
namespace {

/// The start of the window by the calendar of the standard library.
std::int64_t window_start(WindowSize size, std::int64_t ms) {
  using namespace std::chrono;
  const sys_time<milliseconds> at{milliseconds(ms)};
  switch (size) {
    case WindowSize::minute: return sys_time<milliseconds>(floor<minutes>(at)).time_since_epoch().count();
    case WindowSize::hour: return sys_time<milliseconds>(floor<hours>(at)).time_since_epoch().count();
    case WindowSize::day: return sys_time<milliseconds>(floor<days>(at)).time_since_epoch().count();
    case WindowSize::month: break;
  }
  const year_month_day date(floor<days>(at));
  return sys_time<milliseconds>(sys_days(date.year() / date.month() / 1)).time_since_epoch().count();
}

constexpr WindowSize kSizes[] = {WindowSize::minute, WindowSize::hour, WindowSize::day, WindowSize::month};

std::int64_t random_instant(std::mt19937_64& random) {
  const std::int64_t span = kLastInstant.ms - kFirstInstant.ms;
  return kFirstInstant.ms + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(span));
}

BOOST_AUTO_TEST_CASE(windows_are_those_of_the_utc_calendar) {
  std::mt19937_64 random(11);
  for (int i = 0; i < 20'000; ++i) {
    const std::int64_t at = random_instant(random);
    for (const WindowSize size : kSizes) {
      const Period window = window_containing(size, TimeZone(), {at});
      BOOST_REQUIRE(window.contains({at}));
      BOOST_REQUIRE_EQUAL(window.from.ms, window_start(size, at));
      BOOST_REQUIRE_EQUAL(window_start(size, window.to.ms - 1), window.from.ms);
      BOOST_REQUIRE_EQUAL(window_start(size, window.to.ms), window.to.ms);
    }
  }
}

using reference::ZoneReference;

bool is_of_dates(WindowSize size) { return size == WindowSize::day || size == WindowSize::month; }

/// Whether a window is what the clocks of a zone say, by looking at them before, within and after it.
bool is_window(const ZoneReference& zone, WindowSize size, Period window) {
  const std::int64_t from = window.from.ms / 1000;
  const std::int64_t to = window.to.ms / 1000;
  if (!is_of_dates(size)) {
    const auto reading = zone.reading(size, from);
    return to > from && zone.reading(size, from - 1) != reading && zone.reading(size, to) != reading &&
           zone.reading(size, (from + to) / 2) == reading && zone.reading(size, to - 1) == reading;
  }
  const auto begins = zone.date(from);
  const auto ends = zone.date(to);
  const std::tm next = zone.at(to);
  bool ok = begins < ends && (size == WindowSize::day || (next.tm_mday == 1 && zone.at(from).tm_mday == 1));
  // Nothing that late was shown before; within, the next date never comes up.
  for (std::int64_t before = 1; before < 26 * 3600; before += 900) ok = ok && zone.date(from - before) < begins;
  for (std::int64_t before = 1; before <= to - from; before += 7200) ok = ok && zone.date(to - before) < ends;
  // No date is passed over but one that never was.
  return ok && (size == WindowSize::month || std::get<0>(begins) != std::get<0>(ends) ||
                std::get<1>(ends) - std::get<1>(begins) == 1 || zone.date(to - 1) == begins);
}

std::string text_of(Period period) {
  const auto text = [](Instant at) {
    char digits[kInstantText];
    return std::string(digits, write_instant(at, digits));
  };
  return text(period.from) + " to " + text(period.to);
}

/// All zones, around each of their changes since 1970, and anywhere.
BOOST_AUTO_TEST_CASE(windows_are_those_of_the_clocks_and_leave_nothing_out) {
  std::mt19937_64 random(13);
  std::size_t windows = 0;
  for (const std::string& name : ZoneReference::names()) {
    const ZoneReference expected(name);
    const TimeZone zone = *TimeZone::find(name);
    Instant change{400LL * kMsPerDay * static_cast<std::int64_t>(random() % 5)};
    while (change.ms < 68LL * 366 * kMsPerDay) {
      for (const WindowSize size : kSizes) {
        const Instant at{change.ms + static_cast<std::int64_t>(random() % 240'000'000) - 120'000'000};
        const Period window = window_containing(size, zone, at);
        const Period next = window_containing(size, zone, window.to);
        const bool ok = window.contains(at) && next.from == window.to && is_window(expected, size, window) &&
                        window_containing(size, zone, window.from) == window &&
                        window_containing(size, zone, {window.to.ms - 1}) == window &&
                        window_containing(size, zone, {window.from.ms - 1}).to == window.from;
        if (!ok) BOOST_FAIL(name << ", " << tollgate::metering::name(size) << ": " << text_of(window));
        ++windows;
      }
      // Not every change, which would take a minute: from one to another within five years.
      change = {change.ms + static_cast<std::int64_t>(random() % 1'800) * kMsPerDay};
      change = std::min(zone.stretch_containing(change).period.to, Instant{change.ms + 2'000 * kMsPerDay});
    }
  }
  BOOST_TEST(windows > 30'000U);
}

struct ZoneWindow {
  const char* what;
  const char* zone;
  WindowSize size;
  const char* at;
  const char* window;
};
std::ostream& operator<<(std::ostream& out, const ZoneWindow& row) { return out << row.what; }

const ZoneWindow kZoneWindows[] = {
    {"a day of 23 hours", "Europe/Berlin", WindowSize::day, "2026-03-29T12:00:00Z",
     "2026-03-28T23:00:00Z to 2026-03-29T22:00:00Z"},
    {"a day of 25 hours", "Europe/Berlin", WindowSize::day, "2026-10-25T12:00:00Z",
     "2026-10-24T22:00:00Z to 2026-10-25T23:00:00Z"},
    {"a day of 23.5 hours", "Australia/Lord_Howe", WindowSize::day, "2026-10-04T00:00:00Z",
     "2026-10-03T13:30:00Z to 2026-10-04T13:00:00Z"},
    {"a day of 24.5 hours", "Australia/Lord_Howe", WindowSize::day, "2026-04-05T00:00:00Z",
     "2026-04-04T13:00:00Z to 2026-04-05T13:30:00Z"},
    {"a day that begins at one", "America/Sao_Paulo", WindowSize::day, "2018-11-04T12:00:00Z",
     "2018-11-04T03:00:00Z to 2018-11-05T02:00:00Z"},
    {"an evening that comes again after the next day has begun", "America/St_Johns", WindowSize::day,
     "2010-11-07T03:00:00Z", "2010-11-07T02:30:00Z to 2010-11-08T03:30:00Z"},
    {"the day before a date that is skipped", "Pacific/Apia", WindowSize::day, "2011-12-30T09:59:59Z",
     "2011-12-29T10:00:00Z to 2011-12-30T10:00:00Z"},
    {"the day after it", "Pacific/Apia", WindowSize::day, "2011-12-30T10:00:00Z",
     "2011-12-30T10:00:00Z to 2011-12-31T10:00:00Z"},
    {"a month with a change of clocks", "America/New_York", WindowSize::month, "2026-03-31T23:59:59Z",
     "2026-03-01T05:00:00Z to 2026-04-01T04:00:00Z"},
    {"a month that has begun here but not in UTC", "Pacific/Kiritimati", WindowSize::month, "2026-12-31T10:00:00Z",
     "2026-12-31T10:00:00Z to 2027-01-31T10:00:00Z"},
    {"an hour that begins at a quarter past, as UTC counts", "Asia/Kathmandu", WindowSize::hour, "2026-05-05T10:00:00Z",
     "2026-05-05T09:15:00Z to 2026-05-05T10:15:00Z"},
    {"an hour for the first time", "Europe/Berlin", WindowSize::hour, "2026-10-25T00:30:00Z",
     "2026-10-25T00:00:00Z to 2026-10-25T01:00:00Z"},
    {"the same hour again", "Europe/Berlin", WindowSize::hour, "2026-10-25T01:30:00Z",
     "2026-10-25T01:00:00Z to 2026-10-25T02:00:00Z"},
    {"half of an hour again", "Australia/Lord_Howe", WindowSize::hour, "2026-04-04T15:00:00Z",
     "2026-04-04T15:00:00Z to 2026-04-04T15:30:00Z"},
    {"the half of an hour that is not skipped", "Australia/Lord_Howe", WindowSize::hour, "2026-10-03T15:45:00Z",
     "2026-10-03T15:30:00Z to 2026-10-03T16:00:00Z"},
    {"a minute by an offset with seconds", "Africa/Monrovia", WindowSize::minute, "1971-01-01T00:00:00Z",
     "1970-12-31T23:59:30Z to 1971-01-01T00:00:30Z"},
    {"a day of the far future", "Europe/Berlin", WindowSize::day, "9998-07-01T12:00:00Z",
     "9998-06-30T22:00:00Z to 9998-07-01T22:00:00Z"},
};

BOOST_DATA_TEST_CASE(windows_of_zones, kZoneWindows, row) {
  const TimeZone zone = *TimeZone::find(row.zone);
  BOOST_TEST(text_of(window_containing(row.size, zone, *parse_instant(row.at))) == row.window);
}

/// Bounds that cannot be written, which queries cut off.
BOOST_AUTO_TEST_CASE(windows_reach_beyond_both_ends_of_time) {
  for (const char* name : {"UTC", "Europe/Berlin", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kolkata"}) {
    const TimeZone zone = *TimeZone::find(name);
    for (const WindowSize size : kSizes) {
      BOOST_TEST(window_containing(size, zone, kFirstInstant).contains(kFirstInstant));
      BOOST_TEST(window_containing(size, zone, kLastInstant).contains(kLastInstant));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_split_covers_the_period_in_order_without_gaps) {
  std::mt19937_64 random(12);
  for (int i = 0; i < 20'000; ++i) {
    const std::int64_t from = random_instant(random);
    const std::int64_t to = from + static_cast<std::int64_t>(random() % (std::uint64_t{1} << (random() % 38)));
    for (const Grain coarsest : {Grain::event, Grain::minute, Grain::hour, Grain::day}) {
      std::int64_t reached = from;
      std::size_t uncut = 0;
      for (const Span& span : split({{from}, {to}}, coarsest)) {
        BOOST_REQUIRE_EQUAL(span.period.from.ms, reached);
        BOOST_REQUIRE(span.period.to > span.period.from);
        BOOST_REQUIRE(span.grain <= coarsest);
        BOOST_REQUIRE(rollup_start(span.grain, span.period.from) == span.period.from);
        BOOST_REQUIRE(rollup_start(span.grain, span.period.to) == span.period.to);
        if (span.grain == Grain::event && coarsest != Grain::event)
          uncut += span.period.to.ms - span.period.from.ms >= 120'000;
        reached = span.period.to.ms;
      }
      BOOST_REQUIRE_EQUAL(reached, to);
      BOOST_REQUIRE_EQUAL(uncut, 0U);
    }
  }
}

std::string described(const std::vector<Span>& spans) {
  std::string text;
  for (const Span& span : spans) {
    text += "emhd"[static_cast<int>(span.grain)] +
            std::to_string((span.period.to.ms - span.period.from.ms) / width_ms(span.grain)) + ' ';
  }
  return text;
}

Period period(const char* from, const char* to) { return {*parse_instant(from), *parse_instant(to)}; }

BOOST_AUTO_TEST_CASE(a_split_takes_the_coarsest_rollups_that_fit) {
  BOOST_TEST(described(split(period("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"), Grain::day)) == "d31 ");
  BOOST_TEST(described(split(period("2026-01-15T12:00:00Z", "2026-02-15T12:00:00Z"), Grain::day)) == "h12 d30 h12 ");
  BOOST_TEST(described(split(period("2026-01-15T10:30:15.250Z", "2026-02-15T10:30:15.250Z"), Grain::day)) ==
             "e44750 m29 h13 d30 h10 m30 e15250 ");
  BOOST_TEST(described(split(period("2026-01-15T10:30:15Z", "2026-01-15T10:30:45Z"), Grain::day)) == "e30000 ");
  BOOST_TEST(described(split(period("2026-01-15T10:30:30Z", "2026-01-15T10:31:30Z"), Grain::day)) == "e60000 ");
  BOOST_TEST(described(split(period("2026-01-15T10:30:00Z", "2026-01-15T11:30:00Z"), Grain::hour)) == "m60 ");
  BOOST_TEST(described(split(period("2026-01-15T00:00:00Z", "2026-01-17T00:00:00Z"), Grain::minute)) == "m2880 ");
  BOOST_TEST(described(split(period("2026-01-15T00:00:00Z", "2026-01-15T00:00:00Z"), Grain::day)).empty());
}

}  // namespace
}  // namespace tollgate::metering
