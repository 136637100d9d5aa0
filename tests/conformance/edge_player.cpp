#include "tests/conformance/edge_player.h"

#include "base/limits.h"
#include "tests/conformance/case_source.h"
#include "tests/conformance/fixed_instance.h"

#include <algorithm>
#include <limits>

namespace tollgate::conformance {
namespace {

template <class T>
T must(const Result<T, host::Trap>& answer) {
  if (!answer.ok()) throw "a trap: " + answer.error().message;
  return *answer;
}

void require(bool done, const std::string& what) {
  if (!done) throw what;
}

}  // namespace

void EdgePlayer::start() {
  const host::Seed seed = fixed_seed();
  edge_.put({reinterpret_cast<const char*>(seed.data()), seed.size()});
  require(must(edge_.init()) == 0, "the instance cannot be started");
  require(must(edge_.build_id(edge_.put(kBuildId))) == 0, "the build id is refused");
  if (!case_.bucket.empty()) require(must(edge_.bucket(edge_.put(case_.bucket))) == 0, "the bucket is refused");
  const std::uint32_t key_format = case_.checks_key_format ? TG_KEY_TGK : TG_KEY_ANY;
  const std::int32_t count = must(edge_.configure(edge_.put(case_.policies), key_format));
  require(count >= 0, "the options are refused: " + std::string(edge_.sentence()));
}

std::vector<PlayedStep> EdgePlayer::play(std::size_t index) {
  const EdgeStep& step = case_.steps[index];
  std::vector<PlayedStep> played(1);
  played.front().step = index;
  switch (step.kind) {
    case EdgeStep::Kind::request:
      played.clear();
      for (std::uint32_t time = 0; time < step.request.times; ++time) played.push_back(ask(step.request, index));
      return played;
    case EdgeStep::Kind::kv:
      for (const auto& [key, copy] : step.kv) {
        // What is put behind the instance's back stays; what expired long ago is not there.
        const std::uint32_t seconds = copy ? std::numeric_limits<std::uint32_t>::max() : 0;
        kv_.put(digest_of(key), copy ? copy->body : "", copy ? copy->taken_at_ms : 0, seconds, 0);
      }
      return {};
    case EdgeStep::Kind::control_plane:
      for (const auto& [key, answer] : step.control_plane) answers_.insert_or_assign(digest_of(key), answer);
      return {};
    case EdgeStep::Kind::finish: played.front().stale = !finish(take_open(step.open), step.request); break;
    case EdgeStep::Kind::abandon: played.front().stale = must(edge_.abandon(take_open(step.open))) != 0; break;
    case EdgeStep::Kind::deliver: change_delivering(step.delivering); break;
  }
  played.front().batches = drain();
  return played;
}

PlayedStep EdgePlayer::ask(const EdgeRequest& request, std::size_t step) {
  PlayedStep played;
  played.step = step;
  played.is_request = true;
  const auto name = std::find(case_.policy_names.begin(), case_.policy_names.end(), request.policy);
  const auto policy = static_cast<std::uint32_t>(name - case_.policy_names.begin());
  const auto header = request.header("authorization");
  const std::uint32_t length = header ? edge_.put(*header) : TG_NO_HEADER;
  std::int32_t result = must(edge_.check(policy, length, request.now_ms));
  while (result == 0) result = settle(request, played);
  require(result != TG_STALE && result != TG_UNKNOWN_RECORD, "the request is gone");
  describe(request, policy, result, played);
  if (result > 0 && request.leave.empty()) {
    require(finish(static_cast<std::uint32_t>(result), request), "the request cannot be finished");
  }
  if (result > 0 && !request.leave.empty()) open_[request.leave] = static_cast<std::uint32_t>(result);
  played.batches = drain();
  return played;
}

/// Performs the effect that a request waits for.
std::int32_t EdgePlayer::settle(const EdgeRequest& request, PlayedStep& played) {
  const std::uint32_t effect = edge_.mailbox().effect;
  require(effect == TG_EFFECT_KV_GET || effect == TG_EFFECT_FETCH, "it waits for a request that there is not");
  const std::string digest(edge_.output(static_cast<std::int32_t>(Digest::kHexLength)));
  if (effect == TG_EFFECT_KV_GET) {
    ++played.kv_reads;
    const host::Lookup copy = kv_.get(digest, request.asked_at_ms);
    return hand_over(copy, copy.taken_at_ms, request.asked_at_ms);
  }
  ++played.lookups;
  const auto found = answers_.find(digest);
  const host::Lookup answer = found != answers_.end() ? found->second : host::Lookup{.status = 404};
  const std::int32_t result = hand_over(answer, request.asked_at_ms, request.answered_at_ms);
  const std::uint32_t seconds = edge_.mailbox().store_seconds;
  if (seconds > 0) kv_.put(digest, answer.body, request.asked_at_ms, seconds, request.answered_at_ms);
  return result;
}

std::int32_t EdgePlayer::hand_over(const host::Lookup& lookup, double taken_at_ms, double now_ms) {
  const std::uint32_t handle = edge_.mailbox().handle;
  const bool fits = edge_.fits(lookup.body);
  const std::uint32_t length = fits ? edge_.put(lookup.body) : 0;
  return must(edge_.resume(handle, fits ? lookup.status : TG_UNREACHABLE, length, taken_at_ms, now_ms));
}

/// What there is to say of a decision, at once.
void EdgePlayer::describe(const EdgeRequest& request, std::size_t policy, std::int32_t result, PlayedStep& played) {
  const auto index = static_cast<std::uint32_t>(policy);
  played.allowed = result > 0;
  const double now_ms = played.lookups > 0 ? request.answered_at_ms : request.now_ms;
  played.headers = edge_.output(must(edge_.quota_headers(result, index, now_ms)));
  if (played.allowed) return;
  std::string trace = request.path;
  trace.push_back('\0');
  trace += request_id(case_index_, played.step);
  played.problem = edge_.output(must(edge_.problem(result, index, edge_.put(trace), now_ms)));
  played.status = edge_.mailbox().status;
}

/// Serves a request and ends it; false when there is none of that handle.
bool EdgePlayer::finish(std::uint32_t handle, const CaseRequest& response) {
  std::string state;
  for (const MeterChange& change : response.changes) {
    const std::string input = R"({"state":)" + (state.empty() ? "null" : state) + R"(,")" +
                              (change.replaces ? "set" : "add") + R"(":)" + change.meters + "}";
    const std::int32_t length = must(edge_.meters(edge_.put(input)));
    if (length >= 0) state = edge_.output(length);  // else it is an error to the caller and changes nothing (S2.6)
  }
  return must(edge_.finish(handle, response.status, edge_.put(state))) >= 0;
}

