#pragma once

#include "base/result.h"
#include "control/port/request.h"
#include "control/port/response.h"
#include "control/port/sql.h"
#include "host-bindings/common/trap.h"
#include "host-bindings/wasmtime/epoch_ticker.h"

#include <wasmtime.hh>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace tollgate::host {

struct ControlLimits {
  std::int64_t memory_bytes = 128 * 1024 * 1024;  ///< what an isolate of workerd has
  /// Of one call, its statements included. The longest ones go over a ledger of a year, which takes a second.
  std::uint32_t deadline_ms = 20'000;
  /// Asked before each statement; true makes it trap. For tests.
  std::function<bool()> traps = {};
};

/// The control module under wasmtime (wasm/ABI.md, "The control module"): compiled once, with one instance for all
/// objects, since it keeps nothing between two calls. An instance that traps is dropped; the next call makes another.
/// One call at a time.
class ControlModule {
 public:
  /// Fails with a sentence for a file that cannot be read, is no module, or not the one that this host was written for.
  static Result<std::unique_ptr<ControlModule>, std::string> load(const std::filesystem::path& file,
                                                                  ControlLimits limits);
  ~ControlModule();

  /// One pass over the database, whose transaction is the caller's to begin and to end. Null: a request that no object
  /// is there for; every statement of it fails.
  Result<control::Response, Trap> handle(control::SqlPort* database, const control::Request& request);

  /// Instances that trapped.
  std::uint64_t traps() const { return traps_; }

 private:
  class Instance;

  ControlModule(wasmtime::Engine engine, wasmtime::Module module, ControlLimits limits);
  Result<std::unique_ptr<Instance>, std::string> instantiate();

  wasmtime::Engine engine_;
  wasmtime::Module module_;
  ControlLimits limits_;
  EpochTicker ticker_;
  std::unique_ptr<Instance> instance_;  ///< null after a trap
  std::uint64_t traps_ = 0;
};

}  // namespace tollgate::host
