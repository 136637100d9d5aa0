#pragma once

#include "base/limits.h"
#include "base/quantity.h"
#include "calendar/period.h"
#include "policy/names.h"

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace tollgate {

/// `paymentStatus.status` (S2.4). `missing`: the subscription carries no payment status (check 8).
enum class PaymentStatus : std::uint8_t { missing, paid, not_required, pending, failed, uncollectible };

/// One entitlement of a snapshot under a key that the instance knows.
struct SnapshotEntitlement {
  Quantity balance;
  std::int64_t limit_units = 0;  ///< what the period grants, in whole units; 0: not told
  Period period;                 ///< of the balance; empty when not told
  Quantity next_balance;         ///< what the next period begins with (S4.5)
  Instant next_to;               ///< its end; before `period.to` when not known
  NameId name = 0;
  bool metered = false;  ///< otherwise boolean or static: access alone counts
  bool soft_limit = false;
  bool has_access = false;
};

inline constexpr Instant kNever{std::numeric_limits<std::int64_t>::max()};

/// How much of one meter the ledger has taken in from this instance, ever.
struct HighWater {
  Quantity received;
  NameId name = 0;
};

/// What the control plane says of one key (S4.1), read and checked by `json::read_snapshot`, which also fills in what
/// is absent. Texts are borrowed from the reader; the snapshot lives for one call.
struct Snapshot {
  std::string_view subscription_id;
  std::string_view consumer;
  Instant key_expires;
  Instant active_from;
  Instant active_to;
  /// What the control plane called the subscription, where that is more than the dates say (S7.1).
  bool said_inactive = false;
  bool said_scheduled = false;
  PaymentStatus payment = PaymentStatus::missing;
  bool first_payment = false;
  bool access_blocked = false;
  bool grace_start_known = false;
  Instant grace_start;  ///< meaningful when `grace_start_known`
  bool payment_failed_known = false;
  Instant payment_failed_at;  ///< meaningful when `payment_failed_known`
  bool payment_due_known = false;
  Instant payment_due_at;  ///< meaningful when `payment_due_known`
  std::int64_t grace_days = 0;
  bool has_billing = false;  ///< `billingAnchor` and `billingCadence` were given
  Instant billing_anchor;
  Cadence billing_cadence;
  std::int64_t revision = 0;  ///< 0: the control plane does not count revisions
  bool has_entitlements = false;
  std::array<SnapshotEntitlement, limits::kMaxSnapshotEntitlements> entitlement_list{};
  std::size_t entitlement_count = 0;
  std::size_t skipped = 0;  ///< entitlements that a configuration names and the edge cannot serve (S4.1)
  /// The ledger's high-water mark for this instance was told (S5): what `high_water_list` does not name is 0.
  bool high_water_known = false;
  std::array<HighWater, limits::kMaxSnapshotEntitlements> high_water_list{};
  std::size_t high_water_count = 0;

  std::span<const SnapshotEntitlement> entitlements() const { return {entitlement_list.data(), entitlement_count}; }
  /// What the ledger has of this instance's usage of a meter; meaningful when `high_water_known`.
  Quantity received(NameId name) const {
    for (std::size_t i = 0; i < high_water_count; ++i) {
      if (high_water_list[i].name == name) return high_water_list[i].received;
    }
    return {};
  }
};

}  // namespace tollgate
