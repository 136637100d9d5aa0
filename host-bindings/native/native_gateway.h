#pragma once

#include "host-bindings/common/gateway_instance.h"

namespace tollgate::host {

/// The gateway module compiled for the machine itself. All instances of a process share one configuration; a trap ends
/// the process.
class NativeGateway final : public GatewayInstance {
 public:
  static Result<std::unique_ptr<GatewayInstance>, std::string> make();

  Answer ask(GatewayQuestion question, std::uint32_t subject, std::string_view text) override;

 private:
  NativeGateway() = default;
};

}  // namespace tollgate::host
