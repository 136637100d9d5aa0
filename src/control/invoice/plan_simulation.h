#pragma once

#include "control/http/context.h"

namespace tollgate::control {

/// `POST plans/{id}/simulate {subscriptionId, from, to, startingPhase?}`: what [from, to) would have cost on the plan.
/// The usage is the subscription's own; everything else is as if it had begun on this plan at `from` and had ended at
/// `to`, by default in the last phase, so that a trial does not hide what the plan costs. Nothing is stored.
Response simulate_plan(Context& context);

}  // namespace tollgate::control
