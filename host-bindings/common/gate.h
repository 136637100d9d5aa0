#pragma once

#include "host-bindings/common/edge_instance.h"
#include "host-bindings/common/snapshot_source.h"

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
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
  std::string bucket = {};    ///< whose snapshots are taken: one that names another is garbage; empty: any
  FailureMode on_trap = FailureMode::closed;
  /// How long a request waits for another's look-up of the same key before one of those who wait takes its place:
  /// longer than `kv_get` and `fetch` of the source may take together.
  std::chrono::milliseconds patience = std::chrono::seconds(15);
  /// How many requests may wait for look-ups at one moment (S4.3): each holds a thread. Further ones go on with the
  /// last snapshot of their key where there is one, else they are answered 503.
  std::size_t most_waiting = SIZE_MAX;
  /// Milliseconds since 1970, read when a request has waited. Empty: the time of a request stands still, as in tests.
  std::function<double()> now = {};
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
  double now_ms = 0;  ///< when it came
};

/// Who called: what the API behind a gateway is told (S2.5).
struct Identity {
  std::string consumer;  ///< the key's consumer; the subscription's id where the key has none
  std::string subscription;
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
/// Delivers a batch; true once it is safe with the receiver. May be given the same events again otherwise. May block:
/// the gate decides requests meanwhile.
using Deliver = std::function<bool(const EventBatch&)>;

struct GateCounters {
  std::uint64_t traps = 0;          ///< instances that were dropped
  std::uint64_t failed_open = 0;    ///< requests let through without a decision
  std::uint64_t failed_closed = 0;  ///< requests answered 503 without a decision
  std::uint64_t lost_requests = 0;  ///< allowed by an instance that was gone when they finished
  /// Events of instances that trapped before they were sent, and of those that had no room for them (S3.1).
  std::uint64_t lost_events = 0;
  std::uint64_t stale_handles = 0;  ///< calls on requests that had ended
  std::uint64_t kv_reads = 0;
  std::uint64_t kv_reads_failed = 0;
  std::uint64_t kv_writes = 0;
  std::uint64_t lookups = 0;  ///< questions to the control plane
  /// Of these, those that came to nothing: an outage, or a body that the module did not take.
  std::uint64_t lookups_failed = 0;
  std::uint64_t credential_refused = 0;  ///< of these, those in which it refused the gateway's own credential
  std::uint64_t turned_away = 0;         ///< requests that would have waited beyond `GateOptions::most_waiting`
  std::uint64_t take_overs = 0;          ///< requests that stopped waiting for another's look-up
  std::uint64_t batches_sent = 0;
  std::uint64_t batches_failed = 0;
  std::uint64_t events_sent = 0;
};

/// A policy enforcement point over one edge instance, for hosts whose effects are synchronous: decides requests, gets
/// snapshots from a `SnapshotSource`, sends events. An instance that traps is dropped and replaced.
///
/// May be called by several threads: they take turns, except while one performs an effect. So a server has one gate,
/// one cache and one count of what is left of each quota; requests for a key that is being looked up wait for that
/// look-up.
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
  GateCounters counters();

  Decision check(const Request& request);

  /// Settles an allowed request once the status of its response is known. `meters` is the state that `add_meters` or
  /// `set_meters` answered last, or empty. Fails, with nothing done and the ticket still owed, when the state is not
  /// one of theirs. A ticket of an instance that is gone is counted and forgotten.
  Result<bool, std::string> finish(Ticket ticket, std::uint32_t status, std::string_view meters);
  /// Ends an allowed request that was not served: nothing is recorded.
  void abandon(Ticket ticket);
  /// Who made an allowed request that is not finished yet.
  std::optional<Identity> identity(Ticket ticket);

  /// The runtime meters of one request (S2.6). `state` is what an earlier call answered, empty at first; `meters` is
  /// JSON, `{"key": number}`. Returns the new state, or fails with a sentence and leaves the old one as it is.
  Result<std::string, std::string> set_meters(std::string_view state, std::string_view meters);
  Result<std::string, std::string> add_meters(std::string_view state, std::string_view meters);

  /// Sends what has been recorded, batch by batch, until nothing is left or a delivery fails. Returns how many events
  /// were delivered. What was not is sent again, under the same ids, by the next call.
  std::uint64_t drain(const Deliver& deliver);

