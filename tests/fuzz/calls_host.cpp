#include "calls_host.h"

#include "json/document.h"

#include <algorithm>

namespace tollgate::fuzz {
namespace {

constexpr double kStart = 1'768'471'200'000;
constexpr double kMinute = 60'000;
constexpr double kMaxRequest = 15 * kMinute;
constexpr double kMaxWait = kMinute;
constexpr double kMaxSpan = 20 * 60 * kMinute;
constexpr std::size_t kMaxLive = 300;

enum Row : std::int32_t { kFailed = 4, kInvalid = 5, kExhausted = 15 };

}  // namespace

CallsHost::CallsHost() : now_(kStart) {
  edge_.start();
  require(edge_.configure(kPolicies) == static_cast<std::int32_t>(kCosts.size()), "the policies are taken");
}

void CallsHost::step(Bytes& bytes) {
  enum Call : std::uint8_t {
    kCheck,
    kCheckKnown,
    kResume,
    kPoll,
    kTakeOver,
    kAbandon,
    kFinish,
    kDrain,
    kDelivered,
    kFailedBatch,
    kNextWoken,
    kClock,
    kCalls
  };
  const std::uint8_t call = bytes.next() % kCalls;
  const std::uint8_t which = bytes.next();
  const std::uint8_t detail = bytes.next();
  switch (call) {
    case kCheck: return check(which % kKeys.size(), detail % kCosts.size());
    case kCheckKnown: return check_known(detail % kCosts.size(), which);
    case kResume:
      return resume(some_handle(which), static_cast<Reply>(detail % static_cast<unsigned>(Reply::kReplies)),
                    bytes.next());
    case kPoll: return poll(some_handle(which));
    case kTakeOver: return take_over(some_handle(which));
    case kAbandon: return abandon(some_handle(which));
    case kFinish: return finish(some_handle(which), detail % 4 == 0 ? 500 : 200, detail / 4);
    case kDrain: return drain(1U + which % 128);
    case kDelivered: return confirm(some_batch(which), true);
    case kFailedBatch: return confirm(some_batch(which), false);
    case kNextWoken: return take_woken();
    default: return move_clock(which);
  }
}

// --- calls --------------------------------------------------------------------------------------------------------

void CallsHost::check(std::size_t key, std::uint32_t policy) {
  if (live_.size() >= kMaxLive) return;
  const std::string header = "Bearer " + std::string(kKeys[key].name);
  const std::int32_t result = tg_check(policy, edge_.put(header), now_);
  note_woken();
  decided(result, key, policy);
}

void CallsHost::check_known(std::uint32_t policy, std::uint8_t which) {
  if (live_.size() >= kMaxLive || records_.empty()) return;
  const auto record = std::next(records_.begin(), static_cast<std::ptrdiff_t>(which % records_.size()));
  const std::int32_t result = tg_check_known(policy, record->first, now_);
  note_woken();
  if (result != TG_UNKNOWN_RECORD) decided(result, record->second, policy);
}

void CallsHost::resume(std::uint32_t handle, Reply reply, std::uint8_t detail) {
  const auto found = live_.find(handle);
  std::string text;
  std::int32_t status = 200;
  if (found != live_.end()) {
    reply = possible(reply, found->second);
    text = text_of(reply, found->second.key, detail, books_);
  }
  if (reply == Reply::not_found) status = 404;
  if (reply == Reply::unauthorized) status = 401;
  if (reply == Reply::unavailable) status = detail % 2 == 0 ? 503 : TG_UNREACHABLE;
  constexpr std::array<double, 6> kAges = {0, 0, 1'000, kMinute, 120 * kMinute, -5 * kMinute};
  const double taken_at = now_ - kAges[detail % kAges.size()];
  const std::int32_t result = tg_resume(handle, status, edge_.put(text), taken_at, now_);
  note_woken();
  if (result != TG_STALE && edge_.mailbox.taken != 0) records_[edge_.mailbox.taken] = found->second.key;
  // Whom nobody had told to look up still waits.
  if (result == TG_STALE && is_waiting(handle) && found->second.effect == TG_EFFECT_WAIT) return;
  if (is_gone(handle, result)) return;
  require(result != TG_STALE || !is_waiting(handle), "who was told to look up may bring the answer");
  answered(handle, result);
}

void CallsHost::poll(std::uint32_t handle) {
  const std::int32_t result = tg_poll(handle, now_);
  note_woken();
  if (is_gone(handle, result)) return;
  require((result == TG_STALE) != is_waiting(handle), "who waits can be polled, and nobody else");
  answered(handle, result);
}

void CallsHost::take_over(std::uint32_t handle) {
  const std::int32_t result = tg_take_over(handle, now_);
  note_woken();
  if (is_gone(handle, result)) return;
  require((result == TG_STALE) != is_waiting(handle), "who waits can take over, and nobody else");
  answered(handle, result);
}

void CallsHost::abandon(std::uint32_t handle) {
  const std::int32_t result = tg_abandon(handle);
  note_woken();
  if (is_gone(handle, result)) return;
  const bool live = live_.contains(handle);
  require(result == (live ? 0 : TG_STALE), "what lives can be abandoned, once");
  if (live) end(handle);
}

void CallsHost::finish(std::uint32_t handle, std::uint32_t status, std::uint8_t meters) {
  const auto found = live_.find(handle);
  const bool allowed = found != live_.end() && found->second.allowed;
  const Setting& setting = kSettings[meters % kSettings.size()];
  std::string state(setting.change);
  if (setting.change.size() > 1) state = edge_.output(tg_meters(edge_.put(setting.change)));
  const std::int32_t result = tg_finish(handle, status, edge_.put(state));
  if (!allowed) return require(result == TG_STALE, "what was let through can be finished, once");
  if (state == "{")
    return require(result == -1, "meters that are not valid are refused, and the request is still owed");
  require(result >= 0, "what was let through can be finished");
  const Request& request = found->second;
  const std::size_t plan = kKeys[request.key].plan;
  if (status == 200) {
    const Cost& cost = kCosts[request.policy];
    if (cost.requests) books_.record(plan, kRequests, Quantity::units(1), request.in_time);
    books_.record(plan, kTokens, setting.replaces ? setting.tokens : cost.tokens.plus(setting.tokens), true);
  }
  end(handle);
}

void CallsHost::drain(std::uint32_t max) {
  const std::int32_t length = tg_drain(max);
  if (length == 0) return;
  books_.drained(edge_.mailbox.batch, edge_.output(length), edge_.mailbox.events, max);
}

void CallsHost::confirm(std::uint32_t batch, bool delivered) {
  const std::int32_t result = delivered ? tg_delivered(batch) : tg_failed(batch);
  const bool was_out = delivered ? books_.delivered(batch) : books_.failed(batch);
  require(result == (was_out ? 0 : -1), "a batch that is out can be confirmed, once");
}

/// Takes the handles of the woken, as a host does: when the mailbox says that there are some.
void CallsHost::take_woken() {
  if (!some_woken_) return;
  some_woken_ = false;
  for (std::uint32_t handle = tg_next_woken(); handle != 0; handle = tg_next_woken()) {
    require(is_waiting(handle), "who is woken waits");
    require(std::find(woken_.begin(), woken_.end(), handle) == woken_.end() || woken_.size() <= handles_.size(),
            "the queue of the woken has an end");
    woken_.push_back(handle);
  }
}

void CallsHost::move_clock(std::uint8_t how) {
  constexpr std::array<double, 10> kSteps = {
      1, 999, 6'000, 30'000, kMinute + 1'000, 16 * kMinute, 65 * kMinute, -1'000, -kMinute, -60 * kMinute};
  const double step = kSteps[how % kSteps.size()];
  // Within a day: what was consumed before that, every snapshot knows.
  if (now_ + step < kStart + kMaxSpan) now_ += step;
  for (auto& [handle, request] : live_) {
    const double allowed_for = request.allowed ? kMaxRequest : kMaxWait;
    if (!request.in_time || now_ - request.since < allowed_for) continue;
    request.in_time = false;
    if (request.allowed && kCosts[request.policy].requests) books_.expire(kKeys[request.key].plan);
  }
}

// --- what must hold after them ------------------------------------------------------------------------------------

/// The first answer about a request.
void CallsHost::decided(std::int32_t result, std::size_t key, std::uint32_t policy) {
  require(result != TG_STALE && result != TG_UNKNOWN_RECORD, "a request is decided or waits");
  if (result == 0) {
    const auto [at, is_new] = live_.try_emplace(edge_.mailbox.handle, Request{key, policy, false, 0, true, now_});
    require(is_new, "a handle is unique");
    handles_.push_back(at->first);
    return suspended(at->second);
  }
  if (edge_.mailbox.record != 0) records_[edge_.mailbox.record] = key;
  if (result < 0) return refused(result, key);
  const auto handle = static_cast<std::uint32_t>(result);
  const bool is_new = live_.try_emplace(handle, Request{key, policy, true, 0, true, now_}).second;
  require(is_new, "a handle is unique");
  handles_.push_back(handle);
  require(kKeys[key].plan != kNobody, "who does not exist is not let through");
  if (kCosts[policy].requests) books_.admit(kKeys[key].plan);
  require(tg_record(handle) != 0, "what was let through has a record");
  const std::string_view identity = edge_.output(tg_identity(handle));
  require(identity.ends_with(kPlans[kKeys[key].plan].id), "it is of the key's subscription");
}

void CallsHost::suspended(Request& request) {
  request.effect = edge_.mailbox.effect;
  require(request.effect >= TG_EFFECT_KV_GET && request.effect <= TG_EFFECT_WAIT, "who waits knows for what");
  if (request.effect == TG_EFFECT_WAIT) return;
  const std::string digest = digest_of(kKeys[request.key].name);
  require(edge_.output(static_cast<std::int32_t>(digest.size())) == digest, "its own key is looked up");
}

void CallsHost::refused(std::int32_t result, std::size_t key) const {
  const std::int32_t row = -result & 0xff;
  const std::size_t plan = kKeys[key].plan;
  if (row == kExhausted) {
    require(plan != kNobody, "who does not exist has no quota");
    return books_.refuse(plan);
  }
  require(row == kFailed || (row == kInvalid && kKeys[key].revocable), "a refusal has a reason");
}

/// The answer to a call on a request that may have waited.
void CallsHost::answered(std::uint32_t handle, std::int32_t result) {
  if (result == TG_STALE) return require(!is_waiting(handle), "what is stale does not wait");
  require(is_waiting(handle), "who is answered has waited");
  Request& waiting = live_.at(handle);
  if (result == 0) {
    require(edge_.mailbox.handle == handle, "who goes on waiting keeps its handle");
    return suspended(waiting);
  }
  const Request request = waiting;
  live_.erase(handle);
  decided(result, request.key, request.policy);
}

void CallsHost::end(std::uint32_t handle) {
  const Request& request = live_.at(handle);
  if (request.allowed && kCosts[request.policy].requests) books_.end(kKeys[request.key].plan, request.in_time);
  live_.erase(handle);
}

bool CallsHost::is_waiting(std::uint32_t handle) const {
  const auto found = live_.find(handle);
  return found != live_.end() && !found->second.allowed;
}

/// Whether a request is no longer known that has waited for so long that it may be taken for abandoned.
bool CallsHost::is_gone(std::uint32_t handle, std::int32_t result) {
  if (result != TG_STALE || !is_waiting(handle) || live_.at(handle).in_time) return false;
  live_.erase(handle);
  return true;
}

/// Mostly one of the last that came into being, sometimes an older one, sometimes nonsense.
std::uint32_t CallsHost::some_handle(std::uint8_t which) const {
  if (which == 255 || handles_.empty()) return which * 0x01010101U;
  return handles_[handles_.size() - 1 - which % handles_.size()];
}

std::uint32_t CallsHost::some_batch(std::uint8_t which) const {
  const auto& out = books_.out();
  if (which == 255 || out.empty()) return which;
  return std::next(out.begin(), static_cast<std::ptrdiff_t>(which % out.size()))->first;
}

// --- the world ----------------------------------------------------------------------------------------------------

/// What can come of a request's effect: only some keys can be revoked, and nobody has a snapshot of a key that is none.
Reply CallsHost::possible(Reply reply, const Request& request) const {
  const Key& key = kKeys[request.key];
  if (reply == Reply::not_found && request.effect != TG_EFFECT_KV_GET && !key.revocable) return Reply::unavailable;
  if (reply == Reply::snapshot && key.plan == kNobody) return Reply::not_found;
  return reply;
}

// --- the end ------------------------------------------------------------------------------------------------------

void CallsHost::finish_all() {
  decide_all_who_wait();
  while (!live_.empty()) {
    const std::uint32_t handle = live_.begin()->first;
    if (handle % 3 == 0) {
      abandon(handle);
    } else {
      finish(handle, 200, static_cast<std::uint8_t>(handle % 3));
    }
  }
  // The first tries fail, the last ones do not.
  for (int tries = 0; tries < 3; ++tries) {
    for (std::size_t before = 0; before != books_.out().size();) {
      before = books_.out().size();
      drain(100);
    }
    while (!books_.out().empty()) confirm(books_.out().begin()->first, tries > 0);
  }
  for (std::int32_t length = 1; length != 0;) {
    length = tg_drain(100);
    if (length == 0) break;
    books_.drained(edge_.mailbox.batch, edge_.output(length), edge_.mailbox.events, 100);
    confirm(edge_.mailbox.batch, true);
  }
  books_.check_all_delivered();
  check_nothing_left();
  check_cold();
}

/// Nobody waits for ever: whoever was told to look something up does so, whoever is woken asks.
void CallsHost::decide_all_who_wait() {
  const std::size_t bound = 8 * handles_.size() + 8;
  for (std::size_t turn = 0;; ++turn) {
    require(turn < bound, "who waits is decided after a bounded number of calls");
    take_woken();
    const std::uint32_t owner = next_owner();
    if (!woken_.empty()) {
      const std::uint32_t handle = woken_.back();
      woken_.pop_back();
      poll(handle);
    } else if (owner != 0) {
      resume(owner, Reply::snapshot, static_cast<std::uint8_t>(2 + turn % 7));
    } else {
      break;
    }
  }
  for (auto at = live_.begin(); at != live_.end();) {
    const auto [handle, request] = *at++;
    require(request.allowed || !request.in_time, "who waits is woken when it is time");
    if (!request.allowed) abandon(handle);
  }
}

/// A request that was told to look something up and has not answered.
std::uint32_t CallsHost::next_owner() const {
  for (const auto& [handle, request] : live_) {
    if (!request.allowed && request.effect != TG_EFFECT_WAIT) return handle;
  }
  return 0;
}

void CallsHost::check_nothing_left() {
  const std::string stats(edge_.output(tg_stats()));
  json::Document document;
  require(document.parse(stats).ok(), "stats are JSON");
  for (const std::string_view name :
       {"inFlight", "lookupsUnderWay", "outbox", "outboxWaiting", "outboxReserved", "eventsLost"}) {
    require(document.root().member(name).text() == "0", "nothing is left");
  }
}

/// No look-up is left either: whoever asks for a key when all is old begins one of its own.
void CallsHost::check_cold() {
  now_ += 7 * 24 * 60 * kMinute;
  for (std::size_t key = 0; key < kKeys.size(); ++key) {
    check(key, 0);
    if (live_.empty()) continue;
    require(live_.begin()->second.effect != TG_EFFECT_WAIT, "no look-up is left");
    abandon(live_.begin()->first);
  }
  check_nothing_left();
}

}  // namespace tollgate::fuzz
