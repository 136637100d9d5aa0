#pragma once

#include "control/context.h"
#include "control/service_keys.h"

namespace tollgate::control {

/// Finds the route of a request to the API of a bucket (S10), checks that the role may use it, reads the body and
/// performs it. Refuses by the first of: 404 no such path, 405 no such method there (with `Allow`), 403 not for this
/// role, 413 and 415 and 400 for the body, 422 and replays for an Idempotency-Key, then whatever the handler says.
Response perform(const Request& request, Sql& sql, Random& random, ServiceRole role);

}  // namespace tollgate::control
