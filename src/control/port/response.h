#pragma once

#include "control/port/request.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tollgate::control {

/// A POST to another object: the ledger of one subscription, or another bucket.
struct ObjectRequest {
  std::string question;  ///< digest of object, path and body, to be given back with the answer
  Role role = Role::ledger;
  std::string object;  ///< its name: `working-copy/01KNVXHQG356VA7T7W0V9N21GH`, `preview`
  std::string path;    ///< `/ledger/usage`
  std::string body;    ///< JSON
  Instant now;         ///< the domain's time, which the other object is to go by
};

/// What the host does about work that a commit left behind: timers and the outbox.
enum class Work : std::uint8_t {
  none,
  soon,   ///< the pump is to run, after the answer
  first,  ///< the pump is to run to its end before the answer is given: the clock was moved
};

/// What an object answers.
///
/// A handler that has to know something from other objects answers no status but a list of `needs`. The host asks all
/// of them at once, and runs the same request again with the answers appended to `Request::answers`; nothing that the
/// earlier pass did to the database stays. So a handler that changes something does it in the pass that has all
/// answers.
struct Response {
  int status = 0;  ///< an HTTP status, or 0: `needs` first
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::vector<ObjectRequest> needs;
  Work work = Work::none;
  /// Of a request that may have set timers: when they are to be run next, by the machine's clock; `kLastInstant`: not
  /// as things stand.
  std::optional<Instant> next_timers;
  std::string log;  ///< for the operator, when something failed that the caller must not read about; no secrets

  /// Whether the host commits. Any refusal and any failure rolls back, so nothing is ever half applied.
  bool commits() const { return status >= 200 && status < 300; }
};

}  // namespace tollgate::control
