#pragma once

#include "control/http/context.h"

namespace tollgate::control {

// The routes of S10 under `subscriptions`, as far as they do not change plans.
/// 201 with the API key, which is shown this once.
Response create_subscription(Context& context);
Response list_subscriptions(Context& context);
/// `GET customers/{idOrKey}/subscriptions`.
Response list_customer_subscriptions(Context& context);
Response get_subscription(Context& context);
Response get_subscription_access(Context& context);
Response cancel_subscription(Context& context);
Response unschedule_cancelation(Context& context);

}  // namespace tollgate::control
