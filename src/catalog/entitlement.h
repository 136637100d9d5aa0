#pragma once

#include "base/quantity.h"
#include "calendar/period.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tollgate::catalog {

enum class EntitlementType : std::uint8_t { metered, boolean, static_config };
inline constexpr std::string_view kEntitlementTypeNames[] = {"metered", "boolean", "static"};

/// A cadence as it was written and what it means.
struct NamedCadence {
  std::string text;
  Cadence cadence;
};

/// What a rate card entitles its subscribers to (S7.5).
struct EntitlementTemplate {
  EntitlementType type = EntitlementType::boolean;
  std::string config;  ///< static: JSON
  /// Metered: what each period grants, or the phase where it does not reset. None only with a soft limit: nothing is
  /// included, and nothing is capped.
  std::optional<Quantity> issue_after_reset;
  bool resets = true;  ///< false: the phase grants once, at its beginning, and its usage counts all through it (S7.10)
  bool is_soft_limit = false;
  bool preserve_overage_at_reset = false;
  std::optional<NamedCadence> usage_period;  ///< none: the plan's billing cadence
};

}  // namespace tollgate::catalog
