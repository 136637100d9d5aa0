#pragma once

#include "base/quantity.h"
#include "catalog/entitlement.h"

#include <span>

namespace tollgate::subscription {

/// What a metered entitlement is worth at some moment (S2.5, S7.5).
struct Balance {
  Quantity balance;  ///< what is left of the period's grant; negative when more was used
  Quantity usage;    ///< consumed in the period
  Quantity overage;  ///< consumed past the allowance
  bool has_access = false;
};

/// Balance = grant of the period − usage of the period − overage carried over from earlier periods, where the template
/// preserves it. `usages` holds the usage of consecutive periods, the current one last; at least one.
/// A soft limit always has access; a hard one while something is left.
Balance balance_of(const catalog::EntitlementTemplate& entitlement, std::span<const Quantity> usages);

}  // namespace tollgate::subscription
