#pragma once

#include "host-bindings/common/rating_instance.h"
#include "host-bindings/wasmtime/text_module.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace tollgate::host {

/// The rating module under wasmtime.
class WasmtimeRating final : public RatingInstance {
 public:
  /// Compiles the file once; the maker instantiates it. Fails with a sentence for a file that is no such module.
  static Result<MakeRating, std::string> load(const std::filesystem::path& file);

  Result<std::uint32_t, Trap> abi_version() override { return module_.abi_version(); }
  Result<Price, Trap> price(std::string_view question) override;
  Result<bool, Trap> forget(std::uint32_t handle) override;
  Answer rate(std::uint32_t handle, std::string_view usage) override;
  Answer total(std::uint32_t handle, std::string_view usage) override;
  Answer prorate(std::string_view question) override;
  Answer period(std::string_view question) override;
  Answer alignment(std::string_view question) override;
  Answer status(std::string_view question) override;

  /// Instructions of all calls so far, as wasmtime counts them.
  std::uint64_t fuel_used() const { return module_.fuel_used(); }

 private:
  using Question = Export<std::int32_t(std::uint32_t)>;
  using PriceQuestion = Export<std::int32_t(std::uint32_t, std::uint32_t)>;
  struct Exports {
    Question price;
    Question forget;
    PriceQuestion rate;
    PriceQuestion total;
    Question prorate;
    Question period;
    Question alignment;
    Question status;
  };

  explicit WasmtimeRating(const CompiledModule& compiled) : module_(compiled) {}
  /// Fails with a sentence for a module that is not as rating_abi.h has it.
  Result<bool, std::string> start(const CompiledModule& compiled);

  Answer answer(Result<std::int32_t, Trap> result);
  Answer ask(const Question& question, std::string_view text);
  Answer ask(const PriceQuestion& question, std::uint32_t handle, std::string_view usage);

  TextModule module_;
  Exports exports_;
};

}  // namespace tollgate::host
