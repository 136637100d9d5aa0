#pragma once

#include "calendar/instant.h"
#include "host-bindings/wasmtime/http/fields.h"

#include <string>
#include <string_view>

namespace tollgate::gateway {

/// What the gateway itself answers when it cannot pass a request on; refusals of the policy come from the module.
struct Problem {
  int status = 500;
  std::string_view title;
  std::string_view code;
  std::string detail;
};

/// What a problem tells of the request.
struct Trace {
  std::string_view instance;  ///< the path
  std::string_view build_id;
  Instant now;
};

/// The body in the shape of S2.3.
std::string problem_body(const Problem& problem, const Trace& trace);
/// The fields that every problem has.
http::Fields problem_fields();

/// An id for people to quote.
std::string new_request_id();

}  // namespace tollgate::gateway
