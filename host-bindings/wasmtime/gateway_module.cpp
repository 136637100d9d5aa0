#include "host-bindings/wasmtime/gateway_module.h"

#include <memory>
#include <utility>

namespace tollgate::host {
namespace {

/// In the order of `GatewayQuestion`.
constexpr std::array<const char*, kGatewayQuestions> kNames = {
    "tgg_configure",       "tgg_match",        "tgg_preflight", "tgg_request_fields", "tgg_own_fields",
    "tgg_response_fields", "tgg_cors_fields",  "tgg_problem",   "tgg_begin_reading",  "tgg_feed",
    "tgg_end_reading",     "tgg_sort_refused",
};

}  // namespace

Result<MakeGateway, std::string> WasmtimeGateway::load(const std::filesystem::path& file) {
  const auto compiled = compile_module(file);
  if (!compiled.ok()) return fail(compiled.error());
  return MakeGateway([module = *compiled]() -> Result<std::unique_ptr<GatewayInstance>, std::string> {
    std::unique_ptr<WasmtimeGateway> gateway(new WasmtimeGateway(module));
    if (const auto started = gateway->start(module); !started.ok()) return fail(started.error());
    return std::unique_ptr<GatewayInstance>(std::move(gateway));
  });
}

Result<bool, std::string> WasmtimeGateway::start(const CompiledModule& compiled) {
  return module_.start(compiled, "tgg_", [this](ExportTaker& exports) {
    exports.take("tgg_output_length", output_length_);
    for (std::size_t i = 0; i < kNames.size(); ++i) exports.take(kNames[i], questions_[i]);
  });
}

GatewayInstance::Answer WasmtimeGateway::ask(GatewayQuestion question, std::uint32_t subject, std::string_view text) {
  const auto length = module_.put(text);
  if (!length.ok()) return fail(length.error());
  const auto result = module_.call(questions_[static_cast<std::size_t>(question)], subject, *length);
  if (!result.ok()) return fail(result.error());
  const auto output_length = module_.call(output_length_);
  if (!output_length.ok()) return fail(output_length.error());
  const auto output = module_.output(*output_length);
  if (!output.ok()) return fail(output.error());
  return GatewayAnswer{*result, *output};
}

}  // namespace tollgate::host
