#pragma once

#include "calendar/instant.h"
#include "host-bindings/wasmtime/serve/control_plane.h"

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

namespace tollgate::serve {

/// The time that a bucket lives in (S10, `test-clock`): the edge goes by it, so that a quota, a key and a phase end
/// when the clock that a test moves says so. Production lives in real time and asks nobody; elsewhere the control plane
/// is asked at most once a second, and when it says that a clock was moved. A test clock goes on by the machine's
/// steady clock, so a step of its wall clock moves nothing. May be called by several threads at once.
class DomainClock {
 public:
  /// `plane` outlives the clock.
  DomainClock(const std::string& bucket, ControlPlane& plane);

  Instant now() const;
  /// Looks at the clock again where that is due. Who comes meanwhile waits for the answer, though not for long.
  void refresh();

 private:
  using Steady = std::chrono::steady_clock;
  /// Where a test clock stood at some moment.
  struct Position {
    Instant now;
    Steady::time_point at;
    bool frozen = false;
  };
  bool ask(std::optional<Position>& position);

  ControlPlane& plane_;
  std::string path_;
  bool has_test_clock_;
  std::timed_mutex asking_;
  // Of `asking_`:
  Steady::time_point ask_again_at_;
  std::uint64_t moves_ = 0;  ///< that the last answer knew of
  mutable std::mutex mutex_;
  std::optional<Position> position_;
};

}  // namespace tollgate::serve
