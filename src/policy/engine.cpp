#include "policy/engine.h"

#include "policy/credential.h"

#include <algorithm>

namespace tollgate {
namespace {

/// Whether an instant lies less than a span behind now. One that lies ahead does not: it was told by another clock, or
/// by this one before it was put back, and nothing is fresher for that (S4.2).
bool is_within(std::int64_t now, std::int64_t since, std::int64_t span_ms) {
  return static_cast<std::uint64_t>(now - since) < static_cast<std::uint64_t>(span_ms);
}

}  // namespace

// --- decisions ----------------------------------------------------------------------------------------------------

bool Engine::usable(const Policy& policy, const KeyRecord& key, std::int64_t now) {
  const bool is_due = now >= cache_.subscriptions().record(key.subscription).due_at;
  if (is_within(now, key.taken_at, policy.ttl_ms) && !is_due) [[likely]]
    return true;
  return usable_when_due(policy, key, now);
}

/// A record whose quota has reset goes on by itself where it knows how (S4.5), one that is too old only just after the
/// control plane could not be asked (S4.4).
bool Engine::usable_when_due(const Policy& policy, const KeyRecord& key, std::int64_t now) {
  const bool goes_on = cache_.subscriptions().roll_over(key.subscription, now);
  if (goes_on && is_within(now, key.taken_at, policy.ttl_ms)) return true;
  const bool was_asked = is_within(now, key.retry_at - limits::kRetryLookupMs, limits::kRetryLookupMs);
  if (!was_asked || now - key.taken_at > policy.stale_ms) return false;
  ++counters_.stale_uses;
  return true;
}

/// Counts what the host is about to be told.
Outcome Engine::told(Outcome outcome) {
  const Refusal refusal = outcome.verdict().refusal;
  if (refusal == Refusal::none) [[likely]]
    return outcome;
  ++counters_.denied;
  if (refusal == Refusal::overloaded) ++counters_.overloaded;
  if (refusal == Refusal::undeliverable) ++counters_.undeliverable;
  return outcome;
}

Outcome Engine::check(std::size_t policy_index, std::string_view header, std::int64_t now) {
  TOLLGATE_ASSERT(policy_index < configuration_.count);
  const Policy& policy = configuration_.policies[policy_index];
  enforce_deadlines(now);
  ++counters_.checks;
  notice_.record = 0;
  const Credential credential = split_credential(policy, header);
  if (credential.refusal != Refusal::none) [[unlikely]]
    return told(Outcome::denied({credential.refusal, 0}));
  const Hash128 hash = hash_of(credential.key);
  const Index record = cache_.find(hash);
  if (record == kNone || !usable(policy, cache_.record(record), now)) [[unlikely]]
    return told(check_cold(policy_index, credential.key, hash, now));
  const Outcome outcome = decide_record(policy_index, record, now);
  if (is_due_for_recheck(policy, record, outcome, now)) [[unlikely]]
    return told(begin_lookup(policy_index, credential.key, hash, true, now));
  return told(outcome);
}

Outcome Engine::check_known(std::size_t policy_index, RecordTag tag, std::int64_t now) {
  TOLLGATE_ASSERT(policy_index < configuration_.count);
  const Policy& policy = configuration_.policies[policy_index];
  const Index record = cache_.find(tag);
  if (record == kNone || !usable(policy, cache_.record(record), now)) return Outcome::unknown_record();
  enforce_deadlines(now);
  const Outcome outcome = decide_record(policy_index, record, now);
  // To ask again takes the key itself.
  if (is_due_for_recheck(policy, record, outcome, now)) return Outcome::unknown_record();
  ++counters_.checks;
  return told(outcome);
}

/// S4.5: a refusal by something that is not quite new is checked again before it is given, once in a while for each
/// key.
bool Engine::is_due_for_recheck(const Policy& policy, Index record, Outcome outcome, std::int64_t now) const {
  const Refusal refusal = outcome.verdict().refusal;
  if (!is_curable(refusal)) [[likely]]
    return false;
  const KeyRecord& key = cache_.record(record);
  const bool by_key = refusal == Refusal::key_expired;
  const std::int64_t told_at = by_key ? key.taken_at : cache_.subscriptions().record(key.subscription).taken_at;
  return !is_within(now, told_at, policy.recheck_ms) && !is_within(now, key.rechecked_at, policy.recheck_ms);
}

std::int64_t Engine::retry_after_seconds(std::size_t policy_index, Verdict verdict, Index record,
                                         std::int64_t now) const {
  if (record == kNone) return limits::kRetryLookupMs / kMsPerSecond;
  const Policy& policy = configuration_.policies[policy_index];
  const KeyRecord& key = cache_.record(record);
  const SubscriptionTable& subscriptions = cache_.subscriptions();
  const std::int64_t told_at = subscriptions.record(key.subscription).taken_at;
  std::int64_t wait = std::max(told_at, key.rechecked_at) + policy.recheck_ms - now;
  if (wait <= 0 || wait > policy.recheck_ms) wait = policy.recheck_ms;
  const EntitlementAccount* const account = subscriptions.account(key.subscription, verdict.name);
  if (account != nullptr && account->ends()) wait = std::min(wait, account->period_to - now);
  return std::max<std::int64_t>((wait + kMsPerSecond - 1) / kMsPerSecond, 1);
}

Outcome Engine::decide_record(std::size_t policy_index, Index record, std::int64_t now) {
  const Policy& policy = configuration_.policies[policy_index];
  KeyRecord& key = cache_.record(record);
  key.recently_used = true;
  notice_.record = cache_.tag(record);
  // Once a period has begun, nothing is of before: two requests may cross that instant in the wrong order.
  const std::int64_t at = std::max(now, cache_.subscriptions().record(key.subscription).not_before);
  const Index slot = take_slot(policy_index, RequestState::allowed, record, at);
  if (slot == kNone) [[unlikely]]
    return Outcome::denied({Refusal::overloaded, 0});
  if (!passes_before_meters(policy, cache_, record, now) ||
      !cache_.subscriptions().admit(key.subscription, policy.meters())) [[unlikely]] {
    requests_.remove(slot);
    return Outcome::denied(decide(policy, cache_, record, now));
  }
  Request& request = requests_[slot];
  // A meter that code sets beside the policy's needs a place too; which ones it sets, earlier requests have shown.
  const std::size_t places =
      policy.meter_count + std::min(names_.size() - configuration_.name_count, limits::kReservedRuntimeMeters);
  if (outbox_.reserve(places)) [[likely]] {
    request.places = static_cast<std::uint8_t>(places);
  } else if (!policy.serves_uncounted) {
    give_back(request);
    requests_.remove(slot);
    return Outcome::denied({Refusal::undeliverable, 0});
  }
  cache_.pin(record);
  ++cache_.subscriptions().record(key.subscription).requests;
  return Outcome::allowed(requests_.handle_of(slot));
}

void Engine::give_back(const Request& request) {
  const Index subscription = cache_.record(request.target).subscription;
  for (const PolicyMeter& meter : configuration_.policies[request.policy].meters()) {
    cache_.subscriptions().consume(subscription, meter.name, Quantity().minus(meter.cost), request.now);
  }
}

void Engine::append_usage(const Request& request, NameId name, Quantity total) {
  const Policy& policy = configuration_.policies[request.policy];
  outbox_.append(cache_, {request.target, name, policy.subject, !policy.keeps_apart, total, request.now});
}

void Engine::record_usage(const Request& request, const RuntimeMeters& runtime) {
  const Policy& policy = configuration_.policies[request.policy];
  const Index subscription = cache_.record(request.target).subscription;
  cache_.subscriptions().note_used(subscription, request.now);
  if (runtime.count == 0 && !request.overdue) [[likely]] {
    const SubscriptionRecord& shared = cache_.subscriptions().record(subscription);
    const bool may_be_alike = policy.subject == Subject::subscription && !policy.keeps_apart;
    for (const PolicyMeter& meter : policy.meters()) {
      if (meter.cost.zero()) continue;
      const bool done = may_be_alike && outbox_.append_alike(shared.open_events, meter.name, meter.cost, request.now,
                                                             shared.not_before);
      if (!done) [[unlikely]]
        append_usage(request, meter.name, meter.cost);
    }
    return;
  }
  const auto add = [&](NameId name, Quantity reserved, Quantity total) {
    if (total != reserved) cache_.subscriptions().consume(subscription, name, total.minus(reserved), request.now);
    if (total.positive()) append_usage(request, name, total);
  };
  for (const PolicyMeter& meter : policy.meters()) {
    const RuntimeMeter* const set = runtime.find(meter.name);
    const Quantity fixed = set != nullptr && set->replaces ? Quantity() : meter.cost;
    add(meter.name, request.overdue ? Quantity() : meter.cost, set != nullptr ? fixed.plus(set->value) : fixed);
  }
  for (const RuntimeMeter& set : runtime.view()) {
    if (!policy.meters_name(set.name)) add(set.name, Quantity(), set.value);
  }
}

bool Engine::finish(RequestHandle handle, std::uint32_t status, const RuntimeMeters& runtime) {
  const Index slot = requests_.find(handle);
  if (slot == kNone || requests_[slot].state != RequestState::allowed) return false;
  const Request& request = requests_[slot];
  outbox_.release(request.places);
  if (configuration_.policies[request.policy].metered_statuses.contains(status)) {
    record_usage(request, runtime);
  } else if (!request.overdue) {
    give_back(request);
  }
  end_allowed(slot);
  return true;
}

void Engine::end_allowed(Index slot) {
  const Index record = requests_[slot].target;
  --cache_.subscriptions().record(cache_.record(record).subscription).requests;
  cache_.unpin(record);
  requests_.remove(slot);
}

bool Engine::abandon(RequestHandle handle) {
  const Index slot = requests_.find(handle);
  if (slot == kNone) return false;
  const Request& request = requests_[slot];
  if (request.state == RequestState::allowed) {
    outbox_.release(request.places);
    if (!request.overdue) give_back(request);
    end_allowed(slot);
  } else {
    leave_lookup(slot);
  }
  return true;
}

RecordTag Engine::record_of(RequestHandle handle) const {
  const Index slot = requests_.find(handle);
  if (slot == kNone || requests_[slot].state != RequestState::allowed) return 0;
  return cache_.tag(requests_[slot].target);
}

Engine::Explanation Engine::explain(std::size_t policy_index, std::string_view header, std::int64_t now) {
  TOLLGATE_ASSERT(policy_index < configuration_.count);
  const Policy& policy = configuration_.policies[policy_index];
  const Credential credential = split_credential(policy, header);
  if (credential.refusal != Refusal::none) return {{credential.refusal, 0}, false, kNone};
  if (!well_formed(credential.key, key_format_)) return {{Refusal::key_invalid, 0}, false, kNone};
  const Hash128 hash = hash_of(credential.key);
  const Index record = cache_.find(hash);
  if (record != kNone) {
    cache_.subscriptions().roll_over(cache_.record(record).subscription, now);
    return {decide(policy, cache_, record, now), false, record};
  }
  const NegativeEntry* const negative = find_negative(hash);
  if (negative != nullptr && negative->is_fresh(now, policy.ttl_ms)) {
    return {{Refusal::authorization_failed, 0}, false, kNone};
  }
  return {{}, true, kNone};
}

// --- deadlines ----------------------------------------------------------------------------------------------------

Index Engine::take_slot(std::size_t policy, RequestState state, Index target, std::int64_t now) {
  if (requests_.full()) [[unlikely]]
    reclaim(now);
  if (state == RequestState::allowed) {
    const std::int64_t deadline = now + limits::kMaxRequestMs;
    if (deadline_ == 0 || deadline < deadline_) deadline_ = deadline;
  }
  return requests_.add(policy, state, target, now);
}

/// A host that lost a request without a word (its client hung up and its background time ran out) must hold no quota
/// for good: the reservation goes back.
void Engine::enforce_deadlines(std::int64_t now) {
  if (now < deadline_ || deadline_ == 0) [[likely]]
    return;
  deadline_ = 0;
  for (std::size_t i = 1; i <= limits::kInFlight; ++i) {
    Request& request = requests_[static_cast<Index>(i)];
    if (request.state != RequestState::allowed || request.overdue) continue;
    const std::int64_t deadline = request.now + limits::kMaxRequestMs;
    if (now < deadline) {
      if (deadline_ == 0 || deadline < deadline_) deadline_ = deadline;
      continue;
    }
    give_back(request);
    request.overdue = true;
    ++counters_.overdue;
  }
}

/// Makes room where there is none: requests that have waited for longer than any host lets them were lost by theirs,
/// and so, one at a time, is the oldest of those that were allowed too long ago. Not more often than ten times a
/// second.
void Engine::reclaim(std::int64_t now) {
  constexpr std::int64_t kPauseMs = 100;
  if (is_within(now, reclaimed_at_, kPauseMs) && !requests_.full()) return;
  reclaimed_at_ = now;
  Index oldest = kNone;
  for (std::size_t i = 1; i <= limits::kInFlight; ++i) {
    const auto slot = static_cast<Index>(i);
    const Request& request = requests_[slot];
    if (request.overdue && (oldest == kNone || request.now < requests_[oldest].now)) oldest = slot;
    if (request.state != RequestState::waiting || now - request.now < limits::kMaxWaitMs) continue;
    leave_lookup(slot);
    ++counters_.reclaimed;
  }
  if (!requests_.full() || oldest == kNone) return;
  outbox_.release(requests_[oldest].places);
  outbox_.note_lost(configuration_.policies[requests_[oldest].policy].meter_count);
  end_allowed(oldest);
  ++counters_.reclaimed;
}

}  // namespace tollgate