  /// A batch that is under way. It is owed to `confirm`.
  struct OutgoingBatch {
    std::uint32_t instance = 0;
    std::uint32_t id = 0;
    std::uint32_t events = 0;
    std::string body;
  };
  /// For those who send several at once: a batch, when so many events wait and fewer than sixteen batches are out.
  std::optional<OutgoingBatch> next_batch(std::uint64_t at_least = 1);
  /// Says what became of a batch; its events are handed out again, under the same ids, when they were not delivered.
  void confirm(const OutgoingBatch& batch, bool delivered);
  /// Waits until a full batch waits. False when none did.
  bool await_batch(std::chrono::milliseconds patience);
  /// Events that were recorded and are not confirmed.
  struct Owed {
    std::uint64_t waiting = 0;
    std::uint64_t out = 0;
  };
  Owed owed() const;

  /// JSON for metrics: the instance's own counters and gauges, but for what it has lost: that is `lost_events`.
  std::string stats();

 private:
  using Lock = std::unique_lock<std::mutex>;
  /// Where a suspended request stands: what was in the mailbox when it was suspended.
  struct Pending {
    std::uint32_t instance = 0;
    std::uint32_t handle = 0;
    std::uint32_t effect = TG_EFFECT_NONE;
    std::string digest;
    bool performs() const { return effect != TG_EFFECT_WAIT; }
  };

  /// A snapshot for KV, to be put there once nobody waits for it.
  struct Storing {
    std::string digest;
    std::string body;
    double taken_at_ms = 0;
    std::uint32_t seconds = 0;
  };

  /// A request while it is decided.
  struct Asked {
    const Request& request;
    double now_ms = 0;  ///< moves on while it waits
    std::optional<Storing> storing = {};
  };

  Gate(MakeEdge make_edge, MakeSeed make_seed, SnapshotSource& source, GateOptions options);

  // All of these are called with the gate locked. Those that take the lock let go of it while they wait.
  Result<bool, std::string> start_instance();
  Result<bool, std::string> configure();
  Result<bool, std::string> read_policies(std::int32_t count);

  Result<Decision, Trap> decide(Asked& asked, Lock& lock);
  Result<std::int32_t, Trap> settle(Asked& asked, Lock& lock);
  /// Decides without waiting; 0: that cannot be.
  Result<std::int32_t, Trap> settle_at_once(Asked& asked);
  Pending pending() const;
  Result<std::int32_t, Trap> wait_for_other(const Pending& pending, Asked& asked, Lock& lock);
  Result<std::int32_t, Trap> look_up(const Pending& pending, Asked& asked, Lock& lock);
  Result<std::int32_t, Trap> hand_over(const Pending& pending, Lookup lookup, Asked& asked);
  void count(const Pending& pending, const Lookup& lookup);
  bool is_current(const Pending& pending) const { return edge_ != nullptr && pending.instance == instance_; }
  /// Tells those who wait that the instance has named them.
  Result<bool, Trap> wake();
  double time_of(const Request& request) const { return options_.now ? options_.now() : request.now_ms; }
  /// When whoever performs the look-up of this digest counts as gone.
  std::chrono::steady_clock::time_point gone_at(const std::string& digest) const;

  Result<Decision, Trap> describe(const Asked& asked, std::int32_t result);
  Decision undecided(const Asked& asked);
  Decision unavailable(const Asked& asked) const;

  Result<std::string, std::string> change_meters(std::string_view state, std::string_view verb,
                                                 std::string_view meters);
  bool holds(Ticket ticket) const { return edge_ != nullptr && ticket.instance == instance_ && ticket.handle != 0; }
  /// Counts what the instance has lost since it was last asked, and answers what else it says of itself.
  std::string note_lost();
  void drop_instance();

  MakeEdge make_edge_;
  MakeSeed make_seed_;
  SnapshotSource& source_;
  GateOptions options_;
  std::vector<PolicyInfo> policies_;

  mutable std::mutex mutex_;
  std::condition_variable woken_signal_;
  std::unique_ptr<EdgeInstance> edge_;       ///< null between a trap and the next request
  std::uint32_t instance_ = 0;               ///< counts the instances made
  std::unordered_set<std::uint32_t> woken_;  ///< handles that the instance named and nobody has asked for yet
  std::size_t settling_ = 0;                 ///< requests that have been suspended
  /// By digest: when somebody last began to perform its look-up.
  std::unordered_map<std::string, std::chrono::steady_clock::time_point> begun_;
  std::condition_variable batch_signal_;
  std::uint64_t unsent_ = 0;       ///< events that wait in the instance, as last told
  std::uint64_t out_ = 0;          ///< events in batches that are under way, of whichever instance
  std::uint64_t module_lost_ = 0;  ///< what the instance had lost when it was last asked
  GateCounters counters_;
};

}  // namespace tollgate::host
