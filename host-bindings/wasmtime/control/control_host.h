#pragma once

#include "control/port/request.h"
#include "control/port/response.h"
#include "host-bindings/wasmtime/control/control_module.h"
#include "host-bindings/wasmtime/control/kv_store.h"
#include "host-bindings/wasmtime/control/object_files.h"
#include "host-bindings/wasmtime/control/turns.h"
#include "json/document.h"

#include <array>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace tollgate::host {

struct ControlOptions {
  std::filesystem::path state;  ///< folder of the databases
  std::string admin_key;        ///< TOLLGATE_ADMIN_KEY; empty: none
  bool local = false;           ///< a developer's machine
  std::string seed;             ///< config/seed.json; what the working copy of a developer's machine begins with
  std::size_t open_ledgers = 128;
  /// Told what goes wrong behind the scenes, without secrets. By several threads.
  std::function<void(std::string_view what, std::string_view reason)> on_error = [](auto, auto) {};
};

/// A request to the HTTP API, as it came.
struct ApiRequest {
  std::string method;
  std::string path;    ///< `/v3/metering/working-copy/plans`
  std::string target;  ///< the same with its query
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

/// The control plane over files: every bucket and every ledger is a SQLite database of its own, served by the control
/// module over its ABI (wasm/ABI.md). Does what the Durable Objects do. A pass of a request is one transaction; passes
/// take turns, whichever objects they are for, and other requests may be served between two passes of one request.
/// May be called by several threads at once.
class ControlHost {
 public:
  /// `kv` outlives the host. Nothing is pumped before `start`.
  ControlHost(std::unique_ptr<ControlModule> module, KvStore& kv, ControlOptions options);
  ~ControlHost();

  /// Begins to do in the background what is due: timers, and what the outboxes hold.
  void start();

  /// Answers a request from outside. Where something breaks, a 500 in the shape of all problems; nothing of the request
  /// stays then.
  control::Response serve(const ApiRequest& request);

  /// The API key of the subscription that the working copy was seeded with, told once by whoever makes it first.
  std::optional<std::string> take_seeded_key();

  /// Instances of the module that trapped.
  std::uint64_t traps();
  /// How often a test clock was moved by a request.
  std::uint64_t clock_moves() const { return clock_moves_; }

  /// Bucket of a path `/v3/metering/{bucket}/…`; empty where the path is none of these.
  static std::string_view bucket_of(std::string_view path);

 private:
  using Performed = Result<control::Response, std::string>;
  struct Bucket {
    std::string name;
    std::mutex starting;
    bool is_ready = false;
    std::mutex pumping;  ///< one pump at a time, so that they do not perform the same effects
    // Of the host's mutex:
    std::int64_t next_timer = 0;  ///< when the first timer is due that has not run; 0: not known
    std::uint64_t sayings = 0;    ///< how often a request has said when that is
    std::int64_t wake_at = 0;     ///< when the pump is to run
  };

  Bucket* find(std::string_view name);
  Performed serve_bucket(Bucket& bucket, control::Request& request);
  Result<bool, std::string> get_ready(Bucket& bucket);
  Result<bool, std::string> seed(Bucket& bucket);

  Performed perform(control::Request& request);
  Performed pass(const control::Request& request);
  Performed pass_on(ObjectFiles::Object& object, const control::Request& request);
  Result<bool, std::string> start_object(ObjectFiles::Object& object, const control::Request& request);
  Performed ask(const control::ObjectRequest& need);
  Performed ask_host(control::Role role, std::string_view object, std::string_view path, std::string_view body,
                     Instant now);
  control::Request request_of(control::Role role, std::string_view object) const;

  Result<bool, std::string> ask_pump(const Bucket& bucket, std::string_view path, std::string_view body,
                                     json::Document& answer);
  Result<std::int64_t, std::string> run_timers(Bucket& bucket, int transactions);
  Result<std::int64_t, std::string> run_outbox(Bucket& bucket);
  void pump(Bucket& bucket);
  /// Not later than this.
  void wake_pump_at(Bucket& bucket, std::int64_t time);
  void work();

  KvStore& kv_;
  ControlOptions options_;

  Turns turns_;  ///< of the two that follow
  std::unique_ptr<ControlModule> module_;
  ObjectFiles files_;

  std::array<Bucket, 3> buckets_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::optional<std::string> seeded_key_;
  std::atomic<std::uint64_t> clock_moves_ = 0;
  bool stopped_ = false;
  std::thread pump_thread_;
};

}  // namespace tollgate::host
