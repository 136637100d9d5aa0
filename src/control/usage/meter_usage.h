#pragma once

#include "control/http/context.h"

namespace tollgate::control {

/// `POST meters/{idOrSlug}/query`: usage of one or more subscriptions from their ledgers (S3.3).
Response query_meter(Context& context);

}  // namespace tollgate::control
