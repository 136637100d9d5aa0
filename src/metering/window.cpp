#include "metering/window.h"

#include "base/divide.h"

namespace tollgate::metering {
namespace {

constexpr std::int64_t kMsPerMinute = 60'000;
constexpr std::int64_t kMsPerHour = 3'600'000;

Instant first_of_month(std::int32_t year, std::int32_t month) { return {days_from_date({year, month, 1}) * kMsPerDay}; }

Period month_containing(Instant at) {
  const Date date = date_from_days(div_floor(at.ms, kMsPerDay));
  const bool december = date.month == 12;
  return {first_of_month(date.year, date.month),
          first_of_month(december ? date.year + 1 : date.year, december ? 1 : date.month + 1)};
}

void split_into(Period period, Grain grain, std::vector<Span>& spans) {
  if (period.from >= period.to) return;
  if (grain == Grain::event) {
    spans.push_back({grain, period});
    return;
  }
  const auto finer = static_cast<Grain>(static_cast<std::uint8_t>(grain) - 1);
  const Instant last = rollup_start(grain, period.to);
  const Instant first = {-rollup_start(grain, {-period.from.ms}).ms};  // rounded up
  if (first >= last) {
    split_into(period, finer, spans);
    return;
  }
  split_into({period.from, first}, finer, spans);
  spans.push_back({grain, {first, last}});
  split_into({last, period.to}, finer, spans);
}

}  // namespace

Period window_containing(WindowSize size, Instant at) {
  if (size == WindowSize::month) return month_containing(at);
  const Grain grain = coarsest_within(size);
  const Instant from = rollup_start(grain, at);
  return {from, {from.ms + width_ms(grain)}};
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
