#pragma once

#include "host-bindings/common/rating_instance.h"
#include "host-bindings/wasmtime/exports.h"

#include <wasmtime.hh>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <tuple>

namespace tollgate::host {

/// The rating module under wasmtime, with bounds: 64 MiB of memory, and so many instructions a call. A trap ends the
/// instance.
class WasmtimeRating final : public RatingInstance {
 public:
  /// Compiles the file once; the maker instantiates it. Fails with a sentence for a file that is no such module.
  static Result<MakeRating, std::string> load(const std::filesystem::path& file);

  Result<std::uint32_t, Trap> abi_version() override;
  Result<Price, Trap> price(std::string_view question) override;
  Result<bool, Trap> forget(std::uint32_t handle) override;
  Answer rate(std::uint32_t handle, std::string_view usage) override;
  Answer total(std::uint32_t handle, std::string_view usage) override;
  Answer prorate(std::string_view question) override;
  Answer period(std::string_view question) override;
  Answer alignment(std::string_view question) override;
  Answer status(std::string_view question) override;

  /// Instructions of all calls so far, as wasmtime counts them.
  std::uint64_t fuel_used() const { return fuel_used_; }

 private:
  using Question = Export<std::int32_t(std::uint32_t)>;
  using PriceQuestion = Export<std::int32_t(std::uint32_t, std::uint32_t)>;
  struct Exports {
    Export<std::uint32_t()> abi_version;
    Export<std::uint32_t(std::uint32_t)> input;
    Export<std::uint32_t()> output;
    Question price;
    Question forget;
    PriceQuestion rate;
    PriceQuestion total;
    Question prorate;
    Question period;
    Question alignment;
    Question status;
  };

  explicit WasmtimeRating(wasmtime::Store store) : store_(std::move(store)) {}
  /// Fails with a sentence for a module that is not as rating_abi.h has it.
  Result<bool, std::string> start(const wasmtime::Module& module);

  template <class R, class... A>
  Result<R, Trap> call(const Export<R(A...)>& callee, std::type_identity_t<A>... arguments);
  Result<std::uint32_t, Trap> put(std::string_view text);
  Answer answer(Result<std::int32_t, Trap> result);
  Answer ask(const Question& question, std::string_view text);
  Answer ask(const PriceQuestion& question, std::uint32_t handle, std::string_view usage);
  /// So many bytes of the module's memory; none where they do not lie in it, which ends the instance.
  std::optional<wasmtime::Span<std::uint8_t>> memory(std::uint32_t at, std::uint32_t length);
  Trap outside();

  wasmtime::Store store_;
  Exports exports_;
  std::optional<wasmtime::Memory> memory_;
  std::uint64_t fuel_used_ = 0;
  bool dead_ = false;
};

}  // namespace tollgate::host
