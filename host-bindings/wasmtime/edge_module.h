#pragma once

#include "host-bindings/common/edge_instance.h"
#include "host-bindings/wasmtime/epoch_ticker.h"

#include <wasmtime.hh>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace tollgate::host {

/// What an instance may use. Beyond `memory_bytes` it is not instantiated; beyond the others the call traps.
struct InstanceLimits {
  std::int64_t memory_bytes = 4 * 1024 * 1024;  ///< invariant S10, goal P5 (docs/specification.md)
  std::uint64_t fuel_per_call = 0;              ///< instructions, roughly; counted where > 0. For tests and tools
  std::uint32_t deadline_ms = 0;                ///< wall-clock time of one call, at most a quarter more; 0: none

  /// For serving: no call of the module takes a millisecond, so one that takes a hundred is stuck.
  static InstanceLimits serving() { return {.deadline_ms = 100}; }
  /// For tests and tools: deterministic. The dearest call, `configure`, takes about a tenth of it.
  static InstanceLimits counting() { return {.fuel_per_call = 100'000'000}; }
};

class WasmtimeEdge;

/// The edge module compiled once, from which any number of instances are made in microseconds each. May be shared
/// between threads; instances may not.
///
///     const auto module = EdgeModule::load("edge.wasm", InstanceLimits::serving());
///     const auto edge = (*module)->instantiate();
class EdgeModule : public std::enable_shared_from_this<EdgeModule> {
 public:
  using Loaded = Result<std::shared_ptr<EdgeModule>, std::string>;

  /// Fails with a sentence for a file that cannot be read or `compile` refuses.
  static Loaded load(const std::filesystem::path& file, InstanceLimits limits);
  /// Fails with a sentence for bytes that are no module, or one that imports something (wasm/ABI.md).
  static Loaded compile(std::span<const std::uint8_t> bytes, InstanceLimits limits);

  /// Fails with a sentence when the module wants more memory than the limit, or does not have the exports of
  /// wasm/edge_abi.h.
  Result<std::unique_ptr<WasmtimeEdge>, std::string> instantiate();
  /// `instantiate` in the shape that a `Gate` takes.
  MakeEdge maker();

  const InstanceLimits& limits() const { return limits_; }

 private:
  friend class WasmtimeEdge;
  EdgeModule(wasmtime::Engine engine, wasmtime::Module module, InstanceLimits limits);

  wasmtime::Engine engine_;
  wasmtime::Module module_;
  InstanceLimits limits_;
  std::optional<EpochTicker> ticker_;
};

}  // namespace tollgate::host
