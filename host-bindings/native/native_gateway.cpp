#include "host-bindings/native/native_gateway.h"

#include "wasm/gateway_abi.h"

#include <array>
#include <cstring>

namespace tollgate::host {
namespace {

/// In the order of `GatewayQuestion`.
constexpr std::array<std::int32_t (*)(std::uint32_t, std::uint32_t), kGatewayQuestions> kCalls = {
    tgg_configure,   tgg_match,   tgg_preflight,     tgg_request_fields, tgg_own_fields,  tgg_response_fields,
    tgg_cors_fields, tgg_problem, tgg_begin_reading, tgg_feed,           tgg_end_reading, tgg_sort_refused,
};

}  // namespace

Result<std::unique_ptr<GatewayInstance>, std::string> NativeGateway::make() {
  return std::unique_ptr<GatewayInstance>(new NativeGateway);
}

GatewayInstance::Answer NativeGateway::ask(GatewayQuestion question, std::uint32_t subject, std::string_view text) {
  const auto length = static_cast<std::uint32_t>(text.size());
  char* const room = tgg_input(length);
  if (room == nullptr) return fail(Trap{TrapCause::fault, "The text is longer than the module takes."});
  if (length > 0) std::memcpy(room, text.data(), length);
  const std::int32_t result = kCalls[static_cast<std::size_t>(question)](subject, length);
  return GatewayAnswer{result, {tgg_output(), tgg_output_length()}};
}

}  // namespace tollgate::host
