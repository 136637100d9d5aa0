#pragma once

#include "base/limits.h"
#include "base/siphash.h"
#include "policy/policy.h"
#include "policy/subscription_record.h"

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace tollgate {

/// The subscriptions behind the cached keys, in fixed memory. What is left of a quota stands here once, so that within
/// one instance a limit is exact whatever keys the requests use and whenever each of them was first seen (S5).
///
/// A place lives while a cached key is on it or an undelivered event refers to it.
class SubscriptionTable {
 public:
  /// Before first use: `secret` keys the index.
  void start(const SipKey& secret) { secret_ = secret; }

  /// `kNone` when it is not here.
  Index find(std::string_view id) const;
  bool full() const { return free_.empty(); }
  /// Whether there are places for those entitlements of a snapshot that the subscription has not got yet.
  bool has_room_for(Index at, const Snapshot& snapshot) const {
    std::size_t missing = 0;
    for (const SnapshotEntitlement& entitlement : snapshot.entitlements()) {
      if (find_entitlement(at, entitlement.name) == kNone) ++missing;
    }
    return limits::kCachedEntitlements - entitlements_used_ >= missing;
  }
  /// A place for a subscription that is not here; the table must not be full.
  Index add(std::string_view id);
  /// A key or an event begins, or ceases, to refer to it. With the last one, it goes.
  void hold_key(Index at) { ++records_[at].keys; }
  void release_key(Index at);
  void pin(Index at) { ++records_[at].pins; }
  void unpin(Index at);

  SubscriptionRecord& record(Index at) { return records_[at]; }
  const SubscriptionRecord& record(Index at) const { return records_[at]; }
  const SubscriptionDetails& details(Index at) const { return details_[at]; }

  /// Whether a snapshot made at `taken_at` is older than what is here (invariant S7). Of the same revision, the time
  /// says; but a time ahead of `now` is another clock's, or was this one's before it was put back, and says nothing.
  bool is_older(Index at, const Snapshot& snapshot, std::int64_t taken_at, std::int64_t now) const;
  /// Takes a snapshot in, for whose entitlements there must be room. Its balances are lowered by what this instance has
  /// consumed and the snapshot cannot know of (S5). `now` decides where the grace starts when the snapshot does not
  /// tell.
  void store(Index at, const Snapshot& snapshot, std::int64_t taken_at, std::int64_t now);
  /// Remembers what has been consumed by now: the control plane is being asked, and what comes later it cannot know.
  void note_asked(Index at, std::int64_t now);

  /// Begins the next period of each quota whose period has ended (S4.5). False where what it begins with is not known:
  /// the control plane is to be asked.
  bool roll_over(Index at, std::int64_t now);

  /// The entitlement under a name, null when the subscription has none.
  const EntitlementSlot* entitlement(Index at, NameId name) const {
    const Index found = find_entitlement(at, name);
    return found == kNone ? nullptr : &slots_[found];
  }
  /// What is behind it, likewise.
  const EntitlementAccount* account(Index at, NameId name) const {
    const Index found = find_entitlement(at, name);
    return found == kNone ? nullptr : &accounts_[found];
  }

  /// Checks 13 to 15 and the reservation in one pass: when every meter is there, accessible and not spent, lowers their
  /// balances by the costs. False otherwise, and nothing has changed.
  bool admit(Index at, std::span<const PolicyMeter> meters) {
    std::array<EntitlementSlot*, limits::kMaxPolicyMeters> found;
    for (std::size_t i = 0; i < meters.size(); ++i) {
      const Index slot = find_entitlement(at, meters[i].name);
      if (slot == kNone || !slots_[slot].admits()) return false;
      found[i] = &slots_[slot];
    }
    for (std::size_t i = 0; i < meters.size(); ++i) found[i]->consume(meters[i].cost);
    return true;
  }
  /// A request of this instant used something.
  void note_used(Index at, std::int64_t at_ms) {
    if (at_ms > records_[at].used_at) records_[at].used_at = at_ms;
  }
  /// Lowers the balance of a name by `amount` (raises it for a negative one), for a request of the instant `at_ms`: one
  /// of an earlier period leaves the balance of this one alone (invariant T3).
  void consume(Index at, NameId name, Quantity amount, std::int64_t at_ms);
  /// Usage of this instance has reached its sink.
  void note_sent(Index at, NameId name, Quantity amount);

  std::size_t size() const { return size_; }
  std::uint64_t rollovers() const { return rollovers_; }

 private:
  static constexpr std::size_t kBuckets = limits::kCachedKeys;

  Index find_entitlement(Index at, NameId name) const {
    Index slot = records_[at].entitlements;
    while (slot != kNone && slots_[slot].name != name) slot = slots_[slot].next;
    return slot;
  }
  Index bucket_of(std::string_view id) const;
  void remove(Index at);
  void fill(Index at, const Snapshot& snapshot, std::int64_t taken_at, std::int64_t now);
  void fill_entitlements(Index at, const Snapshot& snapshot, std::int64_t taken_at, std::int64_t now);
  Index add_entitlement(Index at, NameId name);
  Quantity known_of(Index at, Index slot, const Snapshot& snapshot, std::int64_t taken_at) const;
  void begin_next_period(EntitlementSlot& slot, EntitlementAccount& account, std::int64_t to, Quantity own);
  void follow_periods(Index at, const Snapshot& snapshot, std::int64_t now);
  void note_due(Index at);
  void free_entitlements(Index first);

  std::array<SubscriptionRecord, limits::kCachedSubscriptions + 1> records_{};
  std::array<SubscriptionDetails, limits::kCachedSubscriptions + 1> details_{};
  std::array<EntitlementSlot, limits::kCachedEntitlements + 1> slots_{};
  std::array<EntitlementAccount, limits::kCachedEntitlements + 1> accounts_{};
  std::array<Index, kBuckets> buckets_{};
  SipKey secret_;
  FreeList<limits::kCachedSubscriptions> free_;  // chained through bucket_next
  FreeList<limits::kCachedEntitlements> free_entitlements_;
  std::size_t entitlements_used_ = 0;
  std::size_t size_ = 0;
  std::uint64_t rollovers_ = 0;
};

/// The end of the grace of S2.4, for `pending` and `failed`: it starts when the snapshot says, else at the last failed
/// payment, else when the payment of the period that contains `now` became due, which is its beginning where the
/// snapshot does not tell.
Instant grace_end(const Snapshot& snapshot, Instant now);

}  // namespace tollgate
