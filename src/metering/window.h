#pragma once

#include "calendar/period.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tollgate::metering {

/// The windows of a query (S3.3), aligned to UTC.
enum class WindowSize : std::uint8_t { minute, hour, day, month };

/// As queries name them, in the order of the enumeration.
inline constexpr std::string_view kWindowSizeNames[] = {"MINUTE", "HOUR", "DAY", "MONTH"};
constexpr std::string_view name(WindowSize size) { return kWindowSizeNames[static_cast<std::size_t>(size)]; }

/// The window that contains `at`. Its end may be the first instant of the year 10000, which cannot be written.
Period window_containing(WindowSize size, Instant at);

/// How finely rolled up a stretch of usage is read. Rollups of a coarser grain are sums of those of the finer one.
enum class Grain : std::uint8_t {
  event,  ///< not rolled up: the events themselves
  minute,
  hour,
  day,
};

/// Milliseconds of a rollup; 1 for events.
std::int64_t width_ms(Grain grain);

/// The start of the rollup that contains `at`.
Instant rollup_start(Grain grain, Instant at);

/// The coarsest grain whose rollups each lie within one window.
Grain coarsest_within(WindowSize size);

/// A stretch to be read at one grain; its ends are multiples of the grain.
struct Span {
  Grain grain = Grain::event;
  Period period;
};

/// Cuts a period into the fewest rollups: the coarsest ones in the middle, finer ones towards both ends, events within the
/// broken minutes. In the order of time; a month from noon to noon is 12 hours, 29 or so days, 12 hours.
std::vector<Span> split(Period period, Grain coarsest);

}  // namespace tollgate::metering
