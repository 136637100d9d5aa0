#pragma once

#include "control/context.h"

#include <string_view>

namespace tollgate::control {

// The routes of S10 under `subscriptions`, as far as they do not change plans.
/// 201 with the API key, which is shown this once.
Response create_subscription(Context& context);
Response list_subscriptions(Context& context);
Response get_subscription(Context& context);
Response get_subscription_access(Context& context);
Response cancel_subscription(Context& context);
Response unschedule_cancelation(Context& context);

/// `GET customers/{idOrKey}/subscriptions`, once the customer is known.
Response list_subscriptions_of(Context& context, std::string_view customer_id);

}  // namespace tollgate::control
