#pragma once

#include "host-bindings/wasmtime/http/client.h"

#include <string>
#include <string_view>

namespace tollgate::gateway {

/// The API of the demonstration: something to stand behind the gate. Answers as the Worker's does. `head.target` is
/// path and query.
http::IncomingResponse demo_upstream(const http::OutgoingRequest& request);

/// A response that is there in whole.
http::IncomingResponse whole_response(int status, std::string_view type, std::string body);

}  // namespace tollgate::gateway
