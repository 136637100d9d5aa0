#pragma once

#include "host-bindings/common/trap.h"

#include <wasmtime.hh>

#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>

namespace tollgate::host {

/// An export of a module, as a function of the type that its header in wasm/ declares.
template <class Signature>
struct Export;
template <class R, class... A>
struct Export<R(A...)> {
  std::optional<wasmtime::TypedFunc<std::tuple<A...>, R>> function;
};

/// Takes exports by name and remembers the first that is missing or of another type.
class ExportTaker {
 public:
  ExportTaker(wasmtime::Store& store, wasmtime::Instance& instance) : store_(store), instance_(instance) {}

  template <class R, class... A>
  void take(const char* name, Export<R(A...)>& to) {
    const auto found = instance_.get(store_, name);
    const auto* const function = found ? std::get_if<wasmtime::Func>(&*found) : nullptr;
    if (function == nullptr) return miss(name, "is missing");
    auto typed = function->typed<std::tuple<A...>, R>(store_);
    if (!typed) return miss(name, "has another type than its header says");
    to.function = typed.ok();
  }
  void take_memory(std::optional<wasmtime::Memory>& to) {
    const auto found = instance_.get(store_, "memory");
    const auto* const memory = found ? std::get_if<wasmtime::Memory>(&*found) : nullptr;
    if (memory == nullptr) return miss("memory", "is missing");
    to = *memory;
  }

  /// A sentence; empty when all were there.
  const std::string& missed() const { return missed_; }

 private:
  void miss(const char* name, const char* what) {
    if (missed_.empty()) missed_ = std::string("The export ") + name + " " + what + ".";
  }

  wasmtime::Store& store_;
  wasmtime::Instance& instance_;
  std::string missed_;
};

inline TrapCause cause_of(const wasmtime::TrapError& error) {
  const auto* const trap = std::get_if<wasmtime::Trap>(&error.data);
  const auto code = trap != nullptr ? trap->code() : std::nullopt;
  if (code == WASMTIME_TRAP_CODE_INTERRUPT) return TrapCause::deadline;
  if (code == WASMTIME_TRAP_CODE_OUT_OF_FUEL) return TrapCause::fuel;
  return TrapCause::fault;
}

}  // namespace tollgate::host
