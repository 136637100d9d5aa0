#pragma once

#include "base/limits.h"
#include "base/quantity.h"
#include "base/siphash.h"
#include "policy/index.h"
#include "policy/names.h"
#include "policy/snapshot.h"

#include <cstdint>
#include <cstring>
#include <string_view>

namespace tollgate {

/// What the warm path reads of a cached key: one cache line. Instants are milliseconds.
struct KeyRecord {
  Hash128 hash;                   ///< of the key, under the instance's secret
  std::int64_t taken_at = 0;      ///< when the control plane made the snapshot
  std::int64_t usable_from = 0;   ///< checks 6-10 pass in [usable_from, usable_until)
  std::int64_t usable_until = 0;  ///< min of key expiry, end of the subscription and of the grace
  std::int64_t retry_at = 0;      ///< after a failed look-up: no other before this
  std::uint32_t generation = 0;   ///< never 0 in a tag; counts the uses of this place
  Index entitlements = kNone;     ///< first of the list, in the entitlement pool
  Index sibling = kNone;          ///< ring of the cached keys of one subscription; itself when alone
  Index bucket_next = kNone;      ///< chain of the subscription index
  Index open_events = kNone;      ///< events of this key that can still be added to, in the outbox
  std::uint16_t pins = 0;         ///< requests and events that refer to this record: not evicted
  bool indexed = false;           ///< found by its hash; a record whose key moved to another subscription is not
  bool recently_used = false;
};

static_assert(sizeof(KeyRecord) == 64, "one cache line");

/// What refusals, events and refreshes read of a cached key. At most 140 bytes.
struct KeyDetails {
  Instant key_expires;
  Instant active_from;
  Instant active_to;
  Instant grace_end;  ///< meaningful for `pending` and `failed`
  std::int64_t revision = 0;
  PaymentStatus payment = PaymentStatus::missing;
  bool first_payment = false;
  bool access_blocked = false;
  bool said_inactive = false;
  bool said_scheduled = false;
  bool has_entitlements = false;
  std::uint8_t id_length = 0;
  std::uint8_t consumer_length = 0;
  char id[limits::kMaxSubscriptionId];
  char consumer[limits::kMaxConsumer];

  std::string_view subscription_id() const { return {id, id_length}; }
  std::string_view consumer_name() const { return {consumer, consumer_length}; }
};

/// One entitlement of a cached key. The balance falls with what this instance admits (S5, cached mode).
///
/// Packed to 36 bytes: there are twelve thousand in 2 MiB.
struct __attribute__((packed, aligned(4))) EntitlementSlot {
  static constexpr std::uint8_t kMetered = 1;
  static constexpr std::uint8_t kSoft = 2;
  static constexpr std::uint8_t kAccess = 4;

  std::uint64_t balance_low = 0;  // the 128 bits in two halves
  std::uint64_t balance_high = 0;
  std::int64_t limit_units = 0;
  std::uint32_t period_from_s = 0;  ///< both 0: not told
  std::uint32_t period_to_s = 0;
  Index next = kNone;
  NameId name = 0;
  std::uint8_t flags = 0;

  Quantity balance() const {
    return Quantity::nanos(static_cast<Int128>(static_cast<Uint128>(balance_high) << 64 | balance_low));
  }
  void set_balance(Quantity q) {
    const auto bits = static_cast<Uint128>(q.nanos());
    balance_low = static_cast<std::uint64_t>(bits);
    balance_high = static_cast<std::uint64_t>(bits >> 64);
  }
  void consume(Quantity amount) { set_balance(balance().minus_in_range(amount)); }
  bool metered() const { return (flags & kMetered) != 0; }
  bool soft() const { return (flags & kSoft) != 0; }
  bool access() const { return (flags & kAccess) != 0; }
  /// The quota is gone and may not be exceeded. The request that passes may overdraw (S2.6).
  bool spent() const { return metered() && !soft() && !balance().positive(); }
  /// Checks 14 and 15 for a meter.
  bool admits() const { return metered() && access() && (soft() || balance().positive()); }
};

}  // namespace tollgate
