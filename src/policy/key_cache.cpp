#include "policy/key_cache.h"

namespace tollgate {
namespace {

constexpr std::uint32_t kGenerationMask = (1U << (32 - KeyCache::kIndexBits)) - 1;

std::uint32_t next_generation(std::uint32_t generation) {
  const std::uint32_t next = (generation + 1) & kGenerationMask;
  return next == 0 ? 1 : next;
}

}  // namespace

bool KeyCache::is_older(Index index, const Snapshot& snapshot, std::int64_t taken_at, bool from_cache) const {
  const std::int64_t known = details_[index].revision;
  if (known != 0 && snapshot.revision != 0 && snapshot.revision != known) return snapshot.revision < known;
  return from_cache && taken_at <= records_[index].taken_at;
}

Index KeyCache::store(const Hash128& hash, const Snapshot& snapshot, std::int64_t taken_at, std::int64_t now) {
  const Index index = place_for(hash, snapshot);
  if (index == kNone) return kNone;
  pin(index);  // not to be evicted for its own entitlements
  const Index subscription = records_[index].subscription;
  const bool is_news = !subscriptions_.is_older(subscription, snapshot, taken_at, now);
  const bool has_room = !is_news || make_room(subscription, snapshot);
  if (has_room && is_news) subscriptions_.store(subscription, snapshot, taken_at, now);
  if (has_room) fill(index, snapshot, taken_at);
  --records_[index].pins;
  if (has_room) return index;
  forget(index);
  return kNone;
}

/// A record of the key that is on the snapshot's subscription, the key's own where it is there already.
Index KeyCache::place_for(const Hash128& hash, const Snapshot& snapshot) {
  const Index known = find(hash);
  if (known != kNone && subscription_of(known).subscription_id() == snapshot.subscription_id) return known;
  // The key moved to another subscription: what is under way belongs to the old one.
  if (known != kNone) forget(known);
  Index subscription = subscriptions_.find(snapshot.subscription_id);
  if (subscription != kNone) subscriptions_.pin(subscription);  // its last key may have to go for this one
  const Index index = allocate(hash);
  if (subscription == kNone && index != kNone) {
    while (subscriptions_.full() && evict_for_a_subscription()) {
    }
    if (!subscriptions_.full()) {
      subscription = subscriptions_.add(snapshot.subscription_id);
      subscriptions_.pin(subscription);
    }
  }
  if (index != kNone && subscription != kNone) {
    records_[index].subscription = subscription;
    subscriptions_.hold_key(subscription);
    index_key(index);
  } else if (index != kNone) {
    free_records_.give_back(index, records_[index].link);
  }
  if (subscription != kNone) subscriptions_.unpin(subscription);
  return subscription == kNone ? kNone : index;
}

void KeyCache::forget(Index index) {
  TOLLGATE_ASSERT(records_[index].indexed);
  unindex_key(index);
  if (records_[index].pins == 0) release(index);
}

void KeyCache::unpin(Index index) {
  KeyRecord& record = records_[index];
  TOLLGATE_ASSERT(record.pins > 0);
  if (--record.pins == 0 && !record.indexed) release(index);
}

Index KeyCache::allocate(const Hash128& hash) {
  if (free_records_.empty() && !evict_one(false)) return kNone;
  const Index index = free_records_.take([this](Index at) { return records_[at].link; });
  KeyRecord& record = records_[index];
  const std::uint32_t generation = next_generation(record.generation);
  record = {};
  record.generation = generation;
  record.hash = hash;
  return index;
}

bool KeyCache::make_room(Index subscription, const Snapshot& snapshot) {
  while (!subscriptions_.has_room_for(subscription, snapshot)) {
    if (!evict_for_a_subscription()) return false;
  }
  return true;
}

/// One whose subscription goes with it, or, where all have several keys, any: the next one may be the last of its own.
bool KeyCache::evict_for_a_subscription() { return evict_one(true) || evict_one(false); }

bool KeyCache::is_last_of_subscription(Index index) const {
  const SubscriptionRecord& subscription = subscriptions_.record(records_[index].subscription);
  return subscription.keys == 1 && subscription.pins == 0;
}

bool KeyCache::evict_one(bool ends_subscription) {
  // The first round takes every second chance away, so the second finds a victim if there is one.
  for (std::size_t steps = 0; steps < 2 * limits::kCachedKeys; ++steps) {
    hand_ = hand_ == limits::kCachedKeys ? 1 : static_cast<Index>(hand_ + 1);
    KeyRecord& record = records_[hand_];
    if (!record.indexed || record.pins > 0 || (ends_subscription && !is_last_of_subscription(hand_))) continue;
    if (record.recently_used) {
      record.recently_used = false;
      continue;
    }
    ++evictions_;
    forget(hand_);
    return true;
  }
  return false;
}

void KeyCache::release(Index index) {
  subscriptions_.release_key(records_[index].subscription);
  free_records_.give_back(index, records_[index].link);
}

void KeyCache::index_key(Index index) {
  std::uint32_t slot = home(records_[index].hash);
  while (slots_[slot] != kNone) slot = (slot + 1) & kSlotMask;
  slots_[slot] = index;
  records_[index].indexed = true;
  ++size_;
}

void KeyCache::unindex_key(Index index) {
  std::uint32_t hole = home(records_[index].hash);
  while (slots_[hole] != index) hole = (hole + 1) & kSlotMask;
  // Close the gap, so that no search stops early: move back what may stand there.
  for (std::uint32_t next = (hole + 1) & kSlotMask; slots_[next] != kNone; next = (next + 1) & kSlotMask) {
    const std::uint32_t wish = home(records_[slots_[next]].hash);
    if (((next - wish) & kSlotMask) >= ((next - hole) & kSlotMask)) {
      slots_[hole] = slots_[next];
      hole = next;
    }
  }
  slots_[hole] = kNone;
  records_[index].indexed = false;
  --size_;
}

void KeyCache::fill(Index index, const Snapshot& snapshot, std::int64_t taken_at) {
  KeyDetails& details = details_[index];
  details.revision = snapshot.revision;
  details.consumer_length =
      static_cast<std::uint8_t>(snapshot.consumer.copy(details.consumer, sizeof details.consumer));
  KeyRecord& record = records_[index];
  record.taken_at = taken_at;
  record.expires = snapshot.key_expires.ms;
  record.retry_at = 0;
  record.recently_used = true;
}

}  // namespace tollgate
