#pragma once

#include "control/http/context.h"

namespace tollgate::control {

// The routes of S10 under `features`. A feature is never updated; archiving frees its key for another one.
Response create_feature(Context& context);
Response list_features(Context& context);
Response get_feature(Context& context);
Response archive_feature(Context& context);

}  // namespace tollgate::control
