#include "calendar/time_zone.h"

#include "base/divide.h"
#include "calendar/time_zone_table.h"

#include <algorithm>
#include <limits>

namespace tollgate {
namespace {

using zone_table::History;
using zone_table::Rule;
using zone_table::Yearly;

constexpr std::int64_t kSecondsPerDay = kMsPerDay / kMsPerSecond;
constexpr std::int32_t kDaysPerWeek = 7;
constexpr std::int32_t kThursday = 4;  // the first day of 1970
constexpr Period kForever{{std::numeric_limits<std::int64_t>::min()}, {std::numeric_limits<std::int64_t>::max()}};

std::int64_t offset_ms(std::int32_t seconds) { return seconds * kMsPerSecond; }

/// When the clock is changed in a year. `offset_s` is the offset that ends.
Instant change_in(std::int32_t year, const Yearly& yearly, std::int32_t offset_s) {
  const std::int64_t first = days_from_date({year, yearly.month, 1});
  const std::int64_t first_weekday = mod_floor<std::int64_t>(first + kThursday, kDaysPerWeek);
  std::int64_t day = mod_floor<std::int64_t>(yearly.weekday - first_weekday, kDaysPerWeek) + 1;
  day += kDaysPerWeek * (yearly.week - 1);
  if (day > days_in_month(year, yearly.month)) day -= kDaysPerWeek;
  return {((first + day - 1) * kSecondsPerDay + yearly.seconds - offset_s) * kMsPerSecond};
}

TimeZone::Stretch stretch_by(const Rule& rule, Instant at) {
  TimeZone::Stretch stretch{offset_ms(rule.standard), kForever};
  if (rule.summer_begins.month == 0) return stretch;
  const std::int32_t year = date_from_days(div_floor(at.ms, kMsPerDay)).year;
  // A change in the first hours of a year may lie in the year before, as UTC counts, and the other way round.
  for (const std::int32_t around : {year - 1, year, year + 1}) {
    for (const bool summer : {true, false}) {
      const Instant change = summer ? change_in(around, rule.summer_begins, rule.standard)
                                    : change_in(around, rule.summer_ends, rule.summer);
      if (change > at) {
        stretch.period.to = std::min(stretch.period.to, change);
      } else if (change > stretch.period.from) {
        stretch.period.from = change;
        stretch.offset_ms = offset_ms(summer ? rule.summer : rule.standard);
      }
    }
  }
  return stretch;
}

TimeZone::Stretch stretch_of(const History& history, Instant at) {
  const auto times = zone_table::change_times().subspan(history.first_change, history.changes);
  const auto offsets = zone_table::change_offsets().subspan(history.first_change, history.changes);
  const auto instant = [&](std::size_t change) { return Instant{times[change] * kMsPerSecond}; };
  const auto later = std::upper_bound(times.begin(), times.end(), div_floor(at.ms, kMsPerSecond),
                                      [](std::int64_t seconds, std::uint32_t time) { return seconds < time; });
  const auto passed = static_cast<std::size_t>(later - times.begin());
  if (passed == times.size()) {
    TimeZone::Stretch stretch = stretch_by(zone_table::rules()[history.rule], at);
    if (passed > 0) stretch.period.from = std::max(stretch.period.from, instant(passed - 1));
    return stretch;
  }
  const std::uint8_t offset = passed == 0 ? history.initial_offset : offsets[passed - 1];
  const Instant from = passed == 0 ? kForever.from : instant(passed - 1);
  return {offset_ms(zone_table::offsets()[offset]), {from, instant(passed)}};
}

}  // namespace

LocalTime midnight(Date date) { return {days_from_date(date) * kMsPerDay}; }

Date date_of(LocalTime local) { return date_from_days(div_floor(local.ms, kMsPerDay)); }

Result<TimeZone, TimeZoneError> TimeZone::find(std::string_view name) {
  const auto names = zone_table::names();
  const auto found = std::lower_bound(names.begin(), names.end(), name,
                                      [](const auto& entry, std::string_view wanted) { return entry.name < wanted; });
  if (found == names.end() || found->name != name) return fail(TimeZoneError::unknown);
  return TimeZone(found->name, zone_table::histories()[found->history]);
}

TimeZone::Stretch TimeZone::stretch_containing(Instant at) const {
  return history_ == nullptr ? Stretch{0, kForever} : stretch_of(*history_, at);
}

Instant TimeZone::first_showing(LocalTime local) const {
  // No clock is a day ahead of UTC, so a day before, none has shown as much yet.
  Stretch stretch = stretch_containing({local.ms - kMsPerDay});
  while (stretch.period.to.ms <= local.ms - stretch.offset_ms) stretch = stretch_containing(stretch.period.to);
  return std::max(stretch.period.from, Instant{local.ms - stretch.offset_ms});
}

}  // namespace tollgate
