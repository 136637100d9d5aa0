#include "policy/engine.h"

#include "policy/credential.h"

namespace tollgate {

// --- decisions ----------------------------------------------------------------------------------------------------

bool Engine::usable(const Policy& policy, const KeyRecord& record, std::int64_t now) {
  const std::int64_t age = now - record.taken_at;
  if (age < policy.ttl_ms) [[likely]]
    return true;
  if (now >= record.retry_at || age > policy.stale_ms) return false;
  ++counters_.stale_uses;
  return true;
}

Outcome Engine::deny(Verdict verdict) {
  ++counters_.denied;
  if (verdict.refusal == Refusal::overloaded) ++counters_.overloaded;
  return Outcome::denied(verdict);
}

Outcome Engine::check(std::size_t policy_index, std::string_view header, std::int64_t now) {
  TOLLGATE_ASSERT(policy_index < configuration_.count);
  const Policy& policy = configuration_.policies[policy_index];
  ++counters_.checks;
  notice_.record = 0;
  const Credential credential = split_credential(policy, header);
  if (credential.refusal != Refusal::none) [[unlikely]]
    return deny({credential.refusal, 0});
  const Hash128 hash = hash_of(credential.key);
  const Index record = cache_.find(hash);
  if (record != kNone && usable(policy, cache_.record(record), now)) [[likely]] {
    return decide_record(policy_index, record, now);
  }
  return check_cold(policy_index, credential.key, hash, now);
}

Outcome Engine::check_known(std::size_t policy_index, RecordTag tag, std::int64_t now) {
  TOLLGATE_ASSERT(policy_index < configuration_.count);
  const Index record = cache_.find(tag);
  if (record == kNone || !usable(configuration_.policies[policy_index], cache_.record(record), now)) {
    return Outcome::unknown_record();
  }
  ++counters_.checks;
  return decide_record(policy_index, record, now);
}

Outcome Engine::decide_record(std::size_t policy_index, Index record, std::int64_t now) {
  const Policy& policy = configuration_.policies[policy_index];
  cache_.record(record).recently_used = true;
  notice_.record = cache_.tag(record);
  const Index slot = take_slot(policy_index, State::allowed, record, now);
  if (slot == kNone) [[unlikely]]
    return deny({Refusal::overloaded, 0});
  if (!passes_before_meters(policy, cache_, record, now) || !cache_.admit(record, policy.meters())) [[unlikely]] {
    free_slot(slot);
    return deny(decide(policy, cache_, record, now));
  }
  cache_.pin(record);
  return Outcome::allowed(handle_of(slot));
}

void Engine::give_back(const Policy& policy, Index record) {
  for (const PolicyMeter& meter : policy.meters()) cache_.consume(record, meter.name, Quantity().minus(meter.cost));
}

void Engine::record_usage(const Policy& policy, const Request& request, const RuntimeMeters& runtime) {
  const Index record = request.target;
  if (runtime.count == 0) [[likely]] {
    for (const PolicyMeter& meter : policy.meters()) {
      if (!meter.cost.zero()) outbox_.append(cache_, record, meter.name, policy.subject, meter.cost, request.now);
    }
    return;
  }
  const auto add = [&](NameId name, Quantity reserved, Quantity total) {
    if (total != reserved) cache_.consume(record, name, total.minus(reserved));
    if (total.positive()) outbox_.append(cache_, record, name, policy.subject, total, request.now);
  };
  for (const PolicyMeter& meter : policy.meters()) {
    const RuntimeMeter* const set = runtime.find(meter.name);
    const Quantity fixed = set != nullptr && set->replaces ? Quantity() : meter.cost;
    add(meter.name, meter.cost, set != nullptr ? fixed.plus(set->value) : fixed);
  }
  for (const RuntimeMeter& set : runtime.view()) {
    if (!policy.meters_name(set.name)) add(set.name, Quantity(), set.value);
  }
}

bool Engine::finish(RequestHandle handle, std::uint32_t status, const RuntimeMeters& runtime) {
  const Index slot = slot_of(handle);
  if (slot == kNone || requests_[slot].state != State::allowed) return false;
  const Request& request = requests_[slot];
  const Policy& policy = configuration_.policies[request.policy];
  if (policy.metered_statuses.contains(status))
    record_usage(policy, request, runtime);
  else
    give_back(policy, request.target);
  cache_.unpin(request.target);
  free_slot(slot);
  return true;
}

bool Engine::abandon(RequestHandle handle) {
  notice_.woken = 0;
  const Index slot = slot_of(handle);
  if (slot == kNone) return false;
  Request& request = requests_[slot];
  if (request.state == State::allowed) {
    give_back(configuration_.policies[request.policy], request.target);
    cache_.unpin(request.target);
  } else {
    Lookup& lookup = lookup_of(slot);
    if (request.state == State::woken) {
      unqueue_woken(slot);
    } else if (lookup.owner != slot) {
      remove_waiter(lookup, slot);
    }
    if (lookup.owner == slot) {
      lookup.owner = pop_waiter(lookup);
      if (lookup.owner != kNone) wake(lookup.owner);
    }
    drop_reader(lookup);
  }
  free_slot(slot);
  return true;
}

RecordTag Engine::record_of(RequestHandle handle) const {
  const Index slot = slot_of(handle);
  if (slot == kNone || requests_[slot].state != State::allowed) return 0;
  return cache_.tag(requests_[slot].target);
}

Engine::Explanation Engine::explain(std::size_t policy_index, std::string_view header, std::int64_t now) const {
  TOLLGATE_ASSERT(policy_index < configuration_.count);
  const Policy& policy = configuration_.policies[policy_index];
  const Credential credential = split_credential(policy, header);
  if (credential.refusal != Refusal::none) return {{credential.refusal, 0}, false, kNone};
  if (!well_formed(credential.key, key_format_)) return {{Refusal::key_invalid, 0}, false, kNone};
  const Hash128 hash = hash_of(credential.key);
  const Index record = cache_.find(hash);
  if (record != kNone) return {decide(policy, cache_, record, now), false, record};
  if (negatives_.contains(hash, now, policy.ttl_ms)) return {{Refusal::authorization_failed, 0}, false, kNone};
  return {{}, true, kNone};
}

// --- requests -----------------------------------------------------------------------------------------------------

Index Engine::slot_of(RequestHandle handle) const {
  const auto slot = static_cast<Index>(handle & limits::kInFlight);
  return requests_[slot].state != State::free && handle_of(slot) == handle ? slot : kNone;
}

Index Engine::take_slot(std::size_t policy, State state, Index target, std::int64_t now) {
  constexpr std::uint32_t kGenerations = 1U << (31 - kSlotBits);
  if (free_requests_.empty() && !reclaim(now)) return kNone;
  const Index slot = free_requests_.take([this](Index at) { return requests_[at].next; });
  Request& request = requests_[slot];
  request.generation = (request.generation + 1) % kGenerations;
  if (request.generation == 0) request.generation = 1;
  request.state = state;
  request.policy = static_cast<std::uint8_t>(policy);
  request.target = target;
  request.next = kNone;
  request.now = now;
  return slot;
}

std::size_t Engine::in_flight() const {
  std::size_t live = 0;
  for (const Request& request : requests_) live += request.state != State::free ? 1 : 0;
  return live;
}

/// A host that lost a request without a word (an isolate's client hung up and its background time ran out) must not fill
/// the table for good: what is older than any request lives counts as abandoned.
bool Engine::reclaim(std::int64_t now) {
  std::size_t reclaimed = 0;
  for (std::size_t i = 1; i < requests_.size(); ++i) {
    const Request& request = requests_[i];
    const std::int64_t life = request.state == State::allowed ? limits::kMaxRequestMs : limits::kMaxWaitMs;
    if (now - request.now < life) continue;
    abandon(handle_of(static_cast<Index>(i)));
    ++reclaimed;
  }
  counters_.reclaimed += reclaimed;
  return reclaimed > 0;
}

void Engine::free_slot(Index slot) {
  Request& request = requests_[slot];
  request.state = State::free;
  free_requests_.give_back(slot, request.next);
}

}  // namespace tollgate
