#pragma once

#include "calendar/period.h"
#include "calendar/time_zone.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tollgate::metering {

/// The windows of a query (S3.3), aligned to the clocks of a time zone.
enum class WindowSize : std::uint8_t { minute, hour, day, month };

/// As queries name them, in the order of the enumeration.
inline constexpr std::string_view kWindowSizeNames[] = {"MINUTE", "HOUR", "DAY", "MONTH"};
constexpr std::string_view name(WindowSize size) { return kWindowSizeNames[static_cast<std::size_t>(size)]; }

/// The window that contains `at`. Windows of one size and zone are half-open, never overlap and leave nothing out.
///
/// A day or a month begins when clocks first show its midnight or, where that is skipped, anything later: days have 23,
/// 25 or 23.5 hours where clocks change, and a date that is skipped has no window. Minutes and hours are those of the
/// clock: one that comes twice is two windows, and one that a change of clocks cuts is shorter.
///
/// Bounds may lie outside of what RFC 3339 can write where `at` is within a month of it.
Period window_containing(WindowSize size, const TimeZone& zone, Instant at);

/// How finely rolled up a stretch of usage is read. Rollups of a coarser grain are sums of those of the finer one.
enum class Grain : std::uint8_t {
  event,  ///< not rolled up: the events themselves
  minute,
  hour,
  day,
};

/// Milliseconds of a rollup; 1 for events.
std::int64_t width_ms(Grain grain);

/// The next finer grain of one that is not `event`.
constexpr Grain finer(Grain grain) { return static_cast<Grain>(static_cast<std::uint8_t>(grain) - 1); }

/// The start of the rollup that contains `at`.
Instant rollup_start(Grain grain, Instant at);

/// The coarsest grain whose rollups can lie within one window. In UTC all do; in other zones those that do not have to
/// be read at a finer one.
Grain coarsest_within(WindowSize size);

/// A stretch to be read at one grain; its ends are multiples of the grain.
struct Span {
  Grain grain = Grain::event;
  Period period;
};

/// Cuts a period into the fewest rollups: the coarsest ones in the middle, finer ones towards both ends, events within
/// the broken minutes. In the order of time; a month from noon to noon is 12 hours, 29 or so days, 12 hours.
std::vector<Span> split(Period period, Grain coarsest);

}  // namespace tollgate::metering
