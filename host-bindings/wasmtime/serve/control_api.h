#pragma once

#include "host-bindings/wasmtime/control/control_host.h"
#include "host-bindings/wasmtime/http/exchange.h"
#include "host-bindings/wasmtime/http/url.h"

namespace tollgate::serve {

/// Answers a request below `/v3/` (S10) with what the control plane says.
void serve_control(http::Exchange& exchange, const http::Target& target, host::ControlHost& control);

}  // namespace tollgate::serve
