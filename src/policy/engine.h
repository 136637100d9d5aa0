#pragma once

#include "base/api_key.h"
#include "policy/decision.h"
#include "policy/lookup.h"
#include "policy/negative_cache.h"
#include "policy/outbox.h"
#include "policy/runtime_meters.h"

#include <cstdint>
#include <string_view>

namespace tollgate {

/// What became of a request, in one number: the handle of an allowed one (> 0), a refusal with the name that it
/// mentions (< 0), or 0 for a request that waits.
class Outcome {
 public:
  static constexpr Outcome allowed(RequestHandle handle) { return Outcome(static_cast<std::int32_t>(handle)); }
  static constexpr Outcome denied(Verdict verdict) {
    return Outcome(-(static_cast<std::int32_t>(verdict.refusal) | static_cast<std::int32_t>(verdict.name) << 8));
  }
  static constexpr Outcome suspended() { return Outcome(0); }
  static constexpr Outcome unknown_record() { return Outcome(INT32_MIN); }
  static constexpr Outcome stale() { return Outcome(INT32_MIN + 1); }

  constexpr std::int32_t code() const { return code_; }
  constexpr bool is_allowed() const { return code_ > 0; }
  constexpr bool is_suspended() const { return code_ == 0; }
  /// The refusal; `none` for an outcome that is none.
  constexpr Verdict verdict() const { return verdict_of(code_); }

  /// Reads a code that came back from a host; `none` for one that is no refusal.
  static constexpr Verdict verdict_of(std::int32_t code) {
    const std::int32_t bits = code < 0 && code > INT32_MIN + 1 ? -code : 0;
    if ((bits & 0xff) >= kRefusals || bits >> 16 != 0) return {};
    return {static_cast<Refusal>(bits & 0xff), static_cast<NameId>(bits >> 8)};
  }

 private:
  explicit constexpr Outcome(std::int32_t code) : code_(code) {}
  std::int32_t code_;
};

/// What the host has to know beside the outcome of the last call.
struct Notice {
  RequestHandle handle = 0;         ///< the request that waits
  Effect effect = Effect::none;     ///< for what
  const Digest* digest = nullptr;   ///< of its key, for `kv_get` and `fetch`
  RecordTag record = 0;             ///< behind a decision, 0 for none
  std::uint32_t store_seconds = 0;  ///< > 0: keep the snapshot just given in KV for so long
  RecordTag taken = 0;              ///< the record that now holds the snapshot just given, 0 when it was not taken
  std::uint32_t woken = 0;          ///< requests that `next_woken` will give
};

/// Counters of an instance, for its host's metrics.
struct EngineCounters {
  std::uint64_t checks = 0;
  std::uint64_t denied = 0;
  std::uint64_t lookups = 0;
  std::uint64_t shared_lookups = 0;  ///< requests that waited for another one's look-up
  std::uint64_t rechecks = 0;        ///< look-ups because of a refusal (S4.5)
  std::uint64_t outages = 0;         ///< look-ups that nobody answered usably
  std::uint64_t outdated = 0;        ///< snapshots that were older than what was known (S7)
  std::uint64_t stale_uses = 0;      ///< decisions on a snapshot beyond its TTL (S4.4)
  std::uint64_t skipped = 0;         ///< entitlements of snapshots that could not be served (S4.1)
  std::uint64_t overloaded = 0;
  std::uint64_t undeliverable = 0;  ///< refused because their usage could not be recorded (S3.1)
  std::uint64_t overdue = 0;        ///< requests that got their reservation back before they ended
  std::uint64_t reclaimed = 0;      ///< requests that their host never ended
};

/// The edge policy: decides requests of one instance, keeps what it needs to do so in fixed memory, and asks its host
/// for the rest (S2-S5, `cached` mode). Not re-entrant. Time comes as an argument, randomness once through `start`.
class Engine {
 public:
  /// Once, before anything else: `secret` keys the hashes.
  void start(const SipKey& secret) {
    secret_ = secret;
    cache_.start(secret);
  }
  void set_key_format(KeyFormat format) { key_format_ = format; }

  Configuration& configuration() { return configuration_; }
  const Configuration& configuration() const { return configuration_; }
  NameTable& names() { return names_; }
  const NameTable& names() const { return names_; }

  /// Decides a request by its credential header. Warm: no allocation, no JSON.
  Outcome check(std::size_t policy, std::string_view header, std::int64_t now);
  /// Decides by the record of an earlier decision on the same header.
  Outcome check_known(std::size_t policy, RecordTag tag, std::int64_t now);
  /// Goes on with a request that KV or the control plane was asked for.
  Outcome resume(RequestHandle handle, const Answer& answer);
  /// The digest of the key that a waiting request is about, null for a stale handle.
  const Digest* digest_of(RequestHandle handle);
  /// The next request whose wait is over, 0 when there is none; then `poll`.
  RequestHandle next_woken();
  Outcome poll(RequestHandle handle, std::int64_t now);
  /// Makes a waiting request the one that fetches.
  Outcome take_over(RequestHandle handle, std::int64_t now);

