#pragma once

#include "host-bindings/common/edge_instance.h"
#include "host-bindings/wasmtime/edge_module.h"
#include "host-bindings/wasmtime/exports.h"

#include <wasmtime.hh>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>

namespace tollgate::host {

/// The edge module in a Wasm instance of its own, with the limits of its `EdgeModule`. A trap ends this instance and
/// nothing else. Made by `EdgeModule::instantiate`.
class WasmtimeEdge final : public EdgeInstance {
 public:
  /// Instructions executed so far, as wasmtime counts them; 0 where `fuel_per_call` is 0. The same module, calls and
  /// inputs give the same number.
  std::uint64_t fuel_used() const { return fuel_used_; }

  Word abi_version() override { return call(exports_.abi_version); }

  Answer init() override { return call(exports_.init); }
  Answer configure(std::uint32_t length, std::uint32_t key_format) override {
    return call(exports_.configure, length, key_format);
  }
  Answer build_id(std::uint32_t length) override { return call(exports_.build_id, length); }
  Answer bucket(std::uint32_t length) override { return call(exports_.bucket, length); }
  Answer policy(std::uint32_t policy) override { return call(exports_.policy, policy); }

  Answer check(std::uint32_t policy, std::uint32_t header_length, double now_ms) override {
    return call(exports_.check, policy, header_length, now_ms);
  }
  Answer check_known(std::uint32_t policy, std::uint32_t record, double now_ms) override {
    return call(exports_.check_known, policy, record, now_ms);
  }
  Answer resume(std::uint32_t handle, std::int32_t status, std::uint32_t length, double taken_at_ms,
                double now_ms) override {
    return call(exports_.resume, handle, status, length, taken_at_ms, now_ms);
  }
  Word next_woken() override { return call(exports_.next_woken); }
  Answer poll(std::uint32_t handle, double now_ms) override { return call(exports_.poll, handle, now_ms); }
  Answer take_over(std::uint32_t handle, double now_ms) override { return call(exports_.take_over, handle, now_ms); }
  Answer abandon(std::uint32_t handle) override { return call(exports_.abandon, handle); }

  Word record(std::uint32_t handle) override { return call(exports_.record, handle); }
  Answer identity(std::uint32_t handle) override { return call(exports_.identity, handle); }
  Answer meters(std::uint32_t length) override { return call(exports_.meters, length); }
  Answer finish(std::uint32_t handle, std::uint32_t status, std::uint32_t length) override {
    return call(exports_.finish, handle, status, length);
  }

  Answer problem(std::int32_t result, std::uint32_t policy, std::uint32_t length, double now_ms) override {
    return call(exports_.problem, result, policy, length, now_ms);
  }
  Answer quota_headers(std::int32_t result, std::uint32_t policy, double now_ms) override {
    return call(exports_.quota_headers, result, policy, now_ms);
  }
  Answer explain(std::uint32_t policy, std::uint32_t header_length, double now_ms) override {
    return call(exports_.explain, policy, header_length, now_ms);
  }

  Answer drain(std::uint32_t max_events) override { return call(exports_.drain, max_events); }
  Answer delivered(std::uint32_t batch) override { return call(exports_.delivered, batch); }
  Answer failed(std::uint32_t batch) override { return call(exports_.failed, batch); }

  Answer stats() override { return call(exports_.stats); }

 private:
  friend class EdgeModule;

  struct Exports {
    Export<std::uint32_t()> abi_version;
    Export<std::uint32_t()> mailbox;
    Export<std::int32_t()> init;
    Export<std::int32_t(std::uint32_t, std::uint32_t)> configure;
    Export<std::int32_t(std::uint32_t)> build_id;
    Export<std::int32_t(std::uint32_t)> bucket;
    Export<std::int32_t(std::uint32_t)> policy;
    Export<std::int32_t(std::uint32_t, std::uint32_t, double)> check;
    Export<std::int32_t(std::uint32_t, std::uint32_t, double)> check_known;
    Export<std::int32_t(std::uint32_t, std::int32_t, std::uint32_t, double, double)> resume;
    Export<std::uint32_t()> next_woken;
    Export<std::int32_t(std::uint32_t, double)> poll;
    Export<std::int32_t(std::uint32_t, double)> take_over;
    Export<std::int32_t(std::uint32_t)> abandon;
    Export<std::uint32_t(std::uint32_t)> record;
    Export<std::int32_t(std::uint32_t)> identity;
    Export<std::int32_t(std::uint32_t)> meters;
    Export<std::int32_t(std::uint32_t, std::uint32_t, std::uint32_t)> finish;
    Export<std::int32_t(std::int32_t, std::uint32_t, std::uint32_t, double)> problem;
    Export<std::int32_t(std::int32_t, std::uint32_t, double)> quota_headers;
    Export<std::int32_t(std::uint32_t, std::uint32_t, double)> explain;
    Export<std::int32_t(std::uint32_t)> drain;
    Export<std::int32_t(std::uint32_t)> delivered;
    Export<std::int32_t(std::uint32_t)> failed;
    Export<std::int32_t()> stats;
    std::optional<wasmtime::Memory> memory;
  };

  WasmtimeEdge(std::shared_ptr<EdgeModule> module, wasmtime::Store store);

  /// Each of these fails with a sentence.
  Result<bool, std::string> start();
  Result<bool, std::string> load_exports(wasmtime::Instance& instance);
  Result<bool, std::string> attach_mailbox(const wasmtime::Memory& memory);

  template <class R, class... A>
  Result<R, Trap> call(const Export<R(A...)>& callee, std::type_identity_t<A>... arguments);
  void allow_one_call();
  void count_fuel();
  Trap ended_by(const wasmtime::TrapError& error);

  std::shared_ptr<EdgeModule> module_;  // outlives the store
  wasmtime::Store store_;
  Exports exports_;
  std::uint64_t fuel_used_ = 0;
  bool dead_ = false;
};

template <class R, class... A>
Result<R, Trap> WasmtimeEdge::call(const Export<R(A...)>& callee, std::type_identity_t<A>... arguments) {
  if (dead_) return fail(Trap{TrapCause::dead, "The instance has trapped before."});
  allow_one_call();
  const auto result = callee.function->call(store_, std::tuple<A...>(arguments...));
  count_fuel();
  if (!result) return fail(ended_by(result.err_ref()));
  return result.ok_ref();
}

}  // namespace tollgate::host
