#pragma once

#include "control/request.h"
#include "control/response.h"
#include "host-bindings/native/sqlite/database.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace tollgate::native {

/// The control plane in one process: every bucket and every ledger is a database of its own, all of them served by the
/// control module over its ABI, linked without Wasm. Does what the Durable Object host does: a transaction for each
/// pass, ledgers asked between passes, the outbox pumped. Databases are in memory.
class ControlHost {
 public:
  /// `request` comes without seed and answers, which are the host's business. `request.object` names the object.
  control::Response perform(control::Request request);

  /// Takes what is due from the outbox of a bucket, does it to `kv`, and settles. The number of effects. While
  /// `kv_is_down`, every effect fails.
  int pump(std::string_view bucket, Instant now);

  std::map<std::string, std::string> kv;  ///< `snapshot/{bucket}/{digest}` → JSON
  bool kv_is_down = false;
  /// The statement of the next request that fails, counted from 1; 0: none does. Counts down, over all its passes.
  std::int64_t failing_statement = 0;
  bool ledgers_are_down = false;

 private:
  control::Response pass(SqliteDatabase& database, const control::Request& request);
  SqliteDatabase& object(control::Role role, std::string_view name);
  void ask_ledgers(const control::Response& response, control::Request& request);
  bool apply(std::string_view bucket, std::string_view kind, std::string_view target, std::string_view body);

  std::map<std::string, std::unique_ptr<SqliteDatabase>, std::less<>> objects_;
  std::map<std::string, control::Response, std::less<>> ledger_answers_;  ///< of the request under way, by question
  std::uint64_t seeds_ = 0;
  std::string seed_;
};

}  // namespace tollgate::native
