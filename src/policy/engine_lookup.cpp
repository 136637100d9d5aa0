// The cold half of the engine: keys that are not in the cache, and requests that wait for them.

#include "policy/engine.h"

#include <algorithm>

namespace tollgate {

// Straight-line, because it is one: KV, then the control plane. Suspends at each `co_await` until `Engine::resume`.
LookupTask Engine::look_up(LookupFrames&, Engine& engine, Lookup& lookup) {
  if (!lookup.is_recheck) {
    co_await lookup.ask(Effect::kv_get);
    if (engine.settle_from_kv(lookup)) co_return;
  }
  co_await lookup.ask(Effect::fetch);
  switch (lookup.answer.kind) {
    case Answer::Kind::snapshot: lookup.end = engine.accept(lookup, Effect::fetch); break;
    case Answer::Kind::not_found: lookup.end = LookupEnd::unknown; break;
    // The control plane refuses this gateway's own credential: that says nothing about the key (S4.4).
    case Answer::Kind::unauthorized:
    case Answer::Kind::outage: lookup.end = LookupEnd::outage; break;
  }
}

/// Whether what KV had ends the look-up. A copy that is too old, or that says it was made in the future, is kept for an
/// outage, and the control plane is asked (S4.2).
bool Engine::settle_from_kv(Lookup& lookup) {
  const Answer& answer = lookup.answer;
  if (answer.kind != Answer::Kind::snapshot) return false;
  lookup.kv_had_copy = true;
  lookup.kv_revision = answer.snapshot->revision;
  const LookupEnd end = accept(lookup, Effect::kv_get);
  const bool is_fresh =
      static_cast<std::uint64_t>(answer.now - answer.taken_at) < static_cast<std::uint64_t>(lookup.ttl_ms);
  if (end == LookupEnd::outage || !is_fresh) return false;
  // Of a period that has ended, a copy is of use only if it says what comes next (S4.5).
  const Index record = cache_.find(lookup.key.hash);
  const Index subscription = record == kNone ? kNone : cache_.record(record).subscription;
  if (record != kNone && !cache_.subscriptions().roll_over(subscription, answer.now)) return false;
  lookup.end = end;
  return true;
}

/// Puts a snapshot into the cache. One that is older than what is known counts as no answer (invariant S7).
LookupEnd Engine::accept(Lookup& lookup, Effect from) {
  const Answer& answer = lookup.answer;
  if (is_outdated(lookup, from)) {
    ++counters_.outdated;
    return LookupEnd::outage;
  }
  const Index record = cache_.store(lookup.key.hash, *answer.snapshot, answer.taken_at, answer.now);
  if (record == kNone) return LookupEnd::no_room;
  counters_.skipped += answer.snapshot->skipped;
  notice_.taken = cache_.tag(record);
  return LookupEnd::found;
}

/// How long a copy in KV may live that any of the policies has stored.
std::int64_t Engine::longest_copy_ms() const {
  std::int64_t longest = 0;
  for (std::size_t i = 0; i < configuration_.count; ++i) {
    longest = std::max({longest, configuration_.policies[i].ttl_ms, configuration_.policies[i].stale_ms});
  }
  return longest;
}

bool Engine::is_outdated(const Lookup& lookup, Effect from) const {
  const Answer& answer = lookup.answer;
  const bool from_cache = from == Effect::kv_get;
  const Index known = cache_.find(lookup.key.hash);
  if (known != kNone && cache_.is_older(known, *answer.snapshot, answer.taken_at, from_cache)) return true;
  const NegativeEntry* const negative = find_negative(lookup.key.hash);
  if (negative == nullptr || answer.now - negative->at > longest_copy_ms()) return false;
  const std::int64_t revision = answer.snapshot->revision;
  return from_cache ? negative->outdates(revision, answer.taken_at) : revision != 0 && revision < negative->revision;
}

const NegativeEntry* Engine::find_negative(const Hash128& hash) const {
  const NegativeEntry* const revoked = revoked_.find(hash);
  return revoked != nullptr ? revoked : negatives_.find(hash);
}

/// A key that has no usable record.
Outcome Engine::check_cold(std::size_t policy, std::string_view key, const Hash128& hash, std::int64_t now) {
  if (!well_formed(key, key_format_)) return Outcome::denied({Refusal::key_invalid, 0});
  const NegativeEntry* const negative = cache_.find(hash) == kNone ? find_negative(hash) : nullptr;
  if (negative != nullptr && negative->is_fresh(now, configuration_.policies[policy].ttl_ms)) {
    return Outcome::denied({Refusal::authorization_failed, 0});
  }
  return begin_lookup(policy, key, hash, false, now);
}

Outcome Engine::begin_lookup(std::size_t policy, std::string_view key, const Hash128& hash, bool is_recheck,
                             std::int64_t now) {
  const Index record = cache_.find(hash);
  const bool is_known = record != kNone;
  const Index pending = lookups_.find(hash);
  const auto has_room = [&] {
    return lookups_.may_wait(is_known) && (pending != kNone || lookups_.has_room(is_known)) && !requests_.full();
  };
  if (!has_room()) [[unlikely]]
    reclaim(now);
  if (!has_room()) return without_lookup(policy, record, now);
  const Index slot = take_slot(policy, RequestState::waiting, pending, now);
  if (pending == kNone) return start_lookup(slot, {hash, sha256(key)}, is_recheck, now);
  ++counters_.shared_lookups;
  lookups_.add_reader(lookups_[pending]);
  lookups_[pending].waiters.push_back(requests_, slot);
  return suspend(slot, Effect::wait);
}

/// Begins a look-up for which there is room, and whose first request stands in `slot`.
Outcome Engine::start_lookup(Index slot, const LookupKey& key, bool is_recheck, std::int64_t now) {
  const Index record = cache_.find(key.hash);
  const Policy& policy = configuration_.policies[requests_[slot].policy];
  const Index place = lookups_.add(record != kNone);
  requests_[slot].target = place;
  Lookup& lookup = lookups_[place];
  lookup.key = key;
  lookup.ttl_ms = policy.ttl_ms;
  lookup.is_recheck = is_recheck;
  lookup.owner = slot;
  lookups_.add_reader(lookup);
  ++counters_.lookups;
  if (is_recheck) ++counters_.rechecks;
  if (record != kNone) {
    if (is_recheck) cache_.record(record).rechecked_at = now;
    cache_.subscriptions().note_asked(cache_.record(record).subscription, now);
  }
  lookup.task = look_up(lookups_.frames(), *this, lookup);
  return advance(slot);
}

/// Nobody can be asked now: a known key goes on with what is known of it, if that is not too old (S4.3, S4.4).
Outcome Engine::without_lookup(std::size_t policy, Index record, std::int64_t now) {
  const std::int64_t age = record == kNone ? 0 : now - cache_.record(record).taken_at;
  if (record == kNone || age > configuration_.policies[policy].stale_ms) {
    return Outcome::denied({Refusal::overloaded, 0});
  }
  if (age >= configuration_.policies[policy].ttl_ms) ++counters_.stale_uses;
  return decide_record(policy, record, now);
}

Outcome Engine::suspend(Index slot, Effect effect) {
  if (effect != Effect::wait) requests_[slot].asked = effect;
  notice_.handle = requests_.handle_of(slot);
  notice_.effect = effect;
  notice_.digest = &lookup_of(slot).key.digest;
  return Outcome::suspended();
}

/// Lets the look-up of its owner run to the next question or to the end.
Outcome Engine::advance(Index slot) {
  Lookup& lookup = lookup_of(slot);
  lookup.task.resume();
  if (lookup.end == LookupEnd::pending) return suspend(slot, lookup.effect);
  settle(lookup);
  return conclude(slot, lookup.answer.now);
}

/// Remembers how a look-up ended, and wakes all who wait for it.
void Engine::settle(Lookup& lookup) {
  const std::int64_t now = lookup.answer.now;
  const Index known = cache_.find(lookup.key.hash);
  if (lookup.end == LookupEnd::outage) {
    ++counters_.outages;
    if (known != kNone) cache_.record(known).retry_at = now + limits::kRetryLookupMs;
  } else if (lookup.end == LookupEnd::unknown) {
    if (known != kNone || lookup.kv_had_copy) {
      const std::int64_t revision = known != kNone ? cache_.details(known).revision : lookup.kv_revision;
      revoked_.insert({lookup.key.hash, now, revision});
    } else {
      negatives_.insert({lookup.key.hash, now, 0});
    }
    if (known != kNone) cache_.forget(known);
  } else if (lookup.end == LookupEnd::found) {
    negatives_.erase(lookup.key.hash);
    revoked_.erase(lookup.key.hash);
  }
  lookup.owner = kNone;
  while (!lookup.waiters.empty()) wake(lookup.waiters.pop_front(requests_));
}

Outcome Engine::resume(RequestHandle handle, const Answer& answer) {
  notice_.store_seconds = 0;
  notice_.taken = 0;
  notice_.record = 0;
  const Index slot = requests_.find(handle);
  if (slot == kNone || requests_[slot].asked == Effect::none) return Outcome::stale();
  const Effect asked = std::exchange(requests_[slot].asked, Effect::none);
  Lookup& lookup = lookup_of(slot);
  const Policy& policy = configuration_.policies[requests_[slot].policy];
  if (lookup.end != LookupEnd::pending) return told(conclude(slot, answer.now));
  const bool is_good =
      answer.kind == Answer::Kind::snapshot || (asked == Effect::fetch && answer.kind == Answer::Kind::not_found);
  // One that was taken over may still bring what all wait for; what it could not get, its successor is getting.
  if (lookup.owner != slot && !is_good) return wait_again(slot);
  lookup.answer = answer;
  Outcome outcome = Outcome::suspended();
  if (asked == lookup.effect) {
    make_owner(lookup, slot);
    outcome = advance(slot);
  } else {
    if (asked != Effect::kv_get || !settle_from_kv(lookup)) return wait_again(slot);
    settle(lookup);
    outcome = conclude(slot, answer.now);
  }
  if (asked == Effect::fetch && notice_.taken != 0) {
    notice_.store_seconds = static_cast<std::uint32_t>(std::max(policy.ttl_ms, policy.stale_ms) / kMsPerSecond);
  }
  return told(outcome);
}

const Digest* Engine::digest_of(RequestHandle handle) {
  const Index slot = requests_.find(handle);
  return slot == kNone || requests_[slot].state != RequestState::waiting ? nullptr : &lookup_of(slot).key.digest;
}

/// Lets a request wait for the one that fetches, or fetch where it is that one.
Outcome Engine::wait_again(Index slot) {
  Lookup& lookup = lookup_of(slot);
  if (lookup.owner == slot) return suspend(slot, lookup.effect);
  lookup.waiters.push_back(requests_, slot);
  return suspend(slot, Effect::wait);
}

void Engine::make_owner(Lookup& lookup, Index slot) {
  if (lookup.owner == slot) return;
  lookup.waiters.remove(requests_, slot);
  if (lookup.owner != kNone) lookup.waiters.push_back(requests_, lookup.owner);
  lookup.owner = slot;
}

/// Tells a request how its look-up ended.
Outcome Engine::conclude(Index slot, std::int64_t now) {
  Lookup& lookup = lookup_of(slot);
  const std::size_t policy_index = requests_[slot].policy;
  const LookupEnd end = lookup.end;
  const LookupKey key = lookup.key;
  const bool is_from_kv = end == LookupEnd::found && lookup.effect == Effect::kv_get;
  forget_wake(slot);
  lookup.waiters.remove(requests_, slot);
  lookups_.drop_reader(lookup);
  if (is_from_kv && is_refusal_to_recheck(policy_index, key.hash, now)) return start_lookup(slot, key, true, now);
  requests_.remove(slot);
  if (end == LookupEnd::unknown) return Outcome::denied({Refusal::key_invalid, 0});
  const Index record = cache_.find(key.hash);
  // It was found, and another look-up has learned since that it is revoked.
  if (record == kNone && find_negative(key.hash) != nullptr) return Outcome::denied({Refusal::authorization_failed, 0});
  // No room for what was found, or room was made for others since.
  if (end != LookupEnd::outage && record == kNone) return Outcome::denied({Refusal::overloaded, 0});
  const Policy& policy = configuration_.policies[policy_index];
  // What was found a moment ago is used whatever the TTL; after an outage, the last snapshot within its bound (S4.4).
  if (record == kNone || (end == LookupEnd::outage && now - cache_.record(record).taken_at > policy.stale_ms)) {
    return Outcome::denied({Refusal::authorization_failed, 0});
  }
  KeyRecord& known = cache_.record(record);
  if (end == LookupEnd::outage) ++counters_.stale_uses;
  // A control plane whose clock is behind tells of a period that is over: it is not asked at every request.
  const bool goes_on = cache_.subscriptions().roll_over(known.subscription, now);
  if (!goes_on && end == LookupEnd::found) known.retry_at = now + limits::kRetryLookupMs;
  return decide_record(policy_index, record, now);
}

/// Whether a copy in KV leads to a refusal that the control plane is to be asked about first (S4.5), and can be.
bool Engine::is_refusal_to_recheck(std::size_t policy_index, const Hash128& hash, std::int64_t now) const {
  const Index record = cache_.find(hash);
  if (record == kNone || lookups_.find(hash) != kNone || !lookups_.has_room(true)) return false;
  const Policy& policy = configuration_.policies[policy_index];
  return is_due_for_recheck(policy, record, Outcome::denied(decide(policy, cache_, record, now)), now);
}

RequestHandle Engine::next_woken() {
  const Index slot = woken_.pop_front(requests_);
  if (slot == kNone) return 0;
  --notice_.woken;
  return requests_.handle_of(slot);
}

Outcome Engine::poll(RequestHandle handle, std::int64_t now) {
  notice_.record = 0;
  const Index slot = requests_.find(handle);
  if (slot == kNone || requests_[slot].state != RequestState::waiting) return Outcome::stale();
  Lookup& lookup = lookup_of(slot);
  if (lookup.end != LookupEnd::pending) return told(conclude(slot, now));
  forget_wake(slot);
  // What it is asked for already comes first: its answer must not be taken for that to another question.
  const Effect asked = requests_[slot].asked;
  if (lookup.owner == slot && asked != Effect::none) return suspend(slot, asked);
  return wait_again(slot);
}

Outcome Engine::take_over(RequestHandle handle, std::int64_t now) {
  const Index slot = requests_.find(handle);
  if (slot == kNone || requests_[slot].state != RequestState::waiting) return Outcome::stale();
  Lookup& lookup = lookup_of(slot);
  if (lookup.end == LookupEnd::pending) make_owner(lookup, slot);
  return poll(handle, now);
}

void Engine::wake(Index slot) {
  woken_.push_back(requests_, slot);
  ++notice_.woken;
}

/// Whoever asks by itself need not be told.
void Engine::forget_wake(Index slot) {
  if (requests_[slot].woken.listed) --notice_.woken;
  woken_.remove(requests_, slot);
}

/// A request that waits goes away; if it was the one that fetches, another is.
void Engine::leave_lookup(Index slot) {
  Lookup& lookup = lookup_of(slot);
  forget_wake(slot);
  lookup.waiters.remove(requests_, slot);
  if (lookup.owner == slot) {
    lookup.owner = lookup.waiters.pop_front(requests_);
    if (lookup.owner != kNone) wake(lookup.owner);
  }
  requests_.remove(slot);
  lookups_.drop_reader(lookup);
}

}  // namespace tollgate
