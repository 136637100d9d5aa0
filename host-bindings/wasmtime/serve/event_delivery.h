#pragma once

#include "host-bindings/common/gate.h"
#include "host-bindings/wasmtime/serve/control_plane.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace tollgate::serve {

/// Brings events from the gate to the ledger, behind the responses: gathered for a fifth of a second, tried again until
/// the control plane has them. Events that no ledger takes become dead letters, each with its reason (M5); the others
/// of their batch count. Events that were sent twice are recognised by their ids.
class EventDelivery {
 public:
  /// Gate and plane outlive this.
  EventDelivery(host::Gate& gate, ControlPlane& plane, std::string bucket);
  /// Sends what there is, as far as it is taken, and ends.
  ~EventDelivery();

  void start();

 private:
  /// What became of a request: committed, refused for good, or to be tried again.
  enum class Outcome : std::uint8_t { committed, refused, again };
  struct DeadLetter {
    std::string event;  ///< JSON, with the digits as they came
    std::string reason;
  };

  void work();
  /// False where something is left to be tried again.
  bool flush();
  bool deliver(const host::EventBatch& batch);
  bool deliver_singly(std::string_view batch);
  bool send_dead_letters();
  Outcome post(const std::string& path, const char* type, std::string body, std::string& reason);

  host::Gate& gate_;
  ControlPlane& plane_;
  std::string base_;
  std::deque<DeadLetter> dead_letters_;  ///< of the thread
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace tollgate::serve
