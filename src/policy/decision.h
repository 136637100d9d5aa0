#pragma once

#include "policy/key_cache.h"
#include "policy/policy.h"
#include "problem/refusal.h"

#include <cstdint>

namespace tollgate {

/// What the checks say of a request: `none`, or a refusal and the meter or entitlement that it names.
struct Verdict {
  Refusal refusal = Refusal::none;
  NameId name = 0;

  bool allowed() const { return refusal == Refusal::none; }
};

/// Checks 6 to 15 of S2.2 for a cached key at `now`, in their order. Changes nothing.
Verdict decide(const Policy& policy, const KeyCache& cache, Index index, std::int64_t now);

/// Whether checks 6 to 12 pass, for the warm path: the same as `decide` says, without the reason.
inline bool passes_before_meters(const Policy& policy, const KeyCache& cache, Index index, std::int64_t now) {
  const KeyRecord& key = cache.record(index);
  const SubscriptionTable& subscriptions = cache.subscriptions();
  const SubscriptionRecord& subscription = subscriptions.record(key.subscription);
  if (now >= key.expires || now < subscription.usable_from || now >= subscription.usable_until) return false;
  for (NameId name : policy.required_entitlements()) {
    const EntitlementSlot* slot = subscriptions.entitlement(key.subscription, name);
    if (slot == nullptr || !slot->access() || slot->spent()) return false;
  }
  return true;
}

/// Whether a change at the control plane could turn the refusal into its opposite: those of a known key (S4.5).
inline bool is_curable(Refusal refusal) {
  return refusal >= Refusal::key_expired && refusal <= Refusal::quota_exhausted;
}

}  // namespace tollgate
