#pragma once

#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tollgate {

/// A moment: milliseconds since 1970-01-01T00:00:00Z, without leap seconds. Years 0000 to 9999.
struct Instant {
  std::int64_t ms = 0;

  friend constexpr bool operator==(Instant, Instant) = default;
  friend constexpr auto operator<=>(Instant, Instant) = default;
};

inline constexpr std::int64_t kMsPerSecond = 1'000;
inline constexpr std::int64_t kMsPerHour = 3'600'000;
inline constexpr std::int64_t kMsPerDay = 86'400'000;

/// 0000-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z: what RFC 3339 can write.
inline constexpr Instant kFirstInstant{-62'167'219'200'000};
inline constexpr Instant kLastInstant{253'402'300'799'999};

enum class InstantError : std::uint8_t {
  malformed,     ///< not of RFC 3339's form `2026-01-15T10:00:00[.123](Z|+02:00)`
  out_of_range,  ///< the 30th of February, hour 25, second 61, or a year beyond 0000-9999
};

/// Reads RFC 3339 with any offset. Digits beyond the millisecond are dropped; a leap second (23:59:60 UTC) is counted
/// as the first second of the next day.
Result<Instant, InstantError> parse_instant(std::string_view text);

/// `2026-01-15T10:00:00Z`, with `.123` only where the milliseconds are not zero.
inline constexpr std::size_t kInstantText = 24;
/// Writes at most `kInstantText` characters and returns how many. The instant must lie in the years 0000 to 9999.
std::size_t write_instant(Instant at, char* to);

/// The days since 1970-01-01 of a date of the proleptic Gregorian calendar, and back.
struct Date {
  std::int32_t year = 1970;
  std::int32_t month = 1;  ///< 1-12
  std::int32_t day = 1;    ///< 1-31

  friend constexpr bool operator==(Date, Date) = default;
};
std::int64_t days_from_date(Date date);
Date date_from_days(std::int64_t days);
std::int32_t days_in_month(std::int32_t year, std::int32_t month);

}  // namespace tollgate
