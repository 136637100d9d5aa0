#include "metering/window.h"

#include "base/divide.h"

#include <algorithm>

namespace tollgate::metering {
namespace {

constexpr std::int64_t kMsPerMinute = 60'000;

/// The date with which a day or a month begins, and the one with which the next begins.
struct Dates {
  Date first;
  Date next;
};

Dates dates_around(WindowSize size, Date date) {
  if (size == WindowSize::day) return {date, date_from_days(days_from_date(date) + 1)};
  const bool december = date.month == 12;
  return {{date.year, date.month, 1}, {december ? date.year + 1 : date.year, december ? 1 : date.month + 1, 1}};
}

/// A day or a month.
Period date_window(WindowSize size, const TimeZone& zone, Instant at) {
  Dates dates = dates_around(size, date_of(zone.local_time(at)));
  // Where clocks go back over midnight, the evening comes again after the next date has begun.
  Instant next = zone.first_showing(midnight(dates.next));
  while (next <= at) {
    dates = dates_around(size, dates.next);
    next = zone.first_showing(midnight(dates.next));
  }
  return {zone.first_showing(midnight(dates.first)), next};
}

/// A minute or an hour.
Period clock_window(std::int64_t width, const TimeZone& zone, Instant at) {
  const TimeZone::Stretch stretch = zone.stretch_containing(at);
  const Instant from{div_floor(at.ms + stretch.offset_ms, width) * width - stretch.offset_ms};
  return {std::max(from, stretch.period.from), std::min(Instant{from.ms + width}, stretch.period.to)};
}

void split_into(Period period, Grain grain, std::vector<Span>& spans) {
  if (period.from >= period.to) return;
  if (grain == Grain::event) {
    spans.push_back({grain, period});
    return;
  }
  const Instant last = rollup_start(grain, period.to);
  const Instant first = {-rollup_start(grain, {-period.from.ms}).ms};  // rounded up
  if (first >= last) {
    split_into(period, finer(grain), spans);
    return;
  }
  split_into({period.from, first}, finer(grain), spans);
  spans.push_back({grain, {first, last}});
  split_into({last, period.to}, finer(grain), spans);
}

}  // namespace

Period window_containing(WindowSize size, const TimeZone& zone, Instant at) {
  const Grain grain = coarsest_within(size);
  return grain == Grain::day ? date_window(size, zone, at) : clock_window(width_ms(grain), zone, at);
}

std::int64_t width_ms(Grain grain) {
  switch (grain) {
    case Grain::event: break;
    case Grain::minute: return kMsPerMinute;
    case Grain::hour: return kMsPerHour;
    case Grain::day: return kMsPerDay;
  }
  return 1;
}

Instant rollup_start(Grain grain, Instant at) {
  const std::int64_t width = width_ms(grain);
  return {div_floor(at.ms, width) * width};
}

Grain coarsest_within(WindowSize size) {
  switch (size) {
    case WindowSize::minute: return Grain::minute;
    case WindowSize::hour: return Grain::hour;
    case WindowSize::day:
    case WindowSize::month: break;
  }
  return Grain::day;
}

std::vector<Span> split(Period period, Grain coarsest) {
  std::vector<Span> spans;
  split_into(period, coarsest, spans);
  return spans;
}

}  // namespace tollgate::metering
