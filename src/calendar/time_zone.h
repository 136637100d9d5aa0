#pragma once

#include "base/result.h"
#include "calendar/period.h"

#include <cstdint>
#include <string_view>

namespace tollgate {

namespace zone_table {
struct History;
}

/// What a clock on the wall shows: milliseconds since 1970-01-01T00:00 of the clock itself. The same reading may come
/// twice, and some never come.
struct LocalTime {
  std::int64_t ms = 0;

  friend constexpr bool operator==(LocalTime, LocalTime) = default;
  friend constexpr auto operator<=>(LocalTime, LocalTime) = default;
};

/// The reading at midnight, with which a date begins.
LocalTime midnight(Date date);
Date date_of(LocalTime local);

enum class TimeZoneError : std::uint8_t {
  unknown,  ///< no name of the IANA database; names count with their case
};

/// A time zone of the IANA database, UTC by default. A small value that refers to constants.
///
/// Offsets are exact from 1970 on, by the rules in force at the time of the database also for the far future. Before
/// 1970 the offset of its first moment holds: no usage is that old.
class TimeZone {
 public:
  constexpr TimeZone() = default;

  /// `Europe/Berlin`, `UTC`, or an alias such as `Asia/Calcutta`.
  static Result<TimeZone, TimeZoneError> find(std::string_view name);

  /// As it was asked for.
  std::string_view name() const { return name_; }

  /// A stretch without a change of offset, as long as it can be; what has no bound reaches beyond what RFC 3339 can
  /// write.
  struct Stretch {
    std::int64_t offset_ms = 0;  ///< local time less UTC: positive in the east
    Period period;
  };
  Stretch stretch_containing(Instant at) const;

  LocalTime local_time(Instant at) const { return {at.ms + stretch_containing(at).offset_ms}; }

  /// The first instant at which the clock shows `local` or later. A reading that comes twice means the first time; one
  /// that is skipped means the end of the gap. Never falls as `local` rises.
  Instant first_showing(LocalTime local) const;

 private:
  TimeZone(std::string_view name, const zone_table::History& history) : name_(name), history_(&history) {}

  std::string_view name_ = "UTC";
  const zone_table::History* history_ = nullptr;  ///< none: offset zero for all time
};

}  // namespace tollgate
