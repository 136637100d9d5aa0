#pragma once

#include "gateway/field_edits.h"
#include "gateway/router.h"

#include <optional>
#include <string_view>

namespace tollgate::gateway {

/// A request of a browser that asks whether it may send another one.
struct Preflight {
  std::string_view path;     ///< as received
  std::string_view origin;   ///< empty: it is no preflight
  std::string_view method;   ///< `Access-Control-Request-Method`; empty: it is no preflight
  std::string_view headers;  ///< `Access-Control-Request-Headers`
};

/// The fields of the answer, which is 204; an origin that is not allowed gets none that would allow it. Nothing where
/// no other origin may call what is asked for: the request is then one like any other.
std::optional<FieldEdits> answer_preflight(const Routes& routes, const Router& router, const Preflight& asked);

/// Adds what every answer to an allowed origin carries, refusals too. `cors` may be null.
void add_cors_fields(const Cors* cors, std::string_view origin, FieldEdits& to);

}  // namespace tollgate::gateway
