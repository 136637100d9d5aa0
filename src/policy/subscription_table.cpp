#include "policy/subscription_table.h"

#include "base/divide.h"

#include <algorithm>
#include <limits>

namespace tollgate {
namespace {

constexpr std::int64_t kNeverDue = std::numeric_limits<std::int64_t>::max();
/// After so long without use, all that was consumed is known to every snapshot, and counting starts anew from what the
/// ledger says: it forgets an instance's sum after two days.
constexpr std::int64_t kIdleMs = kMsPerDay;
/// How far a clock may be behind that of the control plane. A period that begins later than that has not begun.
constexpr std::int64_t kClockLagMs = 2 * kMsPerHour;

std::uint8_t flags_of(const SnapshotEntitlement& entitlement) {
  return static_cast<std::uint8_t>((entitlement.metered ? EntitlementSlot::kMetered : 0) |
                                   (entitlement.soft_limit ? EntitlementSlot::kSoft : 0) |
                                   (entitlement.has_access ? EntitlementSlot::kAccess : 0));
}

/// The length of a span in seconds, 0 where it is none.
std::uint32_t seconds_between(Instant from, Instant to) {
  const std::int64_t seconds = to > from ? (to.ms - from.ms) / kMsPerSecond : 0;
  return seconds > std::numeric_limits<std::uint32_t>::max() ? 0 : static_cast<std::uint32_t>(seconds);
}

/// What this instance has consumed, by the two numbers that tell.
Quantity consumed(const EntitlementSlot& slot, const EntitlementAccount& account) {
  return account.total.get().minus(slot.balance());
}

void set_period(EntitlementAccount& account, const SnapshotEntitlement& from) {
  account.period_to = std::max<std::int64_t>(from.period.to.ms, 0);
  account.period_seconds = seconds_between(from.period.from, from.period.to);
  account.next_seconds = account.ends() ? seconds_between(from.period.to, from.next_to) : 0;
  account.next_balance.set(from.next_balance);
  account.limit_units = from.limit_units;
}

}  // namespace

Instant grace_end(const Snapshot& snapshot, Instant now) {
  Instant start = snapshot.active_from;
  if (snapshot.grace_start_known) {
    start = snapshot.grace_start;
  } else if (snapshot.payment_failed_known) {
    start = snapshot.payment_failed_at;
  } else if (snapshot.payment_due_known) {
    start = snapshot.payment_due_at;
  } else if (snapshot.has_billing) {
    const auto period = period_containing(snapshot.billing_anchor, snapshot.billing_cadence, now);
    if (period.ok()) start = std::max(start, period->from);
  }
  return {start.ms + snapshot.grace_days * kMsPerDay};
}

Index SubscriptionTable::bucket_of(std::string_view id) const {
  const Hash128 hash = siphash<1, 3>(secret_, id.data(), id.size());
  return static_cast<Index>(static_cast<std::size_t>(hash.low) & (kBuckets - 1));
}

Index SubscriptionTable::find(std::string_view id) const {
  Index at = buckets_[bucket_of(id)];
  while (at != kNone && details_[at].subscription_id() != id) at = records_[at].bucket_next;
  return at;
}

Index SubscriptionTable::add(std::string_view id) {
  const Index at = free_.take([this](Index free) { return records_[free].bucket_next; });
  TOLLGATE_ASSERT(at != kNone);
  records_[at] = {};
  details_[at] = {};
  details_[at].id_length = static_cast<std::uint8_t>(id.copy(details_[at].id, sizeof details_[at].id));
  Index& bucket = buckets_[bucket_of(id)];
  records_[at].bucket_next = bucket;
  bucket = at;
  ++size_;
  return at;
}

void SubscriptionTable::release_key(Index at) {
  TOLLGATE_ASSERT(records_[at].keys > 0);
  if (--records_[at].keys == 0 && records_[at].pins == 0) remove(at);
}

void SubscriptionTable::unpin(Index at) {
  TOLLGATE_ASSERT(records_[at].pins > 0);
  if (--records_[at].pins == 0 && records_[at].keys == 0) remove(at);
}

void SubscriptionTable::remove(Index at) {
  Index* link = &buckets_[bucket_of(details_[at].subscription_id())];
  while (*link != at) link = &records_[*link].bucket_next;
  *link = records_[at].bucket_next;
  free_entitlements(records_[at].entitlements);
  free_.give_back(at, records_[at].bucket_next);
  --size_;
}

bool SubscriptionTable::is_older(Index at, const Snapshot& snapshot, std::int64_t taken_at, std::int64_t now) const {
  const std::int64_t known = details_[at].revision;
  if (known != snapshot.revision && known != 0 && snapshot.revision != 0) return snapshot.revision < known;
  const std::int64_t known_at = records_[at].taken_at;
  return taken_at < known_at && known_at <= now;
}

void SubscriptionTable::store(Index at, const Snapshot& snapshot, std::int64_t taken_at, std::int64_t now) {
  roll_over(at, now);  // what was consumed by now of a period that has ended is not a matter of the next one's
  follow_periods(at, snapshot, now);
  fill(at, snapshot, taken_at, now);
  fill_entitlements(at, snapshot, taken_at, now);
  records_[at].taken_at = taken_at;
  note_due(at);
}

void SubscriptionTable::fill(Index at, const Snapshot& snapshot, std::int64_t taken_at, std::int64_t now) {
  SubscriptionDetails& details = details_[at];
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

  SubscriptionRecord& record = records_[at];
  const std::int64_t anchor = snapshot.has_billing ? snapshot.billing_anchor.ms : snapshot.active_from.ms;
  record.hour_offset = static_cast<std::uint32_t>(mod_floor(anchor, kMsPerHour));
  record.usable_from = snapshot.active_from.ms;
  record.usable_until = snapshot.active_to.ms;
  if (graced) record.usable_until = std::min(record.usable_until, details.grace_end.ms);
  const bool barred = snapshot.payment == PaymentStatus::missing || snapshot.payment == PaymentStatus::uncollectible ||
                      snapshot.access_blocked || details.said_inactive || details.said_scheduled;
  if (barred) record.usable_until = std::numeric_limits<std::int64_t>::min();
}

/// Takes over from the snapshot which periods have begun. Where this clock is behind, requests count as of the period
/// whose balance they are given, which the control plane says. Where it was ahead for a while and has reset a quota
/// too soon, the period goes on, and what was consumed of it counts again.
void SubscriptionTable::follow_periods(Index at, const Snapshot& snapshot, std::int64_t now) {
  SubscriptionRecord& record = records_[at];
  std::int64_t begun = 0;
  bool was_ahead = false;
  for (const SnapshotEntitlement& from : snapshot.entitlements()) {
    if (!from.metered) continue;
    const Period& period = from.period;
    if (period.from.ms <= now + kClockLagMs) begun = std::max(begun, period.from.ms);
    const Index slot = find_entitlement(at, from.name);
    if (slot == kNone) continue;
    const std::int64_t counts_from = accounts_[slot].counts_from(record);
    if (counts_from <= now || period.to.ms <= now || period.from.ms >= counts_from) continue;
    accounts_[slot].base.set({});
    was_ahead = true;
  }
  record.not_before = was_ahead ? begun : std::max(record.not_before, begun);
}

/// How much of what was consumed here the snapshot knows of: by the ledger's high-water mark, else by when it was made.
Quantity SubscriptionTable::known_of(Index at, Index slot, const Snapshot& snapshot, std::int64_t taken_at) const {
  const EntitlementAccount& account = accounts_[slot];
  Quantity known;
  // What has not been delivered cannot be known, whenever the snapshot was made.
  if (snapshot.high_water_known) {
    known = snapshot.received(slots_[slot].name);
  } else if (taken_at >= details_[at].asked_at) {
    known = account.asked.get();
  } else if (taken_at >= records_[at].used_at) {
    known = account.sent.get();
  }
  return std::min(std::max(known, account.base.get()), consumed(slots_[slot], account));
}

/// Takes in what the snapshot says of the entitlements, each in the place that it had. One that it does not name any
/// more keeps its place, without access: should it come back, what was consumed of it has not been forgotten.
void SubscriptionTable::fill_entitlements(Index at, const Snapshot& snapshot, std::int64_t taken_at, std::int64_t now) {
  const SubscriptionRecord& record = records_[at];
  const bool is_idle = now - record.used_at > kIdleMs && record.pins == 0 && record.requests == 0;
  for (Index slot = records_[at].entitlements; slot != kNone; slot = slots_[slot].next) slots_[slot].flags = 0;
  for (const SnapshotEntitlement& from : snapshot.entitlements()) {
    Index slot = find_entitlement(at, from.name);
    const bool is_new = slot == kNone;
    if (is_new) slot = add_entitlement(at, from.name);
    EntitlementAccount& account = accounts_[slot];
    Quantity own = consumed(slots_[slot], account);
    Quantity known = known_of(at, slot, snapshot, taken_at);
    if (is_new || is_idle) {
      own = known = snapshot.high_water_known ? snapshot.received(from.name) : Quantity();
      account.base.set(own);
      account.sent.set(own);
    }
    const Quantity balance = from.balance.minus(own.minus(known));
    account.total.set(own.plus(balance));
    set_period(account, from);
    slots_[slot].compact_balance.set(balance);
    slots_[slot].flags = flags_of(from);
  }
}

Index SubscriptionTable::add_entitlement(Index at, NameId name) {
  const Index slot = free_entitlements_.take([this](Index free) { return slots_[free].next; });
  TOLLGATE_ASSERT(slot != kNone);  // whoever stores a snapshot has made room
  ++entitlements_used_;
  accounts_[slot] = {};
  slots_[slot] = {CompactQuantity(), records_[at].entitlements, name, 0};
  records_[at].entitlements = slot;
  return slot;
}

void SubscriptionTable::note_asked(Index at, std::int64_t now) {
  details_[at].asked_at = now;
  for (Index slot = records_[at].entitlements; slot != kNone; slot = slots_[slot].next) {
    accounts_[slot].asked = accounts_[slot].sent;
  }
}

void SubscriptionTable::note_due(Index at) {
  std::int64_t due = kNeverDue;
  for (Index slot = records_[at].entitlements; slot != kNone; slot = slots_[slot].next) {
    const std::int64_t ends_at = accounts_[slot].period_to;
    if (slots_[slot].metered() && ends_at != 0) due = std::min(due, ends_at);
  }
  records_[at].due_at = due;
}

bool SubscriptionTable::roll_over(Index at, std::int64_t now) {
  if (now < records_[at].due_at) return true;
  const std::int64_t not_before = records_[at].not_before;
  bool known = true;
  for (Index i = records_[at].entitlements; i != kNone; i = slots_[i].next) {
    EntitlementSlot& slot = slots_[i];
    EntitlementAccount& account = accounts_[i];
    if (!slot.metered() || !account.ends() || now < account.period_to) continue;
    const Quantity own = consumed(slot, account);
    const std::int64_t ended_at = account.period_to;
    // Told of a period twice, by a snapshot that is from before its end, what came since counts all the same.
    if (not_before < ended_at) account.base.set(own);
    records_[at].not_before = std::max(records_[at].not_before, ended_at);
    const std::int64_t next_to = ended_at + std::int64_t{account.next_seconds} * kMsPerSecond;
    if (now < next_to) {
      begin_next_period(slot, account, next_to, own);
    } else {  // not told, or over as well
      known = false;
    }
  }
  note_due(at);
  return known;
}

void SubscriptionTable::begin_next_period(EntitlementSlot& slot, EntitlementAccount& account, std::int64_t to,
                                          Quantity own) {
  const Quantity balance = account.next_balance.get().minus(own.minus(account.base.get()));
  // Of a hard limit that is spent, a snapshot says "no access" whatever the next period brings.
  if (slot.spent() && balance.positive()) slot.flags |= EntitlementSlot::kAccess;
  slot.compact_balance.set(balance);
  account.total.set(own.plus(balance));
  account.period_to = to;
  account.period_seconds = account.next_seconds;
  account.next_seconds = 0;
  ++rollovers_;
}

void SubscriptionTable::consume(Index at, NameId name, Quantity amount, std::int64_t at_ms) {
  const Index slot = find_entitlement(at, name);
  if (slot == kNone) return;
  EntitlementAccount& account = accounts_[slot];
  if (at_ms >= account.counts_from(records_[at])) {
    slots_[slot].consume(amount);
    return;
  }
  // Of an earlier period: counted as consumed before this one, whose balance has nothing to do with it.
  account.total.set(account.total.get().plus(amount));
  account.base.set(account.base.get().plus(amount));
}

void SubscriptionTable::note_sent(Index at, NameId name, Quantity amount) {
  const Index slot = find_entitlement(at, name);
  if (slot != kNone) accounts_[slot].sent.set(accounts_[slot].sent.get().plus(amount));
}

void SubscriptionTable::free_entitlements(Index first) {
  while (first != kNone) {
    const Index slot = first;
    first = slots_[slot].next;
    free_entitlements_.give_back(slot, slots_[slot].next);
    --entitlements_used_;
  }
}

}  // namespace tollgate
