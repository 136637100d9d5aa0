#pragma once

#include "base/sha256.h"
#include "policy/frame_pool.h"
#include "policy/record.h"
#include "policy/snapshot.h"

#include <coroutine>
#include <cstdint>
#include <utility>

namespace tollgate {

/// What a look-up asks of the host (the values of `tg_effect`).
enum class Effect : std::uint8_t { none = 0, kv_get = 1, fetch = 2, wait = 3 };

/// What the host brought back.
struct Answer {
  enum class Kind : std::uint8_t { snapshot, not_found, unauthorized, outage };

  Kind kind = Kind::outage;
  const Snapshot* snapshot = nullptr;  ///< borrowed for the call, null unless `kind` is `snapshot`
  std::int64_t taken_at = 0;           ///< when the control plane made the snapshot
  std::int64_t now = 0;
};

/// How a look-up ended, for all who waited for it.
enum class LookupEnd : std::uint8_t {
  pending,
  found,         ///< the cache has a fresh record
  unknown,       ///< check 5
  unauthorized,  ///< check 4
  outage,        ///< the last snapshot if it may still be used, else check 4
  no_room,       ///< the cache is full of records in use
};

/// Frames of the look-ups' coroutines. On wasm32 one takes about 120 bytes; native debug builds take more.
using LookupFrames = FramePool<limits::kLookups, sizeof(void*) == 4 ? 240 : 1008>;

struct Lookup;

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
  bool done() const { return handle_.done(); }
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

/// One key on its way into the cache, shared by all requests that wait for it.
struct Lookup {
  Hash128 hash;
  Digest digest;
  std::int64_t ttl_ms = 0;  ///< of the policy that asked first: how old a snapshot from KV may be
  LookupTask task;
  Answer answer;
  Index owner = kNone;         ///< the request that performs the effect
  Index first_waiter = kNone;  ///< requests that wait, in order of arrival, chained by `next`
  Index last_waiter = kNone;
  std::uint16_t readers = 0;  ///< requests that have yet to learn how it ended
  Effect effect = Effect::none;
  LookupEnd end = LookupEnd::pending;
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

}  // namespace tollgate
