#pragma once

#include "calendar/period.h"
#include "json/object_reader.h"

#include <cstdint>
#include <optional>

namespace tollgate::control {

/// When something about a subscription happens (S7.7).
struct Timing {
  enum class Kind : std::uint8_t { immediate, next_billing_cycle, at };

  Kind kind = Kind::immediate;
  Instant at;  ///< meaningful for `at`
};

/// Reads the optional member `timing`: `immediate`, `next_billing_cycle`, or a time that is not past.
std::optional<Timing> read_timing(json::ObjectReader& fields, Instant now);

/// The moment that is meant. `anchor` and `cadence` are those of the billing cycle; nothing where its end lies beyond
/// the calendar.
std::optional<Instant> moment_of(const Timing& timing, Instant now, Instant anchor, Cadence cadence);

}  // namespace tollgate::control
