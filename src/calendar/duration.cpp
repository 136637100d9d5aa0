#include "calendar/duration.h"

#include "base/text.h"
#include "calendar/period.h"

#include <algorithm>
#include <array>

namespace tollgate {
namespace {

struct Unit {
  char letter;
  bool of_time;  ///< stands behind the `T`
  std::int64_t months;
  std::int64_t ms;
};

constexpr std::array<Unit, 7> kUnits = {{{'Y', false, 12, 0},
                                         {'M', false, 1, 0},
                                         {'W', false, 0, 7 * kMsPerDay},
                                         {'D', false, 0, kMsPerDay},
                                         {'H', true, 0, 3'600'000},
                                         {'M', true, 0, 60'000},
                                         {'S', true, 0, kMsPerSecond}}};
constexpr std::size_t kMaxDigits = 6;

/// The number at the front, taken off; nothing where there is none.
Result<std::int64_t, DurationError> take_number(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  const auto digits = static_cast<std::size_t>(end - text.begin());
  if (digits == 0) return fail(DurationError::malformed);
  if (digits > kMaxDigits) return fail(DurationError::out_of_range);
  std::int64_t number = 0;
  for (char c : text.substr(0, digits)) number = number * 10 + (c - '0');
  text.remove_prefix(digits);
  return number;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

Result<Duration, DurationError> parse_duration(std::string_view text) {
  if (!take(text, 'P') || text.empty()) return fail(DurationError::malformed);
  Duration duration;
  bool of_time = false;
  auto next = kUnits.begin();
  while (!text.empty()) {
    of_time = of_time || take(text, 'T');
    const auto number = take_number(text);
    if (!number.ok()) return fail(number.error());
    const auto unit = std::find_if(next, kUnits.end(), [&](const Unit& candidate) {
      return !text.empty() && candidate.letter == text.front() && candidate.of_time == of_time;
    });
    if (unit == kUnits.end()) return fail(DurationError::malformed);
    text.remove_prefix(1);
    duration.months += *number * unit->months;
    duration.ms += *number * unit->ms;
    next = unit + 1;
  }
  return duration;
}

Result<Instant, DurationError> add(Instant at, const Duration& duration) {
  const auto months = add_months(at, duration.months);
  if (!months.ok()) return fail(DurationError::out_of_range);
  const Instant moved{months->ms + duration.ms};
  if (moved > kLastInstant) return fail(DurationError::out_of_range);
  return moved;
}

}  // namespace tollgate
