#pragma once

#include "control/catalog/plan_features.h"
#include "control/http/context.h"

namespace tollgate::control {

// The routes of S10 under `plans`. A draft is editable; publishing freezes it, puts it up for sale and archives the
// version that was for sale before; a change to a published plan is a new version under the same key (S7.3).
Response create_plan(Context& context, ServableCheck check_servable);
Response list_plans(Context& context);
Response get_plan(Context& context);
Response update_plan(Context& context, ServableCheck check_servable);
Response delete_plan(Context& context);
Response publish_plan(Context& context, ServableCheck check_servable);
Response archive_plan(Context& context);
Response next_plan_version(Context& context);

}  // namespace tollgate::control
