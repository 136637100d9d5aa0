#pragma once

#include "host-bindings/common/gateway_instance.h"
#include "host-bindings/wasmtime/text_module.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>

namespace tollgate::host {

/// The gateway module under wasmtime.
class WasmtimeGateway final : public GatewayInstance {
 public:
  /// Compiles the file once; the maker instantiates it. Fails with a sentence for a file that is no such module.
  static Result<MakeGateway, std::string> load(const std::filesystem::path& file);

  Answer ask(GatewayQuestion question, std::uint32_t subject, std::string_view text) override;

 private:
  explicit WasmtimeGateway(const CompiledModule& compiled) : module_(compiled) {}
  /// Fails with a sentence for a module that is not as gateway_abi.h has it.
  Result<bool, std::string> start(const CompiledModule& compiled);

  TextModule module_;
  Export<std::uint32_t()> output_length_;
  std::array<Export<std::int32_t(std::uint32_t, std::uint32_t)>, kGatewayQuestions> questions_;
};

}  // namespace tollgate::host
