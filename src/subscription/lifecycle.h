#pragma once

#include "calendar/instant.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace tollgate::subscription {

/// Computed from the two dates and now, never stored (S7.1).
enum class Status : std::uint8_t {
  active,     ///< in effect, no end scheduled
  canceled,   ///< in effect, ends later
  inactive,   ///< ended, or canceled before it began
  scheduled,  ///< begins later
};
inline constexpr std::string_view kStatusNames[] = {"active", "canceled", "inactive", "scheduled"};

constexpr std::string_view name(Status status) { return kStatusNames[static_cast<std::size_t>(status)]; }

/// The end itself no longer belongs to the subscription; the beginning does.
constexpr Status status_at(Instant active_from, std::optional<Instant> active_to, Instant now) {
  if (active_to.has_value() && (*active_to <= now || *active_to <= active_from)) return Status::inactive;
  if (now < active_from) return Status::scheduled;
  return active_to.has_value() ? Status::canceled : Status::active;
}

constexpr bool has_access(Status status) { return status == Status::active || status == Status::canceled; }

}  // namespace tollgate::subscription
