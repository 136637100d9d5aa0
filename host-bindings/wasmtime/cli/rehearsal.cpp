#include "host-bindings/wasmtime/cli/rehearsal.h"

#include "base/limits.h"
#include "host-bindings/common/gate.h"
#include "host-bindings/common/policy_info.h"
#include "host-bindings/wasmtime/wasmtime_edge.h"

#include <memory>
#include <optional>

namespace tollgate::cli {
namespace {

using host::EdgeModule;
using host::WasmtimeEdge;

/// One request on one instance. Every step ends the rehearsal by returning false, and `error` then says why.
class Stage {
 public:
  explicit Stage(const RehearsedRequest& request) : request_(request) {}

  bool play() {
    std::int32_t result = 0;
    return start() && choose_policy() && decide(result) && explain(result) && tell_outcome(result);
  }

  Rehearsal outcome;
  RehearsalError error;

 private:
  bool refuse(std::string message) {
    error = {false, std::move(message)};
    return false;
  }
  /// Takes the answer of a call; false when the instance trapped.
  template <class T>
  bool take(const Result<T, host::Trap>& answer, T& value) {
    if (answer.ok()) {
      value = *answer;
    } else {
      error = {true, "The module trapped: " + answer.error().message};
    }
    return answer.ok();
  }

  bool start();
  bool choose_policy();
  bool check(std::int32_t& result);
  bool decide(std::int32_t& result);
  bool explain(std::int32_t result);
  bool tell_outcome(std::int32_t result);
  bool tell_problem(std::int32_t result);
  bool tell_events(std::int32_t result);

  const RehearsedRequest& request_;
  std::unique_ptr<WasmtimeEdge> edge_;
  std::int32_t policies_ = 0;
  std::uint32_t policy_ = 0;
  std::optional<std::string> credential_;
};

bool Stage::start() {
  const auto module = EdgeModule::load(request_.module, host::InstanceLimits::counting());
  if (!module.ok()) return refuse(module.error());
  auto made = (*module)->instantiate();
  if (!made.ok()) return refuse(made.error());
  edge_ = std::move(*made);
  const host::Seed seed = host::random_seed();
  edge_->put({reinterpret_cast<const char*>(seed.data()), seed.size()});
  std::int32_t begun = 0;
  if (!take(edge_->init(), begun)) return false;
  if (!edge_->fits(request_.policies)) return refuse("The policies are larger than the module takes.");
  const std::uint32_t key_format = request_.checks_key_format ? TG_KEY_TGK : TG_KEY_ANY;
  if (!take(edge_->configure(edge_->put(request_.policies), key_format), policies_)) return false;
  return policies_ >= 0 || refuse(std::string(edge_->sentence()));
}

bool Stage::choose_policy() {
  std::string names;
  for (std::int32_t i = 0; i < policies_; ++i) {
    std::int32_t length = 0;
    if (!take(edge_->policy(static_cast<std::uint32_t>(i)), length)) return false;
    const auto info = host::read_policy_info(edge_->output(length));
    TOLLGATE_ASSERT(info.has_value());
    names += (i > 0 ? ", " : "") + info->name;
    if (info->name != request_.policy_name && !(request_.policy_name.empty() && policies_ == 1)) continue;
    policy_ = static_cast<std::uint32_t>(i);
    outcome.policy = info->name;
    for (const auto& [name, value] : request_.headers) {
      if (name == info->auth_header) credential_ = credential_ ? *credential_ + ", " + value : value;
    }
    return true;
  }
  if (request_.policy_name.empty()) return refuse("There are several policies, name one with --policy-name: " + names);
  return refuse("There is no policy \"" + request_.policy_name + "\", but: " + names);
}

bool Stage::check(std::int32_t& result) {
  const std::uint32_t length =
      credential_ ? edge_->put(std::string_view(*credential_).substr(0, limits::kMaxCredential + 1)) : TG_NO_HEADER;
  return take(edge_->check(policy_, length, request_.now_ms), result);
}

/// The decision with nothing cached: KV is empty, and the control plane answers with the snapshot.
bool Stage::decide(std::int32_t& result) {
  const std::uint64_t before = edge_->fuel_used();
  if (!check(result)) return false;
  while (result == 0) {
    const std::uint32_t handle = edge_->mailbox().handle;
    const bool fetches = edge_->mailbox().effect == TG_EFFECT_FETCH;
    if (fetches && !edge_->fits(request_.snapshot)) return refuse("The snapshot is larger than the module takes.");
    const std::uint32_t length = fetches ? edge_->put(request_.snapshot) : 0;
    if (!take(edge_->resume(handle, fetches ? 200 : 404, length, request_.now_ms, request_.now_ms), result))
      return false;
    if (fetches && edge_->mailbox().taken == 0)
      return refuse("The snapshot is not one: docs/guide/local-testing.md shows what it must have.");
  }
  outcome.cold_fuel = edge_->fuel_used() - before;
  return true;
}

/// The checks one by one. What the decision has reserved is given back first, so that they see what it saw.
bool Stage::explain(std::int32_t result) {
  outcome.allowed = result > 0;
  std::int32_t done = 0;
  if (outcome.allowed && !take(edge_->abandon(static_cast<std::uint32_t>(result)), done)) return false;
  const std::uint32_t length = credential_ ? edge_->put(*credential_) : TG_NO_HEADER;
  if (!take(edge_->explain(policy_, length, request_.now_ms), done)) return false;
  outcome.checks = edge_->output(done);
  return true;
}

bool Stage::tell_outcome(std::int32_t result) {
  if (!outcome.allowed && !tell_problem(result)) return false;
  const std::uint64_t before = edge_->fuel_used();
  if (!check(result)) return false;
  outcome.warm_fuel = edge_->fuel_used() - before;
  return result < 0 || tell_events(result);
}

bool Stage::tell_problem(std::int32_t result) {
  std::string trace = request_.path.substr(0, limits::kMaxPath);
  trace.push_back('\0');
  trace.append("tollgate-check");
  std::int32_t length = 0;
  if (!take(edge_->problem(result, policy_, edge_->put(trace), request_.now_ms), length)) return false;
  outcome.problem = edge_->output(length);
  return true;
}

bool Stage::tell_events(std::int32_t result) {
  std::int32_t length = 0;
  if (!take(edge_->finish(static_cast<std::uint32_t>(result), request_.status, 0), length)) return false;
  if (!take(edge_->drain(limits::kBatchEvents), length)) return false;
  if (length > 0) outcome.events = edge_->output(length);
  return true;
}

}  // namespace

Result<Rehearsal, RehearsalError> rehearse(const RehearsedRequest& request) {
  Stage stage(request);
  if (!stage.play()) return fail(std::move(stage.error));
  return std::move(stage.outcome);
}

}  // namespace tollgate::cli
