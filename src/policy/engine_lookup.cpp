// The cold half of the engine: keys that are not in the cache, and requests that wait for them.

#include "policy/engine.h"

#include <algorithm>

namespace tollgate {

// Straight-line, because it is one: KV, then the control plane. Suspends at each `co_await` until `Engine::resume`.
LookupTask Engine::look_up(LookupFrames&, Engine& engine, Lookup& lookup) {
  co_await lookup.ask(Effect::kv_get);
  if (lookup.answer.kind == Answer::Kind::snapshot) {
    const LookupEnd end = engine.accept(lookup);
    const bool fresh = lookup.answer.now - lookup.answer.taken_at < lookup.ttl_ms;
    if (end != LookupEnd::outage && fresh) {
      lookup.end = end;
      co_return;
    }
  }
  co_await lookup.ask(Effect::fetch);
  switch (lookup.answer.kind) {
    case Answer::Kind::snapshot: lookup.end = engine.accept(lookup); break;
    case Answer::Kind::not_found: lookup.end = LookupEnd::unknown; break;
    case Answer::Kind::unauthorized: lookup.end = LookupEnd::unauthorized; break;
    case Answer::Kind::outage: lookup.end = LookupEnd::outage; break;
  }
}

/// Puts a snapshot into the cache. One that is older than what is known counts as no answer (invariant S7).
LookupEnd Engine::accept(const Lookup& lookup) {
  const Answer& answer = lookup.answer;
  const Index known = cache_.find(lookup.hash);
  if (known != kNone && cache_.details(known).subscription_id() == answer.snapshot->subscription_id) {
    // What KV holds may be what is known already: taken again, it would bring back what was consumed since.
    const bool older = answer.snapshot->revision < cache_.details(known).revision ||
                       (lookup.effect == Effect::kv_get && answer.taken_at <= cache_.record(known).taken_at);
    if (older) return LookupEnd::outage;
  }
  const Index record = cache_.store(lookup.hash, *answer.snapshot, answer.taken_at, answer.now);
  if (record == kNone) return LookupEnd::no_room;
  subtract_outstanding(record);
  notice_.taken = cache_.tag(record);
  return LookupEnd::found;
}

/// A new snapshot does not know what this instance has admitted and not yet delivered (S5).
void Engine::subtract_outstanding(Index record) {
  bool pinned = false;
  Index at = record;
  do {
    pinned = pinned || cache_.record(at).pins > 0;
    at = cache_.record(at).sibling;
  } while (at != record);
  if (!pinned) return;  // the usual case: nothing of this subscription is under way

  for (std::size_t i = 0; i < names_.size(); ++i) {
    const auto name = static_cast<NameId>(i);
    if (cache_.entitlement(record, name) == nullptr) continue;
    Quantity outstanding = outbox_.undelivered(cache_, record, name);
    for (const Request& request : requests_) {
      if (request.state != State::allowed || !cache_.same_subscription(request.target, record)) continue;
      for (const PolicyMeter& meter : configuration_.policies[request.policy].meters()) {
        if (meter.name == name) outstanding = outstanding.plus(meter.cost);
      }
    }
    cache_.consume_one(record, name, outstanding);
  }
}

Index Engine::find_lookup(const Hash128& hash) const {
  std::size_t seen = 0;
  for (std::size_t i = 1; seen < live_lookups_; ++i) {
    if (!lookups_[i].live) continue;
    if (lookups_[i].hash == hash && lookups_[i].end == LookupEnd::pending) return static_cast<Index>(i);
    ++seen;
  }
  return kNone;
}

/// A key that has no usable record.
Outcome Engine::check_cold(std::size_t policy, std::string_view key, const Hash128& hash, std::int64_t now) {
  if (!well_formed(key, key_format_)) return deny({Refusal::key_invalid, 0});
  if (cache_.find(hash) == kNone && negatives_.contains(hash, now, configuration_.policies[policy].ttl_ms)) {
    return deny({Refusal::authorization_failed, 0});
  }
  return begin_lookup(policy, key, hash, now);
}

Outcome Engine::begin_lookup(std::size_t policy, std::string_view key, const Hash128& hash, std::int64_t now) {
  const Index pending = find_lookup(hash);
  if (pending == kNone && live_lookups_ == limits::kLookups) return deny({Refusal::overloaded, 0});
  const Index slot = take_slot(policy, State::waiting, pending, now);
  if (slot == kNone) return deny({Refusal::overloaded, 0});
  if (pending != kNone) {
    ++counters_.shared_lookups;
    ++lookups_[pending].readers;
    add_waiter(lookups_[pending], slot);
    return suspend(slot, Effect::wait);
  }
  Index place = 1;
  while (lookups_[place].live) ++place;
  Lookup& lookup = lookups_[place];
  lookup = {};
  lookup.hash = hash;
  lookup.digest = sha256(key);
  lookup.ttl_ms = configuration_.policies[policy].ttl_ms;
  lookup.owner = slot;
  lookup.readers = 1;
  lookup.live = true;
  ++live_lookups_;
  ++counters_.lookups;
  requests_[slot].target = place;
  lookup.task = look_up(frames_, *this, lookup);
  return advance(slot);
}

Outcome Engine::suspend(Index slot, Effect effect) {
  notice_.handle = handle_of(slot);
  notice_.effect = effect;
  notice_.digest = &lookup_of(slot).digest;
  return Outcome::suspended();
}

/// Lets the look-up of its owner run to the next question or to the end.
Outcome Engine::advance(Index slot) {
  Lookup& lookup = lookup_of(slot);
  lookup.task.resume();
  if (!lookup.task.done()) return suspend(slot, lookup.effect);
  if (lookup.end == LookupEnd::outage) {
    ++counters_.outages;
    const Index known = cache_.find(lookup.hash);
    if (known != kNone) cache_.record(known).retry_at = lookup.answer.now + limits::kRetryLookupMs;
  } else if (lookup.end == LookupEnd::unknown) {
    const Index known = cache_.find(lookup.hash);
    if (known != kNone) cache_.forget(known);
    negatives_.insert(lookup.hash, lookup.answer.now);
  } else if (lookup.end == LookupEnd::found) {
    negatives_.erase(lookup.hash);
  }
  lookup.owner = kNone;
  wake_all(lookup);
  return conclude(slot, lookup.answer.now);
}

Outcome Engine::resume(RequestHandle handle, const Answer& answer) {
  notice_.store_seconds = 0;
  notice_.taken = 0;
  notice_.woken = 0;
  notice_.record = 0;
  const Index slot = slot_of(handle);
  if (slot == kNone || requests_[slot].state != State::waiting || lookup_of(slot).owner != slot)
    return Outcome::stale();
  Lookup& lookup = lookup_of(slot);
  const Policy& policy = configuration_.policies[requests_[slot].policy];
  lookup.answer = answer;
  const bool fetched = lookup.effect == Effect::fetch;
  const Outcome outcome = advance(slot);
  if (fetched && notice_.taken != 0) {
    notice_.store_seconds = static_cast<std::uint32_t>(std::max(policy.ttl_ms, policy.stale_ms) / kMsPerSecond);
  }
  return outcome;
}

/// Tells a request how its look-up ended.
Outcome Engine::conclude(Index slot, std::int64_t now) {
  Lookup& lookup = lookup_of(slot);
  const std::size_t policy_index = requests_[slot].policy;
  const LookupEnd end = lookup.end;
  const Hash128 hash = lookup.hash;
  free_slot(slot);
  drop_reader(lookup);
  switch (end) {
    case LookupEnd::found:
    case LookupEnd::outage: {
      const Policy& policy = configuration_.policies[policy_index];
      const Index record = cache_.find(hash);
      // What was found a moment ago is used whatever the TTL; after an outage, the last snapshot within its bound (S4.4).
      if (record == kNone || (end == LookupEnd::outage && now - cache_.record(record).taken_at > policy.stale_ms)) {
        return deny({Refusal::authorization_failed, 0});
      }
      if (end == LookupEnd::outage) ++counters_.stale_uses;
      return decide_record(policy_index, record, now);
    }
    case LookupEnd::unknown: return deny({Refusal::key_invalid, 0});
    case LookupEnd::no_room: return deny({Refusal::overloaded, 0});
    default: return deny({Refusal::authorization_failed, 0});
  }
}

RequestHandle Engine::next_woken() {
  if (woken_head_ == kNone) return 0;
  const Index slot = woken_head_;
  woken_head_ = requests_[slot].next;
  if (woken_head_ == kNone) woken_tail_ = kNone;
  requests_[slot].next = kNone;
  return handle_of(slot);
}

Outcome Engine::poll(RequestHandle handle, std::int64_t now) {
  notice_.record = 0;
  notice_.woken = 0;
  const Index slot = slot_of(handle);
  if (slot == kNone || requests_[slot].state == State::allowed) return Outcome::stale();
  Lookup& lookup = lookup_of(slot);
  if (lookup.end != LookupEnd::pending) {
    if (requests_[slot].state == State::woken) unqueue_woken(slot);
    return conclude(slot, now);
  }
  if (requests_[slot].state == State::woken) unqueue_woken(slot);
  return suspend(slot, lookup.owner == slot ? lookup.effect : Effect::wait);
}

Outcome Engine::take_over(RequestHandle handle, std::int64_t now) {
  notice_.woken = 0;
  const Index slot = slot_of(handle);
  if (slot == kNone || requests_[slot].state == State::allowed) return Outcome::stale();
  Lookup& lookup = lookup_of(slot);
  if (lookup.end == LookupEnd::pending && lookup.owner != slot) {
    remove_waiter(lookup, slot);
    add_waiter(lookup, lookup.owner);
    lookup.owner = slot;
    return suspend(slot, lookup.effect);
  }
  return poll(handle, now);
}

void Engine::add_waiter(Lookup& lookup, Index slot) {
  requests_[slot].next = kNone;
  (lookup.last_waiter == kNone ? lookup.first_waiter : requests_[lookup.last_waiter].next) = slot;
  lookup.last_waiter = slot;
}

void Engine::remove_waiter(Lookup& lookup, Index slot) {
  Index before = kNone;
  for (Index at = lookup.first_waiter; at != slot; at = requests_[at].next) before = at;
  const Index after = requests_[slot].next;
  (before == kNone ? lookup.first_waiter : requests_[before].next) = after;
  if (lookup.last_waiter == slot) lookup.last_waiter = before;
}

Index Engine::pop_waiter(Lookup& lookup) {
  const Index slot = lookup.first_waiter;
  if (slot != kNone) remove_waiter(lookup, slot);
  return slot;
}

void Engine::wake(Index slot) {
  Request& request = requests_[slot];
  request.state = State::woken;
  request.next = kNone;
  (woken_tail_ == kNone ? woken_head_ : requests_[woken_tail_].next) = slot;
  woken_tail_ = slot;
  ++notice_.woken;
}

void Engine::wake_all(Lookup& lookup) {
  for (Index slot = pop_waiter(lookup); slot != kNone; slot = pop_waiter(lookup)) wake(slot);
}

void Engine::unqueue_woken(Index slot) {
  Index before = kNone;
  Index at = woken_head_;
  for (; at != kNone && at != slot; at = requests_[at].next) before = at;
  if (at == slot) {
    const Index after = requests_[slot].next;
    (before == kNone ? woken_head_ : requests_[before].next) = after;
    if (woken_tail_ == slot) woken_tail_ = before;
  }
  requests_[slot].next = kNone;
  requests_[slot].state = State::waiting;
}

/// The last request to learn how it ended clears a look-up away; one that nobody waits for ends where it stands.
void Engine::drop_reader(Lookup& lookup) {
  if (--lookup.readers > 0) return;
  lookup.task.destroy(frames_);
  lookup.live = false;
  --live_lookups_;
}

}  // namespace tollgate