/// The handle of a request that was left open, 0 when it was refused or has ended.
std::uint32_t EdgePlayer::take_open(const std::string& name) {
  const auto found = open_.find(name);
  return found != open_.end() ? found->second : 0;
}

void EdgePlayer::change_delivering(Delivering delivering) {
  delivering_ = delivering;
  if (delivering == Delivering::hold || delivering == Delivering::none) return;
  for (const std::uint32_t batch : held_) {
    must(delivering == Delivering::all ? edge_.delivered(batch) : edge_.failed(batch));
  }
  held_.clear();
}

std::vector<std::string> EdgePlayer::drain() {
  std::vector<std::string> bodies;
  if (delivering_ == Delivering::none) return bodies;
  std::vector<std::uint32_t> failing;
  for (;;) {
    const std::int32_t length = must(edge_.drain(limits::kBatchEvents));
    require(length >= 0, "a batch cannot be written");
    if (length == 0) break;
    bodies.emplace_back(edge_.output(length));
    const std::uint32_t batch = edge_.mailbox().batch;
    if (delivering_ == Delivering::all) must(edge_.delivered(batch));
    if (delivering_ == Delivering::fail) failing.push_back(batch);
    if (delivering_ == Delivering::hold) held_.push_back(batch);
  }
  for (const std::uint32_t batch : failing) must(edge_.failed(batch));
  return bodies;
}

}  // namespace tollgate::conformance
