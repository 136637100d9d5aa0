#pragma once

#include "base/limits.h"
#include "base/quantity.h"
#include "calendar/period.h"
#include "policy/names.h"

#include <array>
#include <cstdint>
#include <limits>
#include <string_view>

namespace tollgate {

/// `paymentStatus.status` (S2.4). `missing`: the subscription carries no payment status (check 8).
enum class PaymentStatus : std::uint8_t { missing, paid, not_required, pending, failed, uncollectible };

/// One entitlement of a snapshot under a key that the instance knows.
struct SnapshotEntitlement {
  Quantity balance;
  std::int64_t limit_units = 0;  ///< what the period grants, in whole units; 0: not told
  Period period;                 ///< of the balance; empty when not told
  NameId name = 0;
  bool metered = false;  ///< otherwise boolean or static: access alone counts
  bool soft_limit = false;
  bool has_access = false;
};

inline constexpr Instant kNever{std::numeric_limits<std::int64_t>::max()};

/// What the control plane says of one key (S4.1), read and checked by `json::read_snapshot`, which also fills in what is
/// absent. Texts are borrowed from the reader; the snapshot lives for one call.
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
};

}  // namespace tollgate
