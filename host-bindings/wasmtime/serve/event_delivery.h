#pragma once

#include "host-bindings/common/gate.h"
#include "host-bindings/wasmtime/serve/control_plane.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace tollgate::serve {

/// What has become of events that were handed out by the gate.
struct DeliveryCounters {
  std::uint64_t accepted = 0;  ///< committed by a ledger
  std::uint64_t rejected = 0;  ///< refused for good, and kept in their bucket as dead letters
};

/// Brings events from the gate to the ledger, behind the responses: gathered for a fifth of a second or until they fill
/// a batch, several batches at once, tried again until the control plane has them. Events that no ledger takes become
/// dead letters, each with its reason (M5), before their batch is confirmed; the others of it count. Events that were
/// sent twice are recognised by their ids.
class EventDelivery {
 public:
  /// Gate and plane outlive this.
  EventDelivery(host::Gate& gate, ControlPlane& plane, std::string bucket);
  /// Ends at once where `finish` was not called: what is left in the gate stays there.
  ~EventDelivery();

  void start();
  /// Delivers what the gate has, for so long at most, and ends. Returns how many events are left.
  std::uint64_t finish(std::chrono::milliseconds patience);
  DeliveryCounters counters() const;

 private:
  using Clock = std::chrono::steady_clock;
  /// What became of a request: done, refused for good, or to be tried again.
  enum class Outcome : std::uint8_t { done, refused, again };
  struct Answer {
    Outcome outcome = Outcome::again;
    int status = 0;
    std::string text;  ///< the body of the answer; where there is none, why
  };
  struct DeadLetter {
    std::string event;  ///< JSON, with the digits as they came
    std::string reason;
  };

  /// Sends batches of at least so many events until told to end, then all that there are.
  void work(std::uint64_t at_least);
  /// False when it is time to end.
  bool pause(bool takes_all);
  /// The end: everything that is left, until the deadline.
  void clear();
  void flush(std::uint64_t at_least);
  /// Sends one batch and confirms it. False when sending does not work.
  bool carry(const host::Gate::OutgoingBatch& batch);
  bool deliver(std::string_view body);
  /// Posts events, in parts where they are refused; what is refused for good is added to the letters.
  bool post_events(const std::vector<std::string>& events, std::vector<DeadLetter>& letters);
  bool store(const DeadLetter& letter);
  Answer post(const std::string& path, const char* type, std::string body);

  host::Gate& gate_;
  ControlPlane& plane_;
  std::string base_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  Clock::time_point deadline_;  ///< of the end
  Clock::time_point next_try_;  ///< while sending fails
  std::uint32_t failures_ = 0;  ///< in a row; several at once are one
  DeliveryCounters counters_;
  std::vector<std::thread> threads_;
};

}  // namespace tollgate::serve
