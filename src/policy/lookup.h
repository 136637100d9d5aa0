#pragma once

#include "base/sha256.h"
#include "base/siphash.h"
#include "policy/frame_pool.h"
#include "policy/request_table.h"
#include "policy/snapshot.h"

#include <array>
#include <coroutine>
#include <cstdint>
#include <utility>

namespace tollgate {

/// What the host brought back.
struct Answer {
  enum class Kind : std::uint8_t { outage, snapshot, not_found, unauthorized };

  Kind kind = Kind::outage;
  const Snapshot* snapshot = nullptr;  ///< borrowed for the call, null unless `kind` is `snapshot`
  std::int64_t taken_at = 0;           ///< when the control plane made the snapshot
  std::int64_t now = 0;
};

/// How a look-up ended, for all who waited for it.
enum class LookupEnd : std::uint8_t {
  pending,
  found,    ///< the cache has a fresh record
  unknown,  ///< check 5
  outage,   ///< nobody answered usably: the last snapshot if it may still be used, else check 4
  no_room,  ///< the cache is full of records in use
};

/// Frames of the look-ups' coroutines. On wasm32 one takes about 120 bytes; native debug builds take more.
using LookupFrames = FramePool<limits::kLookups, sizeof(void*) == 4 ? 240 : 1008>;

/// The coroutine of one look-up: suspended whenever it waits for the host.
class LookupTask {
 public:
  struct promise_type {
    static void* operator new(std::size_t bytes, LookupFrames& frames, auto&&...) { return frames.take(bytes); }
    static void operator delete(void*) {}  // the place is given back by `destroy`, which knows the pool

    LookupTask get_return_object() { return LookupTask(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { __builtin_trap(); }
  };

  LookupTask() = default;

  void resume() { handle_.resume(); }
  void destroy(LookupFrames& frames) {
    void* const frame = handle_.address();
    handle_.destroy();
    frames.give_back(frame);
    handle_ = nullptr;
  }

 private:
  explicit LookupTask(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

/// What a look-up is about.
struct LookupKey {
  Hash128 hash;
  Digest digest;
};

/// One key on its way into the cache, shared by all requests that wait for it (S4.4).
struct Lookup {
  LookupKey key;
  std::int64_t ttl_ms = 0;       ///< of the policy that asked first: how old a snapshot from KV may be
  std::int64_t kv_revision = 0;  ///< of the copy that KV had, whatever became of it
  LookupTask task;
  Answer answer;
  Index owner = kNone;        ///< the request that performs the effect
  WaiterList waiters;         ///< the others, but for those whose own answer is still to come
  std::uint16_t readers = 0;  ///< requests that have yet to learn how it ended
  Effect effect = Effect::none;
  LookupEnd end = LookupEnd::pending;
  bool kv_had_copy = false;
  bool is_recheck = false;  ///< of a refusal: KV would say what is known (S4.5)
  bool is_known = false;    ///< the key had a record when it began
  bool live = false;

  /// `co_await lookup.ask(Effect::fetch)`: suspends until the host has answered.
  auto ask(Effect what) {
    struct Awaiter {
      Lookup& lookup;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<>) const noexcept {}
      const Answer& await_resume() const noexcept { return lookup.answer; }
    };
    effect = what;
    return Awaiter{*this};
  }
};

/// The look-ups under way, in fixed memory, and what they count.
class LookupTable {
 public:
  Lookup& operator[](Index at) { return lookups_[at]; }

  /// The look-up of a key that has not ended, `kNone` when there is none.
  Index find(const Hash128& hash) const {
    std::size_t seen = 0;
    for (std::size_t i = 1; seen < live_; ++i) {
      if (!lookups_[i].live) continue;
      if (lookups_[i].key.hash == hash && lookups_[i].end == LookupEnd::pending) return static_cast<Index>(i);
      ++seen;
    }
    return kNone;
  }

  /// Whether another may begin, and whether one more request may wait. Those of unknown keys have a share (S4.3).
  bool has_room(bool is_known) const {
    return live_ < limits::kLookups && (is_known || unknown_ < limits::kUnknownLookups);
  }
  bool may_wait(bool is_known) const {
    return waiting_ < limits::kWaiting && (is_known || waiting_unknown_ < limits::kWaitingUnknown);
  }

  Index add(bool is_known) {
    Index place = 1;
    while (lookups_[place].live) ++place;
    lookups_[place] = {};
    lookups_[place].live = true;
    lookups_[place].is_known = is_known;
    ++live_;
    if (!is_known) ++unknown_;
    return place;
  }
  /// One more, or one less, is to learn how it ends; with the last one it goes.
  void add_reader(Lookup& lookup) {
    ++lookup.readers;
    ++waiting_;
    if (!lookup.is_known) ++waiting_unknown_;
  }
  void drop_reader(Lookup& lookup) {
    --waiting_;
    if (!lookup.is_known) --waiting_unknown_;
    if (--lookup.readers > 0) return;
    lookup.task.destroy(frames_);
    lookup.live = false;
    --live_;
    if (!lookup.is_known) --unknown_;
  }

  LookupFrames& frames() { return frames_; }
  std::size_t size() const { return live_; }
  std::size_t waiting() const { return waiting_; }

 private:
  std::array<Lookup, limits::kLookups + 1> lookups_{};
  LookupFrames frames_;
  std::size_t live_ = 0;
  std::size_t unknown_ = 0;
  std::size_t waiting_ = 0;
  std::size_t waiting_unknown_ = 0;
};

}  // namespace tollgate
