// How the gate goes on with a request that is suspended: it looks up the snapshot of the key, or waits for a request
// that does.

#include "host-bindings/common/gate.h"

#include <cmath>
#include <utility>

namespace tollgate::host {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kDigestDigits = 64;
/// Instants lie within this many milliseconds of 1970, as in JavaScript.
constexpr double kMostInstantMs = 8.64e15;

Trap replaced() { return {TrapCause::dead, "The instance trapped while a request was waiting."}; }

bool refuses_credential(const Lookup& lookup) { return lookup.status == 401 || lookup.status == 403; }

}  // namespace

Gate::Pending Gate::pending() const {
  const MailboxWords& mailbox = edge_->mailbox();
  return {instance_, mailbox.handle, mailbox.effect, std::string(edge_->output(kDigestDigits))};
}

Result<std::int32_t, Trap> Gate::settle(Asked& asked, Lock& lock) {
  Pending here = pending();
  ++settling_;
  Result<std::int32_t, Trap> result = 0;
  while (result.ok() && *result == 0) {
    result = here.performs() ? look_up(here, asked, lock) : wait_for_other(here, asked, lock);
    if (!result.ok() || *result != 0) break;
    here = pending();
    if (const auto done = wake(); !done.ok()) result = fail(done.error());
  }
  --settling_;
  woken_.erase(here.handle);
  return result;
}

Result<std::int32_t, Trap> Gate::settle_at_once(Asked& asked) {
  Result<std::int32_t, Trap> result = 0;
  while (result.ok() && *result == 0) {
    const Pending here = pending();
    // A look-up that has not begun ends as in an outage, which known keys survive.
    if (here.performs()) {
      result = edge_->resume(here.handle, TG_UNREACHABLE, 0, asked.now_ms, asked.now_ms);
    } else {
      const auto gone = edge_->abandon(here.handle);
      if (gone.ok()) return 0;
      result = fail(gone.error());
    }
  }
  return result;
}

Clock::time_point Gate::gone_at(const std::string& digest) const {
  const auto begun = begun_.find(digest);
  return begun == begun_.end() ? Clock::time_point::min() : begun->second + options_.patience;
}

Result<std::int32_t, Trap> Gate::wait_for_other(const Pending& pending, Asked& asked, Lock& lock) {
  // With nobody else under way, whoever held the look-up is gone.
  const bool is_alone = settling_ == 1;
  const auto is_over = [&] { return !is_current(pending) || woken_.contains(pending.handle); };
  bool woken = false;
  // Another may take over meanwhile, and has its whole time before it then.
  while (!is_alone && !woken && gone_at(pending.digest) > Clock::now()) {
    woken = woken_signal_.wait_until(lock, gone_at(pending.digest), is_over);
  }
  asked.now_ms = time_of(asked.request);
  if (!is_current(pending)) return fail(replaced());
  woken_.erase(pending.handle);
  if (woken) return edge_->poll(pending.handle, asked.now_ms);
  if (!is_alone) ++counters_.take_overs;
  begun_[pending.digest] = Clock::now();
  return edge_->take_over(pending.handle, asked.now_ms);
}

Result<std::int32_t, Trap> Gate::look_up(const Pending& pending, Asked& asked, Lock& lock) {
  const auto began = begun_[pending.digest] = Clock::now();
  lock.unlock();
  const bool reads_kv = pending.effect == TG_EFFECT_KV_GET;
  const double asked_at_ms = time_of(asked.request);
  Lookup lookup = reads_kv ? source_.kv_get(pending.digest, asked_at_ms) : source_.fetch(pending.digest, asked_at_ms);
  // What is consumed while the answer is on its way may be missing in it.
  if (!reads_kv) lookup.taken_at_ms = asked_at_ms;
  asked.now_ms = time_of(asked.request);
  lock.lock();
  if (!is_current(pending)) return fail(replaced());
  // What the module cannot take is no snapshot: an outage, like any other garbage.
  if (!edge_->fits(lookup.body) || !(std::fabs(lookup.taken_at_ms) <= kMostInstantMs)) lookup = {};
  count(pending, lookup);
  auto result = hand_over(pending, std::move(lookup), asked);
  const bool is_mine = gone_at(pending.digest) == began + options_.patience;
  if (result.ok() && *result != 0 && is_mine) begun_.erase(pending.digest);
  return result;
}

void Gate::count(const Pending& pending, const Lookup& lookup) {
  if (pending.effect == TG_EFFECT_KV_GET) {
    ++counters_.kv_reads;
    if (lookup.status != 200 && lookup.status != 404) ++counters_.kv_reads_failed;
    return;
  }
  ++counters_.lookups;
  if (refuses_credential(lookup)) {
    ++counters_.credential_refused;
  } else if (lookup.status != 200 && lookup.status != 404) {
    ++counters_.lookups_failed;
  }
}

Result<std::int32_t, Trap> Gate::hand_over(const Pending& pending, Lookup lookup, Asked& asked) {
  const auto result =
      edge_->resume(pending.handle, lookup.status, edge_->put(lookup.body), lookup.taken_at_ms, asked.now_ms);
  if (!result.ok() || *result == TG_STALE) return result;
  const MailboxWords& mailbox = edge_->mailbox();
  const bool is_untaken = pending.effect == TG_EFFECT_FETCH && lookup.status == 200 && mailbox.taken == 0;
  if (is_untaken) ++counters_.lookups_failed;
  if (mailbox.store_seconds > 0) {
    ++counters_.kv_writes;
    asked.storing = {pending.digest, std::move(lookup.body), lookup.taken_at_ms, mailbox.store_seconds};
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
