#pragma once

#include "policy/policy.h"
#include "policy/record.h"

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace tollgate {

/// Names one use of one place of the cache, so that a late reader of a replaced record finds out: 13 bits of position
/// and 19 of generation. Never 0.
using RecordTag = std::uint32_t;

/// Known keys and their snapshots, in fixed memory (S4.2).
///
/// Lookup is by the keyed 128-bit hash of the key. When full, it evicts by second chance (CLOCK): a record that was used since the hand last
/// passed is spared once; a pinned one always. Keys of one subscription form a ring, so that what one of them consumes
/// lowers the balance that all of them see.
class KeyCache {
 public:
  static constexpr std::uint32_t kIndexBits = 13;
  static_assert(limits::kCachedKeys < 1U << kIndexBits);

  /// Before first use: `secret` keys the subscription index.
  void start(const SipKey& secret) { secret_ = secret; }

  /// The record of a key, `kNone` when it is not known.
  Index find(const Hash128& hash) const {
    for (std::uint32_t slot = home(hash);; slot = (slot + 1) & kSlotMask) {
      const Index index = slots_[slot];
      if (index == kNone || records_[index].hash == hash) return index;
    }
  }
  /// The record of a tag, `kNone` when it was replaced or is no longer the record of its key.
  Index find(RecordTag tag) const {
    const auto index = static_cast<Index>(tag & ((1U << kIndexBits) - 1));
    const bool current = index < records_.size() && records_[index].indexed && tag == this->tag(index);
    return current ? index : kNone;
  }
  /// The place of a tag's record, whether or not it is still the record of its key.
  static Index position_of(RecordTag tag) { return static_cast<Index>(tag & ((1U << kIndexBits) - 1)); }
  RecordTag tag(Index index) const { return records_[index].generation << kIndexBits | index; }

  /// Stores a snapshot under the key's hash and returns its record, new or refreshed; `kNone` when requests under way
  /// hold so much that there is no room for its entitlements. `taken_at` is when the control plane made it, `now`
  /// decides where grace starts when the snapshot does not tell.
  Index store(const Hash128& hash, const Snapshot& snapshot, std::int64_t taken_at, std::int64_t now);
  /// Makes the key unknown. Requests and events under way keep the record until they end.
  void forget(Index index);

  KeyRecord& record(Index index) { return records_[index]; }
  const KeyRecord& record(Index index) const { return records_[index]; }
  const KeyDetails& details(Index index) const { return details_[index]; }

  /// The entitlement of a record under a name, null when the subscription has none.
  const EntitlementSlot* entitlement(Index index, NameId name) const {
    return const_cast<KeyCache*>(this)->find_entitlement(index, name);
  }
  /// Checks 13 to 15 and the reservation in one pass: when every meter is there, accessible and not spent, lowers their
  /// balances by the costs, for all cached keys of the subscription. False otherwise, and nothing has changed.
  bool admit(Index index, std::span<const PolicyMeter> meters) {
    std::array<EntitlementSlot*, limits::kMaxPolicyMeters> found;
    for (std::size_t i = 0; i < meters.size(); ++i) {
      found[i] = find_entitlement(index, meters[i].name);
      if (found[i] == nullptr || !found[i]->admits()) return false;
    }
    for (std::size_t i = 0; i < meters.size(); ++i) found[i]->consume(meters[i].cost);
    for (Index at = records_[index].sibling; at != index; at = records_[at].sibling) {
      for (const PolicyMeter& meter : meters) consume_one(at, meter.name, meter.cost);
    }
    return true;
  }
  /// Lowers the balance of a name by `amount` (raises it for a negative one) for all cached keys of the subscription.
  void consume(Index index, NameId name, Quantity amount) {
    Index at = index;
    do {
      consume_one(at, name, amount);
      at = records_[at].sibling;
    } while (at != index);
  }
  /// The same for one key alone.
  void consume_one(Index index, NameId name, Quantity amount) {
    if (EntitlementSlot* const slot = find_entitlement(index, name)) slot->consume(amount);
  }
  bool same_subscription(Index a, Index b) const {
    return details_[a].subscription_id() == details_[b].subscription_id();
  }

  void pin(Index index) { ++records_[index].pins; }
  void unpin(Index index);

  std::size_t size() const { return size_; }
  std::uint64_t evictions() const { return evictions_; }

 private:
  static constexpr std::size_t kSlots = 2 * limits::kCachedKeys;  // at most half full
  static constexpr std::uint32_t kSlotMask = kSlots - 1;
  static constexpr std::size_t kBuckets = limits::kCachedKeys;

  EntitlementSlot* find_entitlement(Index index, NameId name) {
    for (Index at = records_[index].entitlements; at != kNone; at = entitlements_[at].next) {
      if (entitlements_[at].name == name) return &entitlements_[at];
    }
    return nullptr;
  }
  static std::uint32_t home(const Hash128& hash) { return static_cast<std::uint32_t>(hash.low) & kSlotMask; }
  Index& bucket_of(std::string_view subscription_id);
  Index allocate();
  bool evict_one();
  void release(Index index);
  void index_key(Index index);
  void unindex_key(Index index);
  void join_subscription(Index index);
  void leave_subscription(Index index);
  void fill(Index index, const Snapshot& snapshot, std::int64_t taken_at, std::int64_t now);
  bool fill_entitlements(Index index, const Snapshot& snapshot);
  void free_entitlements(Index index);

  std::array<KeyRecord, limits::kCachedKeys + 1> records_{};
  std::array<KeyDetails, limits::kCachedKeys + 1> details_{};
  std::array<EntitlementSlot, limits::kCachedEntitlements + 1> entitlements_{};
  std::array<Index, kSlots> slots_{};
  std::array<Index, kBuckets> buckets_{};
  SipKey secret_;
  FreeList<limits::kCachedKeys> free_records_;  // chained through bucket_next
  FreeList<limits::kCachedEntitlements> free_entitlements_;
  Index hand_ = kNone;  // the record looked at last
  std::size_t size_ = 0;
  std::uint64_t evictions_ = 0;
};

/// The end of the grace of S2.4, for `pending` and `failed`: it starts at the last failed payment, else when the payment
/// of the period that contains `now` became due. Where the snapshot does not tell when that was, it was at the beginning
/// of the billing period.
Instant grace_end(const Snapshot& snapshot, Instant now);

}  // namespace tollgate
