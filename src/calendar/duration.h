#pragma once

#include "calendar/instant.h"

#include <cstdint>
#include <string_view>

namespace tollgate {

/// A span of time as ISO 8601 writes it: `P1Y2M`, `P14D`, `PT90S`. Years are held as months; weeks, days, hours and
/// minutes as milliseconds, since UTC has no days of another length. Never negative.
struct Duration {
  std::int64_t months = 0;
  std::int64_t ms = 0;

  friend constexpr bool operator==(const Duration&, const Duration&) = default;
};

enum class DurationError : std::uint8_t {
  malformed,     ///< not of the form `PnYnMnWnDTnHnMnS` with at least one part, whole numbers, units in this order
  out_of_range,  ///< a part has more than six digits, or the sum would leave the years 0000 to 9999
};

Result<Duration, DurationError> parse_duration(std::string_view text);

/// `at` moved on: first by the months, with the day clamped to the length of the month it lands in, then by the rest.
Result<Instant, DurationError> add(Instant at, const Duration& duration);

}  // namespace tollgate
