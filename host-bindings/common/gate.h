#pragma once

#include "host-bindings/common/edge_instance.h"
#include "host-bindings/common/snapshot_source.h"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::host {

/// What becomes of a request whose decision was lost in a trap.
enum class FailureMode : std::uint8_t {
  closed,  ///< it is answered 503
  open,    ///< it is let through and not metered
};

struct GateOptions {
  std::string policies = {};  ///< the text of a `policies.json` (S2.1)
  std::uint32_t key_format = TG_KEY_ANY;
  std::string build_id = {};  ///< for `trace.buildId`; empty: none
  FailureMode on_trap = FailureMode::closed;
};

/// The 32 random bytes that a new instance starts from. Two instances must never get the same: event ids come from it.
using Seed = std::array<std::uint8_t, 32>;
using MakeSeed = std::function<Seed()>;
/// From the operating system.
Seed random_seed();

/// What a host needs to know of a policy; `tg_policy` tells the rest.
struct PolicyInfo {
  std::string name;
  std::string auth_header;  ///< lower case
  bool quota_headers = false;
};

struct Request {
  std::uint32_t policy = 0;                         ///< index into `Gate::policies`
  std::optional<std::string_view> credential = {};  ///< value of the policy's `auth_header`; several joined by ", "
  std::string_view path = "/";                      ///< for problem bodies, as is the id
  std::string_view id = {};
  double now_ms = 0;
};

/// A request that was let through and is owed to `Gate::finish` or `Gate::abandon`.
struct Ticket {
  std::uint32_t instance = 0;  ///< which of the gate's instances allowed it
  std::uint32_t handle = 0;    ///< 0: let through without a decision (`FailureMode::open`)
};

struct Decision {
  bool allowed = false;
  Ticket ticket = {};              ///< of an allowed request
  std::uint32_t status = 0;        ///< of a refused one: the HTTP status
  std::string problem = {};        ///< of a refused one: its `application/problem+json` body
  std::string quota_headers = {};  ///< lines `Name: value\n` to add to the response (S2.8)
};

/// A batch of events, as `application/cloudevents-batch+json`.
struct EventBatch {
  std::string_view body;
  std::uint32_t events = 0;
};
/// Delivers a batch; true once it is safe with the receiver. May be given the same events again otherwise.
using Deliver = std::function<bool(const EventBatch&)>;

struct GateCounters {
  std::uint64_t traps = 0;          ///< instances that were dropped
  std::uint64_t failed_open = 0;    ///< requests let through without a decision
  std::uint64_t failed_closed = 0;  ///< requests answered 503 without a decision
  std::uint64_t lost_requests = 0;  ///< allowed by an instance that was gone when they finished
  std::uint64_t lost_events = 0;    ///< in the outbox of an instance when it trapped, at the last count
};

/// A policy enforcement point over one edge instance, for hosts whose effects are synchronous: decides requests, gets
/// snapshots from a `SnapshotSource`, sends events. An instance that traps is dropped and replaced.
///
/// Single-threaded, like the instance: a server has one gate for each worker thread.
///
///     auto gate = Gate::open(module->maker(), random_seed, source, {.policies = text});
///     Decision decision = (*gate)->check({.credential = header, .path = path, .id = id, .now_ms = now});
///     if (decision.allowed) (*gate)->finish(decision.ticket, status, {});
class Gate {
 public:
  /// Fails with a sentence that names what is wrong: the module's own on the options, or the host's on the module.
  /// `source` must outlive the gate.
  static Result<std::unique_ptr<Gate>, std::string> open(MakeEdge make_edge, MakeSeed make_seed, SnapshotSource& source,
                                                         GateOptions options);

  const std::vector<PolicyInfo>& policies() const { return policies_; }
  const GateCounters& counters() const { return counters_; }

  Decision check(const Request& request);

  /// Settles an allowed request once the status of its response is known. `meters` is the state that `add_meters` or
  /// `set_meters` answered last, or empty. Fails, with nothing done and the ticket still owed, when the state is not
  /// one of theirs. A ticket of an instance that is gone is counted and forgotten.
  Result<bool, std::string> finish(Ticket ticket, std::uint32_t status, std::string_view meters);
  /// Ends an allowed request that was not served: nothing is recorded.
  void abandon(Ticket ticket);

  /// The runtime meters of one request (S2.6). `state` is what an earlier call answered, empty at first; `meters` is
  /// JSON, `{"key": number}`. Returns the new state, or fails with a sentence and leaves the old one as it is.
  Result<std::string, std::string> set_meters(std::string_view state, std::string_view meters);
  Result<std::string, std::string> add_meters(std::string_view state, std::string_view meters);

  /// Sends what has been recorded, batch by batch, until nothing is left or a delivery fails. Returns how many events
  /// were delivered. What was not is sent again, under the same ids, by the next call.
  std::uint64_t drain(const Deliver& deliver);

  /// JSON for metrics: the instance's own counters and gauges.
  std::string stats();

 private:
  Gate(MakeEdge make_edge, MakeSeed make_seed, SnapshotSource& source, GateOptions options);

  Result<bool, std::string> start_instance();
  Result<bool, std::string> configure();
  Result<bool, std::string> read_policies(std::int32_t count);

  Result<std::int32_t, Trap> decide(const Request& request);
  Result<std::int32_t, Trap> perform_effect(double now_ms);
  Result<std::int32_t, Trap> hand_over(std::uint32_t handle, std::string_view digest, const Lookup& lookup,
                                       double now_ms);
  Result<Decision, Trap> describe(const Request& request, std::int32_t result);
  Decision undecided(const Request& request);

  Result<std::string, std::string> change_meters(std::string_view state, std::string_view verb,
                                                 std::string_view meters);
  bool holds(Ticket ticket) const { return edge_ != nullptr && ticket.instance == instance_ && ticket.handle != 0; }
  void drop_instance();

  MakeEdge make_edge_;
  MakeSeed make_seed_;
  SnapshotSource& source_;
  GateOptions options_;
  std::vector<PolicyInfo> policies_;
  std::unique_ptr<EdgeInstance> edge_;  ///< null between a trap and the next request
  std::uint32_t instance_ = 0;          ///< counts the instances made
  std::uint64_t unsent_ = 0;            ///< events in the outbox, as last told
  GateCounters counters_;
};

}  // namespace tollgate::host
