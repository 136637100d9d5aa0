#include "control/prepaid_usage.h"

#include "base/limits.h"
#include "control/grant_store.h"

#include <algorithm>

namespace tollgate::control {
namespace {

Instant end_of(const StoredSubscription& subscription, const subscription::PhaseSpan& phase) {
  const Instant end = std::min(phase.to.value_or(kLastInstant), subscription.active_to.value_or(kLastInstant));
  return std::max(phase.from, end);
}

billing::Allowance allowance_of(const catalog::EntitlementTemplate& entitlement, const subscription::PhaseSpan& phase,
                                Period period) {
  const bool carries = entitlement.preserve_overage_at_reset && phase.from < period.from;
  return {period, *entitlement.issue_after_reset, entitlement.resets ? billing::kAllowanceFirst : 0, carries};
}

}  // namespace

Result<Period, PeriodError> period_around(const StoredSubscription& subscription,
                                          const catalog::EntitlementTemplate& entitlement,
                                          const subscription::PhaseSpan& phase, Instant at) {
  if (!entitlement.resets) return Period{phase.from, end_of(subscription, phase)};
  const auto& cadence = entitlement.usage_period.value_or(subscription.plan.plan.billing_cadence).cadence;
  return subscription::usage_period(subscription.billing_anchor, cadence, phase, subscription.active_to, at);
}

const catalog::EntitlementTemplate* hard_limit(const catalog::Phase& phase, std::string_view feature_key) {
  for (const catalog::RateCard& card : phase.rate_cards) {
    if (card.key != feature_key || !card.entitlement.has_value()) continue;
    const catalog::EntitlementTemplate& entitlement = *card.entitlement;
    const bool is_hard = entitlement.type == catalog::EntitlementType::metered && !entitlement.is_soft_limit;
    return is_hard ? &entitlement : nullptr;
  }
  return nullptr;
}

billing::Prepaid prepaid_of(Sql& sql, const StoredSubscription& subscription, std::string_view feature_key,
                            Instant at) {
  billing::Prepaid prepaid;
  Instant since = at;
  for (const StoredGrant& grant : grants_of(sql, subscription.id, feature_key)) {
    prepaid.grants.push_back(grant.burnable());
    since = std::min(since, grant.effective_at);
  }
  since = std::max(since, subscription.active_from);
  while (prepaid.allowances.size() < limits::kMaxBurnPeriods) {
    const subscription::PhaseSpan phase = subscription.phase(at);
    const auto* entitlement = hard_limit(subscription.plan.plan.phases[phase.index], feature_key);
    Instant from = phase.from;
    bool carries = false;
    if (entitlement != nullptr) {
      const auto period = period_around(subscription, *entitlement, phase, at);
      if (!period.ok()) break;
      prepaid.allowances.push_back(allowance_of(*entitlement, phase, *period));
      from = period->from;
      carries = prepaid.allowances.back().carries_overdraft;
    }
    if (from <= since && !carries) break;
    at = {from.ms - 1};
  }
  std::reverse(prepaid.allowances.begin(), prepaid.allowances.end());
  return prepaid;
}

}  // namespace tollgate::control
