#include "subscription/balance.h"

#include <algorithm>

namespace tollgate::subscription {

Balance balance_of(const catalog::EntitlementTemplate& entitlement, std::span<const Quantity> usages) {
  TOLLGATE_ASSERT(!usages.empty());
  const Quantity grant = entitlement.issue_after_reset.value_or(Quantity());
  Balance result;
  Quantity carried;
  for (Quantity usage : usages) {
    result.usage = usage;
    result.balance = grant.minus(usage).minus(carried);
    result.overage = std::max(Quantity(), Quantity().minus(result.balance));
    carried = entitlement.preserve_overage_at_reset ? result.overage : Quantity();
  }
  result.has_access = entitlement.is_soft_limit || result.balance.positive();
  return result;
}

}  // namespace tollgate::subscription
