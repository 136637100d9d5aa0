#pragma once

#include "control/request.h"
#include "control/response.h"

#include <string>
#include <string_view>
#include <vector>

namespace tollgate::control {

/// The ledgers that a handler asks (see `Response::needs`). A handler asks for all it can know to ask for, then checks
/// `waiting()`:
///
///     const Answer* usage = ledgers.ask(ledger, "/ledger/usage", body);
///     if (ledgers.waiting()) return ledgers.suspended();
///
/// Answers are found by a digest of what was asked, not by their order: while ledgers are being asked, other requests
/// are served and the next pass may find a changed database.
class LedgerCalls {
 public:
  explicit LedgerCalls(const Request& request) : request_(request) {}

  /// The answer, or null while there is none: it will be asked for.
  const Answer* ask(std::string ledger, std::string_view path, std::string body);

  bool waiting() const { return !needs_.empty(); }
  Response suspended();

 private:
  const Request& request_;
  std::vector<LedgerRequest> needs_;
};

}  // namespace tollgate::control
