#include "metering/window.h"

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
      const Period window = window_containing(size, {at});
      BOOST_REQUIRE(window.contains({at}));
      BOOST_REQUIRE_EQUAL(window.from.ms, window_start(size, at));
      BOOST_REQUIRE_EQUAL(window_start(size, window.to.ms - 1), window.from.ms);
      BOOST_REQUIRE_EQUAL(window_start(size, window.to.ms), window.to.ms);
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
