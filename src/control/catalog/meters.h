#pragma once

#include "control/http/context.h"

namespace tollgate::control {

// The routes of S10 under `meters`.
Response create_meter(Context& context);
Response list_meters(Context& context);
Response get_meter(Context& context);
/// Name, description and dimensions; what decides how usage is counted stays as it is (S3.2).
Response update_meter(Context& context);
Response delete_meter(Context& context);

}  // namespace tollgate::control
