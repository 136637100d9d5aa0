#pragma once

#include "policy/key_record.h"
#include "policy/subscription_table.h"

#include <array>
#include <cstdint>

namespace tollgate {

/// Names one use of one place of the cache, so that a late reader of a replaced record finds out: 13 bits of position
/// and 19 of generation. Never 0.
using RecordTag = std::uint32_t;

/// Known keys and, in the `SubscriptionTable`, what their snapshots say, in fixed memory (S4.2).
///
/// Look-up is by the keyed 128-bit hash of the key. When full, it evicts by second chance (CLOCK): a record that was
/// used since the hand last passed is spared once; a pinned one always.
class KeyCache {
 public:
  static constexpr std::uint32_t kIndexBits = 13;
  static_assert(limits::kCachedKeys < 1U << kIndexBits);

  /// Before first use: `secret` keys the subscription index.
  void start(const SipKey& secret) { subscriptions_.start(secret); }

  /// The record of a key, `kNone` when it is not known.
  Index find(const Hash128& hash) const {
    for (std::uint32_t slot = home(hash);; slot = (slot + 1) & kSlotMask) {
      const Index index = slots_[slot];
      if (index == kNone || records_[index].hash == hash) return index;
    }
  }
  /// The record of a tag, `kNone` when it was replaced or is no longer the record of its key.
  Index find(RecordTag tag) const {
    const Index index = position_of(tag);
    const bool current = index < records_.size() && records_[index].indexed && tag == this->tag(index);
    return current ? index : kNone;
  }
  /// The place of a tag's record, whether or not it is still the record of its key.
  static Index position_of(RecordTag tag) { return static_cast<Index>(tag & ((1U << kIndexBits) - 1)); }
  RecordTag tag(Index index) const { return records_[index].generation << kIndexBits | index; }

  /// Whether a snapshot made at `taken_at` is older than what is known of the key, whatever subscriptions the two name
  /// (S4.2, invariant S7). `from_cache`: one that is no newer counts as older, as it may lack what was consumed since.
  bool is_older(Index index, const Snapshot& snapshot, std::int64_t taken_at, bool from_cache) const;
  /// Stores a snapshot under the key's hash and returns its record, new or refreshed; `kNone` when requests and events
  /// under way hold so much that there is no room. What is older about the subscription than what other keys of it have
  /// brought is left out. `taken_at` is when the control plane made it, `now` is for `SubscriptionTable::store`.
  Index store(const Hash128& hash, const Snapshot& snapshot, std::int64_t taken_at, std::int64_t now);
  /// Makes the key unknown. Requests and events under way keep the record until they end.
  void forget(Index index);

  KeyRecord& record(Index index) { return records_[index]; }
  const KeyRecord& record(Index index) const { return records_[index]; }
  const KeyDetails& details(Index index) const { return details_[index]; }

  SubscriptionTable& subscriptions() { return subscriptions_; }
  const SubscriptionTable& subscriptions() const { return subscriptions_; }
  /// The subscription that a key is on.
  const SubscriptionDetails& subscription_of(Index index) const {
    return subscriptions_.details(records_[index].subscription);
  }

  void pin(Index index) { ++records_[index].pins; }
  void unpin(Index index);

  std::size_t size() const { return size_; }
  std::uint64_t evictions() const { return evictions_; }

 private:
  static constexpr std::size_t kSlots = 2 * limits::kCachedKeys;  // at most half full
  static constexpr std::uint32_t kSlotMask = kSlots - 1;

  static std::uint32_t home(const Hash128& hash) { return static_cast<std::uint32_t>(hash.low) & kSlotMask; }
  Index place_for(const Hash128& hash, const Snapshot& snapshot);
  Index allocate(const Hash128& hash);
  bool make_room(Index subscription, const Snapshot& snapshot);
  bool evict_for_a_subscription();
  /// Evicts one key; of `ends_subscription`, one whose subscription goes with it. False when there is none.
  bool evict_one(bool ends_subscription);
  bool is_last_of_subscription(Index index) const;
  void release(Index index);
  void index_key(Index index);
  void unindex_key(Index index);
  void fill(Index index, const Snapshot& snapshot, std::int64_t taken_at);

  std::array<KeyRecord, limits::kCachedKeys + 1> records_{};
  std::array<KeyDetails, limits::kCachedKeys + 1> details_{};
  std::array<Index, kSlots> slots_{};
  SubscriptionTable subscriptions_;
  FreeList<limits::kCachedKeys> free_records_;  // chained through link
  Index hand_ = kNone;                          // the record looked at last
  std::size_t size_ = 0;
  std::uint64_t evictions_ = 0;
};

}  // namespace tollgate
