#pragma once

#include <cstdint>
#include <span>
#include <string_view>

/// The IANA time zone database as constants, made when the project is built (scripts/cmake/zone_table.mjs). Only
/// time_zone.cpp reads it. Offsets are seconds east of UTC.
namespace tollgate::zone_table {

/// When an offset changes in every year: on the first to fourth, or for 5 the last, such day of a month.
struct Yearly {
  std::uint8_t month = 0;    ///< 1-12; 0: never
  std::uint8_t week = 0;     ///< 1-5
  std::uint8_t weekday = 0;  ///< 0 is Sunday
  /// After midnight of that day, by the offset that ends. May be negative or longer than a day.
  std::int32_t seconds = 0;
};

/// What holds after the last recorded change: two offsets in turn, or `standard` for good.
struct Rule {
  std::int32_t standard = 0;
  std::int32_t summer = 0;
  Yearly summer_begins;
  Yearly summer_ends;
};

/// The offsets of one zone since 1970.
struct History {
  std::uint16_t first_change = 0;  ///< place in `change_times` and `change_offsets`
  std::uint16_t changes = 0;
  std::uint8_t initial_offset = 0;  ///< place in `offsets`: until the first change
  std::uint8_t rule = 0;            ///< place in `rules`: from the last change on
};

struct Name {
  std::string_view name;
  std::uint16_t history = 0;  ///< place in `histories`; aliases share one
};

/// Seconds since 1970, rising within one history.
std::span<const std::uint32_t> change_times();
/// Places in `offsets`, of the offset in force from the change on.
std::span<const std::uint8_t> change_offsets();
std::span<const std::int32_t> offsets();
std::span<const Rule> rules();
std::span<const History> histories();
/// Sorted by their bytes.
std::span<const Name> names();

}  // namespace tollgate::zone_table
