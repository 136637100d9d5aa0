#include "calendar/period.h"

#include "base/divide.h"
#include "base/text.h"

namespace tollgate {
namespace {

constexpr std::int32_t kMaxCount = 1'000;
constexpr std::int64_t kMonthsPerYear = 12;

bool in_range(Instant at) { return kFirstInstant <= at && at <= kLastInstant; }

Instant moved_by_months(Instant anchor, std::int64_t months) {
  const Date date = date_from_days(div_floor(anchor.ms, kMsPerDay));
  const std::int64_t month = date.year * kMonthsPerYear + date.month - 1 + months;
  Date moved{static_cast<std::int32_t>(div_floor(month, kMonthsPerYear)),
             static_cast<std::int32_t>(mod_floor(month, kMonthsPerYear)) + 1, date.day};
  const std::int32_t last = days_in_month(moved.year, moved.month);
  if (moved.day > last) moved.day = last;
  return {days_from_date(moved) * kMsPerDay + mod_floor(anchor.ms, kMsPerDay)};
}

std::int64_t month_number(Instant at) {
  const Date date = date_from_days(div_floor(at.ms, kMsPerDay));
  return date.year * kMonthsPerYear + date.month;
}

Period months_containing(Instant anchor, std::int64_t count, Instant at) {
  // The bound in the last month of the recurrence that is not after the month of `at`; it may lie later in that month.
  std::int64_t months = div_floor(month_number(at) - month_number(anchor), count) * count;
  if (moved_by_months(anchor, months) > at) months -= count;
  return {moved_by_months(anchor, months), moved_by_months(anchor, months + count)};
}

Period spans_containing(Instant anchor, std::int64_t span_ms, Instant at) {
  const std::int64_t from = anchor.ms + div_floor(at.ms - anchor.ms, span_ms) * span_ms;
  return {{from}, {from + span_ms}};
}

}  // namespace

Result<Cadence, CadenceError> parse_cadence(std::string_view text) {
  const auto take = [&](char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
  };
  if (!take('P')) return fail(CadenceError::unsupported);
  const bool hours = take('T');
  std::int32_t count = 0;
  while (!text.empty() && is_digit(text.front()) && count <= kMaxCount) {
    count = count * 10 + (text.front() - '0');
    text.remove_prefix(1);
    if (count == 0) return fail(CadenceError::unsupported);
  }
  if (count < 1 || count > kMaxCount || text.size() != 1) return fail(CadenceError::unsupported);
  if (hours && text != "H") return fail(CadenceError::unsupported);
  switch (text.front()) {
    case 'H':
      if (!hours) return fail(CadenceError::unsupported);
      return Cadence{Cadence::Unit::hour, count};
    case 'D': return Cadence{Cadence::Unit::day, count};
    case 'W': return Cadence{Cadence::Unit::day, count * 7};
    case 'M': return Cadence{Cadence::Unit::month, count};
    case 'Y': return Cadence{Cadence::Unit::month, count * static_cast<std::int32_t>(kMonthsPerYear)};
    default: return fail(CadenceError::unsupported);
  }
}

Result<Instant, PeriodError> add_months(Instant at, std::int64_t months) {
  constexpr std::int64_t kMostMonths = 10'000 * kMonthsPerYear;
  if (!in_range(at) || months > kMostMonths || months < -kMostMonths) return fail(PeriodError::out_of_range);
  const Instant moved = moved_by_months(at, months);
  if (!in_range(moved)) return fail(PeriodError::out_of_range);
  return moved;
}

Result<Period, PeriodError> period_containing(Instant anchor, Cadence cadence, Instant at) {
  TOLLGATE_ASSERT(cadence.count >= 1);
  if (!in_range(anchor) || !in_range(at)) return fail(PeriodError::out_of_range);
  const Period period =
      cadence.unit == Cadence::Unit::month
          ? months_containing(anchor, cadence.count, at)
          : spans_containing(anchor, cadence.count * (cadence.unit == Cadence::Unit::day ? kMsPerDay : kMsPerHour), at);
  if (!in_range(period.from) || !in_range(period.to)) return fail(PeriodError::out_of_range);
  return period;
}

}  // namespace tollgate
