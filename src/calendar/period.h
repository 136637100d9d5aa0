#pragma once

#include "calendar/instant.h"

#include <cstdint>
#include <string_view>

namespace tollgate {

enum class CadenceError : std::uint8_t {
  unsupported,  ///< not one of the cadences of S7.3 or another duration of one unit between 1 and 1 000
};

/// A recurrence of one unit, as ISO 8601 writes it: `PT1H`, `P1D`, `P2W`, `P1M`, `P1Y`. Years are held as months, weeks
/// as days, days as hours are not: hours never depend on the calendar, days in UTC do not either, months do.
struct Cadence {
  enum class Unit : std::uint8_t { hour, day, month };

  Unit unit = Unit::month;
  std::int32_t count = 1;

  friend constexpr bool operator==(Cadence, Cadence) = default;
};

Result<Cadence, CadenceError> parse_cadence(std::string_view text);

/// Half-open: `from` belongs to it, `to` does not (invariant T1).
struct Period {
  Instant from;
  Instant to;

  constexpr bool contains(Instant at) const { return from <= at && at < to; }
  friend constexpr bool operator==(Period, Period) = default;
};

enum class PeriodError : std::uint8_t {
  out_of_range,  ///< the period would leave the years 0000 to 9999
};

/// `at` moved by `months`, at its own time of day, its day clamped to the length of the month it lands in.
Result<Instant, PeriodError> add_months(Instant at, std::int64_t months);

/// The period of the recurrence that contains `at`: bounds are anchor + n × cadence for a whole n, which may be
/// negative; in months, the anchor's day is clamped to the length of the month and returns where the month has it (S8).
Result<Period, PeriodError> period_containing(Instant anchor, Cadence cadence, Instant at);

}  // namespace tollgate
