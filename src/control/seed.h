#pragma once

#include "control/http/context.h"

namespace tollgate::control {

/// `POST /seed`, of the host: fills a new bucket, once. The body is `{"name", "steps": [{"method", "path", "body"?,
/// "save"?}]}`; each step is an ordinary request of an admin, and `$name` in a path stands for the id in an earlier
/// step's answer that was saved under the name. All steps are one transaction. Answers `{"seeded": true, "apiKey"}`
/// with the key that the last step made, or `{"seeded": false}` where a seed of this name is in already.
Response seed_bucket(Context& context);

}  // namespace tollgate::control
