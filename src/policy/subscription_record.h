#pragma once

#include "base/compact_quantity.h"
#include "base/limits.h"
#include "calendar/instant.h"
#include "policy/index.h"
#include "policy/names.h"
#include "policy/snapshot.h"

#include <cstdint>
#include <limits>
#include <string_view>

namespace tollgate {

/// What the warm path reads of a subscription: one cache line, shared by all of its cached keys. Instants are
/// milliseconds.
struct SubscriptionRecord {
  std::int64_t usable_from = 0;   ///< checks 7-10 pass in [usable_from, usable_until)
  std::int64_t usable_until = 0;  ///< min of end and end of the grace
  std::int64_t due_at = 0;        ///< when the first of its quotas resets (S4.5)
  std::int64_t taken_at = 0;      ///< of the snapshot that it is from
  std::int64_t used_at = 0;       ///< the latest request that used something of it
  std::int64_t not_before = 0;    ///< when its latest period began: no request counts as earlier
  Index entitlements = kNone;     ///< first of the list, in the entitlement pool
  Index open_events = kNone;      ///< events of this subscription that can still be added to, in the outbox
  Index bucket_next = kNone;      ///< chain of the index by id; list of free records
  std::uint16_t keys = 0;         ///< cached keys that are on it
  std::uint16_t requests = 0;     ///< under way, with something of it reserved
  std::uint16_t pins = 0;         ///< events that refer to it
  std::uint32_t hour_offset = 0;  ///< of its hours, counted from its anchor, to those of the clock: milliseconds
};

static_assert(sizeof(SubscriptionRecord) == 64, "one cache line");

/// What refusals, events and refreshes read of a subscription.
struct SubscriptionDetails {
  Instant active_from;
  Instant active_to;
  Instant grace_end;          ///< meaningful for `pending` and `failed`
  std::int64_t revision = 0;  ///< 0: the control plane does not count revisions
  std::int64_t asked_at = 0;  ///< when the control plane was last asked for one of its keys
  PaymentStatus payment = PaymentStatus::missing;
  bool first_payment = false;
  bool access_blocked = false;
  bool said_inactive = false;
  bool said_scheduled = false;
  bool has_entitlements = false;
  std::uint8_t id_length = 0;
  char id[limits::kMaxSubscriptionId];

  std::string_view subscription_id() const { return {id, id_length}; }
};

/// What the warm path reads of one entitlement. The balance falls with what this instance admits (S5, cached mode).
struct EntitlementSlot {
  static constexpr std::uint8_t kMetered = 1;
  static constexpr std::uint8_t kSoft = 2;
  static constexpr std::uint8_t kAccess = 4;

  CompactQuantity compact_balance;
  Index next = kNone;
  NameId name = 0;
  std::uint8_t flags = 0;

  Quantity balance() const { return compact_balance.get(); }
  void consume(Quantity amount) { compact_balance.set(balance().minus_in_range(amount)); }
  bool metered() const { return (flags & kMetered) != 0; }
  bool soft() const { return (flags & kSoft) != 0; }
  bool access() const { return (flags & kAccess) != 0; }
  /// The quota is gone and may not be exceeded. The request that passes may overdraw (S2.6).
  bool spent() const { return metered() && !soft() && !balance().positive(); }
  /// Checks 14 and 15 for a meter.
  bool admits() const { return metered() && access() && (soft() || balance().positive()); }
};

static_assert(sizeof(EntitlementSlot) == 16, "four in a cache line");

/// What is behind a balance: the quota's period, and how much of what this instance consumed a snapshot can know of
/// (S5). All amounts count from when the instance met the subscription, and only grow but for what is given back.
///
/// Packed to 84 bytes: there are ten thousand in 4 MiB.
struct __attribute__((packed, aligned(4))) EntitlementAccount {
  CompactQuantity total;             ///< consumed and balance together: consuming moves from one to the other
  CompactQuantity base;              ///< of what was consumed: before this period, no balance of which lacks it
  CompactQuantity sent;              ///< of what was consumed: delivered
  CompactQuantity asked;             ///< what had been delivered at `SubscriptionDetails::asked_at`
  CompactQuantity next_balance;      ///< what the next period begins with; meaningful when `next_seconds` > 0
  std::uint32_t period_seconds = 0;  ///< length of the period; 0: not told
  std::uint32_t next_seconds = 0;    ///< of the one after it; 0: not known
  std::int64_t period_to = 0;        ///< milliseconds; 0: not told
  std::int64_t limit_units = 0;      ///< what the period grants, in whole units; 0: not told

  bool ends() const { return period_to != 0; }
  /// The instant before which nothing belongs to the period.
  std::int64_t period_from() const {
    return period_seconds == 0 ? std::numeric_limits<std::int64_t>::min() : period_to - period_seconds * kMsPerSecond;
  }
  /// The same, also where the period has ended and it is not known what the next one begins with.
  std::int64_t counts_from(const SubscriptionRecord& record) const {
    return ends() && record.not_before >= period_to ? period_to : period_from();
  }
};

}  // namespace tollgate
