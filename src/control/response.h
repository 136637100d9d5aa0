#pragma once

#include <string>
#include <utility>
#include <vector>

namespace tollgate::control {

/// A POST to the ledger of one subscription.
struct LedgerRequest {
  std::string question;  ///< digest of the three others, to be given back with the answer
  std::string ledger;    ///< the object's name: `working-copy/01KNVXHQG356VA7T7W0V9N21GH`
  std::string path;      ///< `/ledger/usage`
  std::string body;      ///< JSON
};

/// What an object answers.
///
/// A handler that has to know something from ledgers answers no status but a list of `needs`. The host asks all of them
/// at once, and runs the same request again with the answers appended to `Request::answers`; nothing that the earlier
/// pass did to the database stays. So a handler that changes something does it in the pass that has all answers.
struct Response {
  int status = 0;  ///< an HTTP status, or 0: `needs` first
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::vector<LedgerRequest> needs;
  bool outbox = false;  ///< the outbox has rows: the host should run its pump after the commit
  std::string log;      ///< for the operator, when something failed that the caller must not read about; no secrets

  /// Whether the host commits. Any refusal and any failure rolls back, so nothing is ever half applied.
  bool commits() const { return status >= 200 && status < 300; }
};

}  // namespace tollgate::control
