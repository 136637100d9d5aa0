#pragma once

#include "control/port/request.h"
#include "control/port/response.h"

#include <optional>
#include <string>
#include <string_view>

namespace tollgate::control {

/// Requests and responses as they cross the boundary of the module. wasm/ABI.md, "Frames", gives the fields.

/// The request in a frame, borrowing from it. Nothing where the bytes are no frame: a bug of the host.
std::optional<Request> decode_request(std::string_view frame);
std::string encode_response(const Response& response);

/// The other two directions, for hosts in C++ and for tests.
std::string encode_request(const Request& request);
std::optional<Response> decode_response(std::string_view frame);

}  // namespace tollgate::control
