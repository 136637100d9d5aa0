#include "control/usage/prepaid_usage.h"

#include "base/limits.h"
#include "control/usage/grant_store.h"
#include "control/usage/settled_store.h"

#include <algorithm>

namespace tollgate::control {
namespace {

Instant end_of(const StoredSubscription& subscription, const subscription::PhaseSpan& phase) {
  const Instant end = std::min(phase.to.value_or(kLastInstant), subscription.active_to.value_or(kLastInstant));
  return std::max(phase.from, end);
}

/// What a subscription says of a feature around some instant.
struct Stretch {
  const catalog::EntitlementTemplate* entitlement = nullptr;  ///< null: there is no hard limit in the phase
  Period period;                                              ///< around the instant; of no hard limit, the phase
  bool carries = false;                                       ///< overage of the period before

  billing::Allowance allowance() const {
    return {period, *entitlement->issue_after_reset, entitlement->resets ? billing::kAllowanceFirst : 0, carries};
  }
};

Stretch stretch_around(const StoredSubscription& subscription, std::string_view feature_key, Instant at) {
  const subscription::PhaseSpan phase = subscription.phase(at);
  const auto* entitlement = hard_limit(subscription.plan.plan.phases[phase.index], feature_key);
  const Stretch whole{nullptr, {phase.from, end_of(subscription, phase)}};
  if (entitlement == nullptr) return whole;
  const auto period = period_around(subscription, *entitlement, phase, at);
  if (!period.ok()) return whole;
  return {entitlement, *period, entitlement->preserve_overage_at_reset && phase.from < period->from};
}

/// Where the burn-down of what is used from `since` on begins; `settled` where it goes on from that.
Instant beginning_of(const StoredSubscription& subscription, std::string_view feature_key, Instant since,
                     const std::optional<billing::Settled>& settled) {
  const std::size_t most = settled.has_value() ? limits::kMaxBurnPeriods : limits::kMaxCarriedPeriods;
  for (std::size_t carried = 0;; ++carried) {
    const Stretch stretch = stretch_around(subscription, feature_key, since);
    if (settled.has_value() && stretch.period.from < settled->until) return settled->until;
    if (!stretch.carries || carried == most) return stretch.period.from;
    since = {stretch.period.from.ms - 1};
  }
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

PrepaidUsage prepaid_of(Sql& sql, const StoredSubscription& subscription, std::string_view feature_key, Instant at) {
  PrepaidUsage usage;
  billing::Prepaid& prepaid = usage.prepaid;
  Instant since = at;
  for (const StoredGrant& grant : grants_in_use(sql, subscription.id, feature_key)) {
    prepaid.grants.push_back(grant.burnable());
    since = std::min(since, grant.effective_at);
  }
  const auto settled = find_settled(sql, subscription.id, feature_key);
  usage.until = beginning_of(subscription, feature_key, std::max(since, subscription.active_from), settled);
  if (settled.has_value() && usage.until == settled->until) prepaid.settled = settled;
  while (!usage.is_whole_at(at) && prepaid.allowances.size() < limits::kMaxBurnPeriods) {
    const Stretch stretch = stretch_around(subscription, feature_key, usage.until);
    if (stretch.entitlement != nullptr) prepaid.allowances.push_back(stretch.allowance());
    usage.until = stretch.period.to > usage.until ? stretch.period.to : kLastInstant;
  }
  return usage;
}

bool takes_over(Context& context, const StoredSubscription& subscription) {
  if (!subscription.previous_id.has_value()) return false;
  if (subscription.active_to.has_value() && *subscription.active_to <= subscription.active_from) return false;
  return has_lasting_grants(context.sql, *subscription.previous_id, subscription.active_from);
}

}  // namespace tollgate::control
