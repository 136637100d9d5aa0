#pragma once

#include "calendar/period.h"
#include "catalog/plan.h"

#include <cstddef>
#include <optional>

namespace tollgate::billing {

/// A subscription as billing sees it: the version of the plan that it is on, and its dates. The plan belongs to
/// somebody else and outlives this.
struct Subscription {
  const catalog::Plan* plan = nullptr;
  std::size_t starting_phase = 0;  ///< of `plan->phases`
  Instant active_from;
  std::optional<Instant> active_to;  ///< its end, scheduled or past
  Instant billing_anchor;
};

}  // namespace tollgate::billing
