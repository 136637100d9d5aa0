#pragma once

#include "base/result.h"
#include "host-bindings/common/trap.h"
#include "host-bindings/wasmtime/exports.h"

#include <wasmtime.hh>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace tollgate::host {

/// A compiled module that imports nothing.
struct CompiledModule {
  std::shared_ptr<wasmtime::Engine> engine;
  std::shared_ptr<wasmtime::Module> module;
};
/// Fails with a sentence for a file that is no such module.
Result<CompiledModule, std::string> compile_module(const std::filesystem::path& file);

/// An instance of a module that takes and leaves texts in its memory, with bounds: 64 MiB of memory, and so many
/// instructions a call. A trap ends the instance.
class TextModule {
 public:
  explicit TextModule(const CompiledModule& compiled);

  /// Takes the exports: `take(ExportTaker&)` beside those of all such modules, whose names begin with `prefix`. Fails
  /// with a sentence for a module that has not got them.
  template <class Take>
  Result<bool, std::string> start(const CompiledModule& compiled, const std::string& prefix, Take take);

  template <class R, class... A>
  Result<R, Trap> call(const Export<R(A...)>& callee, std::type_identity_t<A>... arguments);

  Result<std::uint32_t, Trap> abi_version() { return call(abi_version_); }
  /// Puts a text where the module reads it; its length.
  Result<std::uint32_t, Trap> put(std::string_view text);
  /// The text of that length that the last call left.
  Result<std::string, Trap> output(std::uint32_t length);

  /// Instructions of all calls so far, as wasmtime counts them.
  std::uint64_t fuel_used() const { return fuel_used_; }

 private:
  static constexpr std::uint64_t kFuelPerCall = 100'000'000;  // the dearest price takes about a hundredth of it

  /// So many bytes of the module's memory; none where they do not lie in it, which ends the instance.
  std::optional<wasmtime::Span<std::uint8_t>> memory(std::uint32_t at, std::uint32_t length);
  Trap outside();

  wasmtime::Store store_;
  std::optional<wasmtime::Memory> memory_;
  Export<std::uint32_t()> abi_version_;
  Export<std::uint32_t(std::uint32_t)> input_;
  Export<std::uint32_t()> output_;
  std::uint64_t fuel_used_ = 0;
  bool dead_ = false;
};

template <class Take>
Result<bool, std::string> TextModule::start(const CompiledModule& compiled, const std::string& prefix, Take take) {
  auto instance = wasmtime::Instance::create(store_, *compiled.module, {});
  if (!instance) return fail("The module cannot be instantiated: " + instance.err_ref().message());
  auto standing = instance.ok();
  ExportTaker exports(store_, standing);
  exports.take((prefix + "abi_version").c_str(), abi_version_);
  exports.take((prefix + "input").c_str(), input_);
  exports.take((prefix + "output").c_str(), output_);
  take(exports);
  exports.take_memory(memory_);
  if (!exports.missed().empty()) return fail(exports.missed());
  return true;
}

template <class R, class... A>
Result<R, Trap> TextModule::call(const Export<R(A...)>& callee, std::type_identity_t<A>... arguments) {
  if (dead_) return fail(Trap{TrapCause::dead, "The instance has trapped before."});
  store_.context().set_fuel(kFuelPerCall).unwrap();
  const auto result = callee.function->call(store_, std::tuple<A...>(arguments...));
  fuel_used_ += kFuelPerCall - store_.context().get_fuel().unwrap();
  if (result) return result.ok_ref();
  dead_ = true;
  return fail(Trap{cause_of(result.err_ref()), result.err_ref().message()});
}

}  // namespace tollgate::host
