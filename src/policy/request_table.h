#pragma once

#include "base/limits.h"
#include "policy/index_list.h"

#include <array>
#include <cstdint>

namespace tollgate {

/// Names a request between `check` and `finish`. Carries a generation; never 0.
using RequestHandle = std::uint32_t;

/// What a look-up asks of the host (the values of `tg_effect`).
enum class Effect : std::uint8_t { none = 0, kv_get = 1, fetch = 2, wait = 3 };

enum class RequestState : std::uint8_t { free, allowed, waiting };

/// One request between `check` and its end.
struct Request {
  std::int64_t now = 0;  ///< when it came; of a waiting one, when it began to wait
  std::uint32_t generation = 0;
  Index target = kNone;  ///< record when allowed, look-up when waiting
  Index link = kNone;    ///< list of free places
  ListPlace waiter;      ///< among those who wait for its look-up
  ListPlace woken;       ///< among those whose wait is over, until the host has been told
  RequestState state = RequestState::free;
  std::uint8_t policy = 0;
  std::uint8_t places = 0;      ///< reserved in the outbox
  bool overdue = false;         ///< allowed for too long: its reservation was given back
  Effect asked = Effect::none;  ///< what the host is doing for it
};

/// The requests of one instance that are under way, in fixed memory.
class RequestTable {
 public:
  Request& operator[](Index slot) { return requests_[slot]; }
  const Request& operator[](Index slot) const { return requests_[slot]; }

  RequestHandle handle_of(Index slot) const { return requests_[slot].generation << kSlotBits | slot; }
  /// The slot of a live request, `kNone` for a stale handle.
  Index find(RequestHandle handle) const {
    const auto slot = static_cast<Index>(handle & limits::kInFlight);
    return requests_[slot].state != RequestState::free && handle_of(slot) == handle ? slot : kNone;
  }

  bool full() const { return free_.empty(); }
  /// A place for a request that comes at `now`, `kNone` when all are taken.
  Index add(std::size_t policy, RequestState state, Index target, std::int64_t now) {
    const Index slot = free_.take([this](Index at) { return requests_[at].link; });
    if (slot == kNone) return kNone;
    Request& request = requests_[slot];
    request.generation = (request.generation + 1) % kGenerations;
    if (request.generation == 0) request.generation = 1;
    request.state = state;
    request.policy = static_cast<std::uint8_t>(policy);
    request.target = target;
    request.now = now;
    ++size_;
    return slot;
  }
  /// Ends a request that is in no list.
  void remove(Index slot) {
    Request& request = requests_[slot];
    request.state = RequestState::free;
    request.places = 0;
    request.overdue = false;
    request.asked = Effect::none;
    free_.give_back(slot, request.link);
    --size_;
  }

  std::size_t size() const { return size_; }

 private:
  static constexpr std::uint32_t kSlotBits = 11;
  static constexpr std::uint32_t kGenerations = 1U << (31 - kSlotBits);
  static_assert(1U << kSlotBits == limits::kInFlight + 1);

  std::array<Request, limits::kInFlight + 1> requests_{};
  FreeList<limits::kInFlight> free_;
  std::size_t size_ = 0;
};

using WaiterList = IndexList<RequestTable, &Request::waiter>;
using WokenList = IndexList<RequestTable, &Request::woken>;

}  // namespace tollgate
