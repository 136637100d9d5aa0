#pragma once

#include "control/bucket/customers.h"
#include "control/http/context.h"
#include "control/subscription/store.h"
#include "control/subscription/timing.h"
#include "json/object_reader.h"

#include <optional>

namespace tollgate::control {

/// The version of a plan for sale that the member `plan` names, `{key, version?}`; nothing where that is refused.
std::optional<StoredPlan> read_plan_reference(Context& context, json::ObjectReader& fields);

/// What a body that creates a subscription asks for (S7.7), resolved against the catalog: customer and plan are there,
/// the plan is for sale, the dates are computed. Anything wrong is in `context.violations`.
struct SubscriptionInput {
  StoredSubscription subscription;
  StoredCustomer customer;
};

SubscriptionInput read_subscription(Context& context);

/// What a body that changes `current` to another plan asks for (S7.7), resolved like that: `next` begins when `current`
/// is to end. What the body does not say of name, description, metadata and alignment stays as it is.
struct ChangeInput {
  StoredSubscription next;
  Timing timing;  ///< given, or by the direction of the change
};

ChangeInput read_change(Context& context, const StoredSubscription& current, const StoredCustomer& customer);

}  // namespace tollgate::control
