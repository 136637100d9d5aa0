#include "policy/decision.h"

namespace tollgate {
namespace {

/// Check 7 (S7.1).
bool in_effect(const SubscriptionDetails& details, Instant now) {
  return !details.said_inactive && !details.said_scheduled && details.active_from <= now && now < details.active_to;
}

/// Checks 8 to 10 (S2.4).
Refusal decide_payment(const SubscriptionDetails& details, Instant now) {
  if (details.payment == PaymentStatus::missing) return Refusal::payment_status_missing;
  const bool settled = details.payment == PaymentStatus::paid || details.payment == PaymentStatus::not_required;
  const bool graced = details.payment != PaymentStatus::uncollectible && now < details.grace_end;
  if (!details.access_blocked && (settled || graced)) return Refusal::none;
  return details.first_payment ? Refusal::payment_not_made : Refusal::payment_overdue;
}

/// Checks 13 to 15 for one meter.
Refusal decide_meter(const EntitlementSlot* slot) {
  if (slot == nullptr || !slot->metered()) return Refusal::meter_unknown;
  if (slot->spent()) return Refusal::quota_exhausted;
  return slot->access() ? Refusal::none : Refusal::meter_disabled;
}

/// Checks 11 to 15.
Verdict decide_entitlements(const Policy& policy, const SubscriptionTable& subscriptions, Index at) {
  if (policy.needs_entitlements() && !subscriptions.details(at).has_entitlements) {
    return {Refusal::entitlements_missing, 0};
  }
  for (NameId name : policy.required_entitlements()) {
    const EntitlementSlot* slot = subscriptions.entitlement(at, name);
    if (slot == nullptr || !slot->access() || slot->spent()) return {Refusal::entitlement_denied, name};
  }
  for (const PolicyMeter& meter : policy.meters()) {
    const Refusal refusal = decide_meter(subscriptions.entitlement(at, meter.name));
    if (refusal != Refusal::none) return {refusal, meter.name};
  }
  return {};
}

}  // namespace

Verdict decide(const Policy& policy, const KeyCache& cache, Index index, std::int64_t now) {
  const KeyRecord& key = cache.record(index);
  const SubscriptionTable& subscriptions = cache.subscriptions();
  const SubscriptionRecord& subscription = subscriptions.record(key.subscription);
  if (now >= key.expires) return {Refusal::key_expired, 0};
  if (now < subscription.usable_from || now >= subscription.usable_until) [[unlikely]] {
    const SubscriptionDetails& details = subscriptions.details(key.subscription);
    if (!in_effect(details, {now})) return {Refusal::subscription_expired, 0};
    const Refusal payment = decide_payment(details, {now});
    TOLLGATE_ASSERT(payment != Refusal::none);  // else the record's bounds would have let it pass
    return {payment, 0};
  }
  return decide_entitlements(policy, subscriptions, key.subscription);
}

}  // namespace tollgate
