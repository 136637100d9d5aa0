#include "policy/key_cache.h"

#include <algorithm>
#include <limits>

namespace tollgate {
namespace {

constexpr std::uint32_t kGenerationMask = (1U << (32 - KeyCache::kIndexBits)) - 1;

std::uint32_t next_generation(std::uint32_t generation) {
  const std::uint32_t next = (generation + 1) & kGenerationMask;
  return next == 0 ? 1 : next;
}

std::uint8_t flags_of(const SnapshotEntitlement& entitlement) {
  return static_cast<std::uint8_t>((entitlement.metered ? EntitlementSlot::kMetered : 0) |
                                   (entitlement.soft_limit ? EntitlementSlot::kSoft : 0) |
                                   (entitlement.has_access ? EntitlementSlot::kAccess : 0));
}

std::uint32_t seconds_of(Instant at) {
  const std::int64_t seconds = at.ms / kMsPerSecond;
  return seconds < 0 || seconds > std::numeric_limits<std::uint32_t>::max() ? 0 : static_cast<std::uint32_t>(seconds);
}

}  // namespace

Instant grace_end(const Snapshot& snapshot, Instant now) {
  Instant start = snapshot.active_from;
  if (snapshot.payment_failed_known) {
    start = snapshot.payment_failed_at;
  } else if (snapshot.payment_due_known) {
    start = snapshot.payment_due_at;
  } else if (snapshot.has_billing) {
    const auto period = period_containing(snapshot.billing_anchor, snapshot.billing_cadence, now);
    if (period.ok()) start = std::max(start, period->from);
  }
  return {start.ms + snapshot.grace_days * kMsPerDay};
}

Index KeyCache::store(const Hash128& hash, const Snapshot& snapshot, std::int64_t taken_at, std::int64_t now) {
  Index index = find(hash);
  if (index != kNone && details_[index].subscription_id() != snapshot.subscription_id) {
    forget(index);  // the key moved to another subscription: what is under way belongs to the old one
    index = kNone;
  }
  const bool fresh = index == kNone;
  if (fresh) {
    index = allocate();
    records_[index].hash = hash;
    index_key(index);
  }
  fill(index, snapshot, taken_at, now);
  if (fresh) join_subscription(index);
  if (fill_entitlements(index, snapshot)) return index;
  forget(index);
  return kNone;
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

Index& KeyCache::bucket_of(std::string_view subscription_id) {
  const Hash128 hash = siphash<1, 3>(secret_, subscription_id.data(), subscription_id.size());
  return buckets_[static_cast<std::size_t>(hash.low) & (kBuckets - 1)];
}

Index KeyCache::allocate() {
  // Pins cover fewer records than there are (limits.h), so one can always go.
  if (free_records_.empty()) TOLLGATE_ASSERT(evict_one());
  const Index index = free_records_.take([this](Index at) { return records_[at].bucket_next; });
  KeyRecord& record = records_[index];
  const std::uint32_t generation = next_generation(record.generation);
  record = {};
  record.generation = generation;
  record.sibling = index;
  return index;
}

bool KeyCache::evict_one() {
  // The first round takes every second chance away, so the second finds a victim if there is one.
  for (std::size_t steps = 0; steps < 2 * limits::kCachedKeys; ++steps) {
    hand_ = hand_ == limits::kCachedKeys ? 1 : static_cast<Index>(hand_ + 1);
    KeyRecord& record = records_[hand_];
    if (!record.indexed || record.pins > 0) continue;
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
  leave_subscription(index);
  free_entitlements(index);
  free_records_.give_back(index, records_[index].bucket_next);
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

void KeyCache::join_subscription(Index index) {
  Index& bucket = bucket_of(details_[index].subscription_id());
  KeyRecord& record = records_[index];
  for (Index at = bucket; at != kNone; at = records_[at].bucket_next) {
    if (!same_subscription(at, index)) continue;
    record.sibling = records_[at].sibling;
    records_[at].sibling = index;
    break;
  }
  record.bucket_next = bucket;
  bucket = index;
}

void KeyCache::leave_subscription(Index index) {
  Index* link = &bucket_of(details_[index].subscription_id());
  while (*link != index) link = &records_[*link].bucket_next;
  *link = records_[index].bucket_next;
  Index before = index;
  while (records_[before].sibling != index) before = records_[before].sibling;
  records_[before].sibling = records_[index].sibling;
  records_[index].sibling = index;
}

void KeyCache::fill(Index index, const Snapshot& snapshot, std::int64_t taken_at, std::int64_t now) {
  KeyDetails& details = details_[index];
  details.key_expires = snapshot.key_expires;
  details.active_from = snapshot.active_from;
  details.active_to = snapshot.active_to;
  details.revision = snapshot.revision;
  details.payment = snapshot.payment;
  details.first_payment = snapshot.first_payment;
  details.access_blocked = snapshot.access_blocked;
  details.has_entitlements = snapshot.has_entitlements;
  details.said_inactive = snapshot.said_inactive;
  // Said before it began, "scheduled" is what the dates say anyway, and ends with them (S7.1).
  details.said_scheduled = snapshot.said_scheduled && taken_at >= snapshot.active_from.ms;
  const bool graced = snapshot.payment == PaymentStatus::pending || snapshot.payment == PaymentStatus::failed;
  details.grace_end = graced ? grace_end(snapshot, {now}) : Instant{};
  details.id_length = static_cast<std::uint8_t>(snapshot.subscription_id.copy(details.id, sizeof details.id));
  details.consumer_length =
      static_cast<std::uint8_t>(snapshot.consumer.copy(details.consumer, sizeof details.consumer));

  KeyRecord& record = records_[index];
  record.taken_at = std::min(taken_at, now);  // a clock that runs ahead elsewhere buys no extra time here
  record.retry_at = 0;
  record.recently_used = true;
  record.usable_from = snapshot.active_from.ms;
  record.usable_until = std::min(snapshot.active_to.ms, snapshot.key_expires.ms);
  if (graced) record.usable_until = std::min(record.usable_until, details.grace_end.ms);
  const bool barred = snapshot.payment == PaymentStatus::missing || snapshot.payment == PaymentStatus::uncollectible ||
                      snapshot.access_blocked || details.said_inactive || details.said_scheduled;
  if (barred) record.usable_until = std::numeric_limits<std::int64_t>::min();
}

bool KeyCache::fill_entitlements(Index index, const Snapshot& snapshot) {
  free_entitlements(index);
  pin(index);  // not to be evicted for its own entitlements
  bool room = true;
  for (std::size_t i = snapshot.entitlement_count; i-- > 0 && room;) {
    const SnapshotEntitlement& from = snapshot.entitlement_list[i];
    while (free_entitlements_.empty() && room) room = evict_one();
    if (!room) break;
    const Index at = free_entitlements_.take([this](Index free) { return entitlements_[free].next; });
    EntitlementSlot& slot = entitlements_[at];
    slot.set_balance(from.balance);
    slot.limit_units = from.limit_units;
    slot.period_from_s = seconds_of(from.period.from);
    slot.period_to_s = seconds_of(from.period.to);
    slot.name = from.name;
    slot.flags = flags_of(from);
    slot.next = records_[index].entitlements;
    records_[index].entitlements = at;
  }
  --records_[index].pins;
  return room;
}

void KeyCache::free_entitlements(Index index) {
  Index& first = records_[index].entitlements;
  while (first != kNone) {
    const Index at = first;
    first = entitlements_[at].next;
    free_entitlements_.give_back(at, entitlements_[at].next);
  }
}

}  // namespace tollgate
