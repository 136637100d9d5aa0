#pragma once

#include "control/port/request.h"
#include "control/port/response.h"
#include "json/document.h"

#include <cstdint>
#include <optional>

namespace tollgate::control {

/// What a route takes.
enum class BodyKind : std::uint8_t {
  none,           ///< a body that comes all the same is not looked at
  json,           ///< `application/json`
  optional_json,  ///< the same, or nothing, which means `{}`
  events,         ///< one CloudEvent or a batch of them, in any of three media types
};

/// Reads the body of a request into `document`. Otherwise the refusal: 413 (beyond `limits::kMaxBodyBytes`), 415
/// (another media type), 400 (not JSON, too deep, a name twice, a batch where the type says event).
std::optional<Response> read_body(const Request& request, BodyKind kind, json::Document& document);

}  // namespace tollgate::control
