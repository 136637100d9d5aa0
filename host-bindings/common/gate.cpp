#include "host-bindings/common/gate.h"

#include "base/limits.h"
#include "host-bindings/common/policy_info.h"
#include "host-bindings/common/unavailable.h"

#include <sys/random.h>

#include <algorithm>
#include <utility>

namespace tollgate::host {
namespace {

/// The version of wasm/edge_abi.h that this host speaks.
constexpr std::uint32_t kAbiVersion = 2;
/// A longer value is refused whatever it says, so more of it need not be copied (wasm/ABI.md).
constexpr std::size_t kHeaderBytes = limits::kMaxCredential + 1;
/// Of an answer without a decision: what was in its way is gone in a moment.
constexpr const char* kRetrySoon = "Retry-After: 1\n";

std::uint32_t put_credential(EdgeInstance& edge, const std::optional<std::string_view>& credential) {
  return credential ? edge.put(credential->substr(0, kHeaderBytes)) : TG_NO_HEADER;
}

/// Path and request id, as `tg_problem` takes them; of both, the module quotes no more than these lengths.
std::uint32_t put_trace(EdgeInstance& edge, const Request& request) {
  std::string text(request.path.substr(0, limits::kMaxPath));
  text.push_back('\0');
  text.append(request.id.substr(0, limits::kMaxRequestId));
  return edge.put(text);
}

std::string_view as_text(const Seed& seed) { return {reinterpret_cast<const char*>(seed.data()), seed.size()}; }

}  // namespace

Seed random_seed() {
  Seed seed{};
  // At most 256 bytes are never cut short, and the only failure is a kernel without the call.
  TOLLGATE_ASSERT(getrandom(seed.data(), seed.size(), 0) == static_cast<ssize_t>(seed.size()));
  return seed;
}

Gate::Gate(MakeEdge make_edge, MakeSeed make_seed, SnapshotSource& source, GateOptions options)
    : make_edge_(std::move(make_edge)),
      make_seed_(std::move(make_seed)),
      source_(source),
      options_(std::move(options)) {}

Result<std::unique_ptr<Gate>, std::string> Gate::open(MakeEdge make_edge, MakeSeed make_seed, SnapshotSource& source,
                                                      GateOptions options) {
  std::unique_ptr<Gate> gate(new Gate(std::move(make_edge), std::move(make_seed), source, std::move(options)));
  if (auto started = gate->start_instance(); !started.ok()) return fail(started.error());
  return gate;
}

Result<bool, std::string> Gate::start_instance() {
  auto made = make_edge_();
  if (!made.ok()) return fail(made.error());
  edge_ = std::move(*made);
  ++instance_;
  unsent_ = 0;
  module_lost_ = 0;
  auto configured = configure();
  if (!configured.ok()) edge_.reset();
  return configured;
}

Result<bool, std::string> Gate::configure() {
  const auto version = edge_->abi_version();
  if (!version.ok()) return fail(version.error().message);
  if (*version != kAbiVersion) return fail("The module has version " + std::to_string(*version) + " of the ABI.");
  edge_->put(as_text(make_seed_()));
  const auto begun = edge_->init();
  if (!begun.ok()) return fail(begun.error().message);
  if (*begun < 0) return fail(std::string("The module cannot be initialised."));
  if (!options_.build_id.empty()) {
    if (!edge_->fits(options_.build_id)) return fail(std::string("The build id is too long."));
    const auto done = edge_->build_id(edge_->put(options_.build_id));
    if (!done.ok()) return fail(done.error().message);
    if (*done < 0) return fail(std::string("The build id is refused."));
  }
  if (!options_.bucket.empty()) {
    if (!edge_->fits(options_.bucket)) return fail(std::string("The bucket's name is too long."));
    const auto done = edge_->bucket(edge_->put(options_.bucket));
    if (!done.ok()) return fail(done.error().message);
    if (*done < 0) return fail(std::string("The bucket's name is refused."));
  }
  if (!edge_->fits(options_.policies)) return fail(std::string("The configuration is larger than the module takes."));
  const auto count = edge_->configure(edge_->put(options_.policies), options_.key_format);
  if (!count.ok()) return fail(count.error().message);
  if (*count < 0) return fail(std::string(edge_->sentence()));
  return read_policies(*count);
}

Result<bool, std::string> Gate::read_policies(std::int32_t count) {
  // Every instance has the same ones, and callers keep references to the first one's.
  if (!policies_.empty()) return true;
  for (std::int32_t i = 0; i < count; ++i) {
    const auto length = edge_->policy(static_cast<std::uint32_t>(i));
    if (!length.ok()) return fail(length.error().message);
    auto info = read_policy_info(edge_->output(*length));
    if (!info) return fail(std::string("The module describes a policy in a way that this host does not understand."));
    policies_.push_back(std::move(*info));
  }
  return true;
}

Decision Gate::check(const Request& request) {
  Asked asked{request, request.now_ms};
  Lock lock(mutex_);
  if (edge_ == nullptr && !start_instance().ok()) return undecided(asked);
  const std::uint32_t instance = instance_;
  auto decision = decide(asked, lock);
  if (!decision.ok() && edge_ != nullptr && instance == instance_) {
    drop_instance();
    // The next request shall not wait for it; if it fails, the next request tries again.
    static_cast<void>(start_instance().ok());
  }
  Decision answer = decision.ok() ? std::move(*decision) : undecided(asked);
  lock.unlock();
  if (const auto& storing = asked.storing) {
    source_.kv_put(storing->digest, storing->body, storing->taken_at_ms, storing->seconds, asked.now_ms);
  }
  return answer;
}

Result<Decision, Trap> Gate::decide(Asked& asked, Lock& lock) {
  const Request& request = asked.request;
  auto result = edge_->check(request.policy, put_credential(*edge_, request.credential), request.now_ms);
  const bool was_suspended = result.ok() && *result == 0;
  const bool may_wait = settling_ < options_.most_waiting;
  if (was_suspended) result = may_wait ? settle(asked, lock) : settle_at_once(asked);
  if (!result.ok()) return fail(result.error());
  if (was_suspended && !may_wait && *result <= 0) {
    ++counters_.turned_away;
    return unavailable(asked);
  }
  if (*result == TG_STALE) {
    ++counters_.stale_handles;
    return undecided(asked);
  }
  // At once: what there is to tell of a decision is told until the next call.
  auto decision = describe(asked, *result);
  if (!was_suspended || !decision.ok()) return decision;
  if (const auto done = wake(); !done.ok()) return fail(done.error());
  return decision;
}

Result<Decision, Trap> Gate::describe(const Asked& asked, std::int32_t result) {
  const std::uint32_t policy = asked.request.policy;
  Decision decision;
  // Which refusals have lines, the module says: some do whatever the policy wants.
  if (result < 0 || policies_[policy].quota_headers) {
    const auto length = edge_->quota_headers(result, policy, asked.now_ms);
    if (!length.ok()) return fail(length.error());
    decision.quota_headers = edge_->output(*length);
  }
  if (result > 0) {
    decision.allowed = true;
    decision.ticket = {instance_, static_cast<std::uint32_t>(result)};
    return decision;
  }
  const auto length = edge_->problem(result, policy, put_trace(*edge_, asked.request), asked.now_ms);
  if (!length.ok()) return fail(length.error());
  decision.problem = edge_->output(*length);
  decision.status = edge_->mailbox().status;
  return decision;
}

Decision Gate::undecided(const Asked& asked) {
  if (options_.on_trap == FailureMode::open) {
    ++counters_.failed_open;
    return {.allowed = true};
  }
  ++counters_.failed_closed;
  return unavailable(asked);
}

Decision Gate::unavailable(const Asked& asked) const {
  const auto& [request, now_ms, storing] = asked;
  return {.status = kUnavailableStatus,
          .problem = unavailable_problem(request.path, request.id, options_.build_id, now_ms),
          .quota_headers = kRetrySoon};
}

Result<bool, std::string> Gate::finish(Ticket ticket, std::uint32_t status, std::string_view meters) {
  if (ticket.handle == 0) return true;
  const Lock lock(mutex_);
  if (!holds(ticket)) {
    ++counters_.lost_requests;
    return true;
  }
  if (!edge_->fits(meters)) return fail(std::string("The runtime meters are larger than the module takes."));
  const auto unsent = edge_->finish(ticket.handle, status, edge_->put(meters));
  if (!unsent.ok()) {
    ++counters_.lost_requests;
    drop_instance();
    return true;
  }
  if (*unsent == TG_STALE) {
    ++counters_.stale_handles;
    return fail(std::string("The request is finished already."));
  }
  if (*unsent < 0) return fail(std::string(edge_->sentence()));
  unsent_ = static_cast<std::uint64_t>(*unsent);
  if (unsent_ >= limits::kBatchEvents) batch_signal_.notify_one();
  return true;
}

void Gate::abandon(Ticket ticket) {
  const Lock lock(mutex_);
  if (!holds(ticket)) return;
  const auto done = edge_->abandon(ticket.handle);
  if (!done.ok()) return drop_instance();
  if (*done == TG_STALE) ++counters_.stale_handles;
}

std::optional<Identity> Gate::identity(Ticket ticket) {
  const Lock lock(mutex_);
  if (!holds(ticket)) return std::nullopt;
  const auto length = edge_->identity(ticket.handle);
  if (!length.ok()) drop_instance();
  if (!length.ok() || *length < 0) return std::nullopt;
  const std::string_view both = edge_->output(*length);
  const std::size_t zero = both.find('\0');
  if (zero == std::string_view::npos) return std::nullopt;
  return Identity{std::string(both.substr(0, zero)), std::string(both.substr(zero + 1))};
}

Result<std::string, std::string> Gate::set_meters(std::string_view state, std::string_view meters) {
  return change_meters(state, "set", meters);
}

Result<std::string, std::string> Gate::add_meters(std::string_view state, std::string_view meters) {
  return change_meters(state, "add", meters);
}

Result<std::string, std::string> Gate::change_meters(std::string_view state, std::string_view verb,
                                                     std::string_view meters) {
  std::string input = "{\"state\":";
  input.append(state.empty() ? "null" : state).append(",\"").append(verb).append("\":").append(meters).append("}");
  const Lock lock(mutex_);
  if (edge_ == nullptr) return fail(std::string("The instance has trapped."));
  if (!edge_->fits(input)) return fail(std::string("The runtime meters are larger than the module takes."));
  const auto length = edge_->meters(edge_->put(input));
  if (!length.ok()) {
    drop_instance();
    return fail(std::string("The instance has trapped."));
  }
  if (*length < 0) return fail(std::string(edge_->sentence()));
  return std::string(edge_->output(*length));
}

void Gate::drop_instance() {
  ++counters_.traps;
  counters_.lost_events += unsent_;
  unsent_ = 0;
  edge_.reset();
  woken_.clear();
  begun_.clear();
  woken_signal_.notify_all();
}

}  // namespace tollgate::host