  /// Settles an allowed request: records usage where `status` is metered, gives the reservation back where not. False
  /// for a handle that is not of an allowed request.
  bool finish(RequestHandle handle, std::uint32_t status, const RuntimeMeters& runtime);
  /// The request went away: nothing is recorded. False for a stale handle.
  bool abandon(RequestHandle handle);

  /// The record of an allowed request, 0 when the handle is stale.
  RecordTag record_of(RequestHandle handle) const;

  /// The checks of S2.2 for people: how `check` would decide now, without reserving or asking. `lookup_needed` when the
  /// key is not in the cache.
  struct Explanation {
    Verdict verdict;
    bool lookup_needed = false;
    Index record = kNone;
  };
  Explanation explain(std::size_t policy, std::string_view header, std::int64_t now);

  /// Seconds after which the same request may be answered otherwise than by this refusal: never 0, and not after the
  /// next time that it is checked again (S4.5).
  std::int64_t retry_after_seconds(std::size_t policy, Verdict verdict, Index record, std::int64_t now) const;

  const Notice& notice() const { return notice_; }
  KeyCache& cache() { return cache_; }
  const KeyCache& cache() const { return cache_; }
  Outbox& outbox() { return outbox_; }
  const Outbox& outbox() const { return outbox_; }
  const EngineCounters& counters() const { return counters_; }
  std::size_t in_flight() const { return requests_.size(); }
  std::size_t lookups() const { return lookups_.size(); }

 private:
  // engine.cpp: decisions and their ends
  bool usable(const Policy& policy, const KeyRecord& key, std::int64_t now);
  bool usable_when_due(const Policy& policy, const KeyRecord& key, std::int64_t now);
  bool is_due_for_recheck(const Policy& policy, Index record, Outcome outcome, std::int64_t now) const;
  Outcome decide_record(std::size_t policy, Index record, std::int64_t now);
  Outcome refuse(std::size_t policy, Index record, std::int64_t now);
  Outcome told(Outcome outcome);
  void give_back(const Request& request);
  void record_usage(const Request& request, const RuntimeMeters& runtime);
  void append_usage(const Request& request, NameId name, Quantity total);
  void end_allowed(Index slot);

  // engine.cpp: deadlines
  Index take_slot(std::size_t policy, RequestState state, Index target, std::int64_t now);
  void enforce_deadlines(std::int64_t now);
  void reclaim(std::int64_t now);

  // engine_lookup.cpp
  static LookupTask look_up(LookupFrames& frames, Engine& engine, Lookup& lookup);
  bool settle_from_kv(Lookup& lookup);
  LookupEnd accept(Lookup& lookup, Effect from);
  std::int64_t longest_copy_ms() const;
  bool is_outdated(const Lookup& lookup, Effect from) const;
  Outcome check_cold(std::size_t policy, std::string_view key, const Hash128& hash, std::int64_t now);
  Outcome begin_lookup(std::size_t policy, std::string_view key, const Hash128& hash, bool is_recheck,
                       std::int64_t now);
  Outcome start_lookup(Index slot, const LookupKey& key, bool is_recheck, std::int64_t now);
  bool is_refusal_to_recheck(std::size_t policy, const Hash128& hash, std::int64_t now) const;
  Outcome without_lookup(std::size_t policy, Index record, std::int64_t now);
  Outcome suspend(Index slot, Effect effect);
  Outcome advance(Index slot);
  void settle(Lookup& lookup);
  Outcome conclude(Index slot, std::int64_t now);
  Outcome wait_again(Index slot);
  void make_owner(Lookup& lookup, Index slot);
  void leave_lookup(Index slot);
  void wake(Index slot);
  void forget_wake(Index slot);

  Hash128 hash_of(std::string_view key) const { return siphash<1, 3>(secret_, key.data(), key.size()); }
  Lookup& lookup_of(Index slot) { return lookups_[requests_[slot].target]; }
  const NegativeEntry* find_negative(const Hash128& hash) const;

  SipKey secret_;
  KeyFormat key_format_ = KeyFormat::any;
  Notice notice_;
  EngineCounters counters_;
  RequestTable requests_;
  std::int64_t deadline_ = 0;      // no request is over its time before it; 0: none is under way
  std::int64_t reclaimed_at_ = 0;  // when room was last made among the requests
  WokenList woken_;
  LookupTable lookups_;
  NegativeCache<limits::kNegativeKeys> negatives_;
  NegativeCache<limits::kRevokedKeys> revoked_;
  KeyCache cache_;
  Outbox outbox_;
  NameTable names_;
  Configuration configuration_;
};

}  // namespace tollgate
