#pragma once

#include "control/context.h"
#include "control/customers.h"
#include "control/subscription_store.h"

#include <optional>

namespace tollgate::control {

/// What a body that creates a subscription asks for (S7.7), resolved against the catalog: customer and plan are there,
/// the plan is for sale, the dates are computed. Anything wrong is in `context.violations`.
struct SubscriptionInput {
  StoredSubscription subscription;
  StoredCustomer customer;
};

SubscriptionInput read_subscription(Context& context);

}  // namespace tollgate::control
