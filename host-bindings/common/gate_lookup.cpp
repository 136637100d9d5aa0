// How the gate goes on with a request that is suspended: it looks up the snapshot of the key, or waits for a request
// that does.

#include "host-bindings/common/gate.h"

#include <utility>

namespace tollgate::host {
namespace {

constexpr std::size_t kDigestDigits = 64;

Trap replaced() { return {TrapCause::dead, "The instance trapped while a request was waiting."}; }

}  // namespace

Gate::Pending Gate::pending() const {
  const MailboxWords& mailbox = edge_->mailbox();
  Pending pending{instance_, mailbox.handle, mailbox.effect, {}};
  if (pending.effect != TG_EFFECT_WAIT) pending.digest = edge_->output(kDigestDigits);
  return pending;
}

Result<std::int32_t, Trap> Gate::settle(double now_ms, Lock& lock, std::optional<Storing>& storing) {
  Pending here = pending();
  ++settling_;
  Result<std::int32_t, Trap> result = 0;
  while (result.ok() && *result == 0) {
    result = here.effect == TG_EFFECT_WAIT ? wait_for_other(here, now_ms, lock) : look_up(here, now_ms, lock, storing);
    if (!result.ok()) break;
    if (*result == TG_STALE && here.effect != TG_EFFECT_WAIT) {
      // Another request has taken the look-up over: this one waits for it.
      here.effect = TG_EFFECT_WAIT;
      result = 0;
    } else if (*result == 0) {
      here = pending();
      if (const auto done = wake(); !done.ok()) result = fail(done.error());
    }
  }
  --settling_;
  woken_.erase(here.handle);
  return result;
}

Result<std::int32_t, Trap> Gate::wait_for_other(const Pending& pending, double now_ms, Lock& lock) {
  // With nobody else under way, whoever held the look-up is gone.
  const bool is_alone = settling_ == 1;
  const auto is_over = [&] { return !is_current(pending) || woken_.contains(pending.handle); };
  const bool woken = !is_alone && woken_signal_.wait_for(lock, options_.patience, is_over);
  if (!is_current(pending)) return fail(replaced());
  woken_.erase(pending.handle);
  if (woken) return edge_->poll(pending.handle, now_ms);
  if (!is_alone) ++counters_.take_overs;
  return edge_->take_over(pending.handle, now_ms);
}

Result<std::int32_t, Trap> Gate::look_up(const Pending& pending, double now_ms, Lock& lock,
                                         std::optional<Storing>& storing) {
  lock.unlock();
  const bool reads_kv = pending.effect == TG_EFFECT_KV_GET;
  Lookup lookup = reads_kv ? source_.kv_get(pending.digest, now_ms) : source_.fetch(pending.digest, now_ms);
  if (!reads_kv) lookup.taken_at_ms = now_ms;
  lock.lock();
  count(pending, lookup);
  if (!is_current(pending)) return fail(replaced());
  return hand_over(pending, std::move(lookup), now_ms, storing);
}

void Gate::count(const Pending& pending, const Lookup& lookup) {
  const bool answered = lookup.status == 200 || lookup.status == 404 || lookup.status == 401;
  const bool reads_kv = pending.effect == TG_EFFECT_KV_GET;
  ++(reads_kv ? counters_.kv_reads : counters_.lookups);
  if (!answered) ++(reads_kv ? counters_.kv_reads_failed : counters_.lookups_failed);
}

Result<std::int32_t, Trap> Gate::hand_over(const Pending& pending, Lookup lookup, double now_ms,
                                           std::optional<Storing>& storing) {
  // A body that the module cannot take is no snapshot: an outage, like any other garbage.
  if (!edge_->fits(lookup.body)) lookup = {};
  const auto result = edge_->resume(pending.handle, lookup.status, edge_->put(lookup.body), lookup.taken_at_ms, now_ms);
  if (!result.ok() || *result == TG_STALE) return result;
  const MailboxWords& mailbox = edge_->mailbox();
  if (mailbox.taken != 0) identities_.put(mailbox.taken, lookup.body);
  if (mailbox.store_seconds > 0) {
    ++counters_.kv_writes;
    storing = {pending.digest, std::move(lookup.body), lookup.taken_at_ms, mailbox.store_seconds};
  }
  return result;
}

Result<bool, Trap> Gate::wake() {
  for (;;) {
    const auto handle = edge_->next_woken();
    if (!handle.ok()) return fail(handle.error());
    if (*handle == 0) break;
    woken_.insert(*handle);
  }
  woken_signal_.notify_all();
  return true;
}

}  // namespace tollgate::host
