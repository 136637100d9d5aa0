#pragma once

#include "control/port/request.h"
#include "control/port/response.h"
#include "host-bindings/native/sqlite/database.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::native {

/// The control plane in one process: every bucket and every ledger is a database of its own, all of them served by the
/// control module over its ABI, linked without Wasm. Does what the Durable Object host does: a transaction for each
/// pass, ledgers asked between passes, the outbox pumped. Databases are in memory.
class ControlHost {
 public:
  /// `request` comes without seed and answers, which are the host's business. `request.object` names the object. Timers
  /// that are due are run before a request to the API of a bucket; where a request moves the clock, all of them and the
  /// outbox before its answer.
  control::Response perform(control::Request request);

  /// Runs the timers of a bucket that are due, one transaction after the other. When the next one is, if there is one.
  std::optional<Instant> run_timers(std::string_view bucket, Instant now);

  /// Takes what is due from the outbox of a bucket, does it to `kv`, and settles. The number of effects. While
  /// `kv_is_down`, every effect fails.
  int pump(std::string_view bucket, Instant now);

  /// The database of an object as it stands, made empty where there is none yet; it is started by its first request.
  SqliteDatabase& database(control::Role role, std::string_view name);
  /// Names of the objects that there are: `bucket preview`, `ledger preview/01K…`.
  std::vector<std::string> objects() const;

  std::map<std::string, std::string> kv;  ///< `snapshot/{bucket}/{digest}` → JSON
  bool kv_is_down = false;
  /// The statement of the next request that fails, counted from 1; 0: none does. Counts down, over all its passes.
  std::int64_t failing_statement = 0;
  bool ledgers_are_down = false;
  bool dies_before_pumping = false;  ///< as a host that ends right after a commit

 private:
  control::Response run_passes(control::Request& request);
  control::Response ask_host(std::string_view bucket, std::string_view path, std::string_view body, Instant now);
  control::Response pass(SqliteDatabase& database, const control::Request& request);
  SqliteDatabase& started(control::Role role, std::string_view name);
  void ask_objects(const control::Response& response, control::Request& request);
  bool apply(std::string_view bucket, std::string_view kind, std::string_view target, std::string_view body);

  struct Object {
    SqliteDatabase database;
    bool started = false;
  };
  Object& find_object(control::Role role, std::string_view name);

  std::map<std::string, std::unique_ptr<Object>, std::less<>> objects_;
  std::map<std::string, control::Response, std::less<>> ledger_answers_;  ///< of the request under way, by question
  std::uint64_t seeds_ = 0;
  std::string seed_;
};

}  // namespace tollgate::native
