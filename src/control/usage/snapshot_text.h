#pragma once

#include "control/subscription/store.h"
#include "control/usage/entitlement_state.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::control {

/// What a snapshot says of one key beside its subscription (S4.1).
struct SnapshotFacts {
  std::string_view bucket;
  std::string_view key_digest;  ///< 64 hexadecimal digits
  std::string_view consumer;
  std::optional<Instant> key_expires_at = {};
  std::int64_t grace_days = 0;
  std::optional<Instant> payment_due_at = {};
  std::optional<Instant> grace_starts_at = {};
  std::vector<EntitlementState> entitlements = {};
  std::string_view high_water = {};  ///< JSON (control/ledger/senders.h); empty where no ledger was asked
  bool high_water_partial = false;
};

/// The snapshot. A description of the plan that is longer than `limits::kMaxSnapshotMember` is left out.
std::string snapshot_text(const StoredSubscription& subscription, const SnapshotFacts& facts, Instant now);

/// Adds a violation for every phase of a plan that is valid otherwise of which snapshots could not be served: with more
/// than `limits::kMaxSnapshotEntitlements` entitlements, or whose text, written as above with the longest numbers,
/// names and marks that there can be, would have more than `limits::kMaxSnapshotBytes`. Such a plan must not be sold:
/// the edge would refuse whoever bought it.
void check_servable(const catalog::Plan& plan, Violations& violations);

}  // namespace tollgate::control
