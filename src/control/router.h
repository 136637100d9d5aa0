#pragma once

#include "control/http/context.h"

#include <string_view>
#include <vector>

namespace tollgate::control {

/// Finds the route of a request to the API of a bucket (S10), checks that the caller may use it, reads the body and
/// performs it. Refuses by the first of: 404 no such path, 405 no such method there (with `Allow`), 403 not for this
/// role, 413 and 415 and 400 for the body, 422 and replays for an Idempotency-Key, then whatever the handler says.
Response perform(Context& context);

/// A route without what it does, for whatever has to know all of them: the tests of who may do what.
struct RouteName {
  std::string_view method;
  std::string_view pattern;  ///< behind `/v3/metering/{bucket}/`; `{}` stands for one segment
};
std::vector<RouteName> route_names();

}  // namespace tollgate::control
