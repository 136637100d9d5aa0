#pragma once

#include "base/result.h"
#include "host-bindings/common/trap.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace tollgate::host {

/// The questions that the gateway module takes: the calls of wasm/ABI.md without the prefix `tgg_`.
enum class GatewayQuestion : std::uint8_t {
  configure,
  match,
  preflight,
  request_fields,
  own_fields,
  response_fields,
  cors_fields,
  problem,
  begin_reading,
  feed,
  end_reading,
  sort_refused,
};
inline constexpr int kGatewayQuestions = 12;

/// What the module says: a number, negative for a refusal, and a text.
struct GatewayAnswer {
  std::int32_t result = 0;
  std::string text;
};

/// One instance of the gateway module, whichever way it is run. After a question that failed with a `Trap`, every
/// further one does.
///
///     gateway.ask(GatewayQuestion::match, 0, "GET //tod%6Fs")->text == "/todos"
class GatewayInstance {
 public:
  using Answer = Result<GatewayAnswer, Trap>;

  virtual ~GatewayInstance() = default;
  virtual Answer ask(GatewayQuestion question, std::uint32_t subject, std::string_view text) = 0;

 protected:
  GatewayInstance() = default;
  GatewayInstance(const GatewayInstance&) = delete;
  GatewayInstance& operator=(const GatewayInstance&) = delete;
};

/// Makes a fresh instance, or says in a sentence why there is none.
using MakeGateway = std::function<Result<std::unique_ptr<GatewayInstance>, std::string>()>;

}  // namespace tollgate::host
