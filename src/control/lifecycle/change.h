#pragma once

#include "control/http/context.h"

namespace tollgate::control {

// The routes of S10 that change a subscription to another plan (S7.7).
/// Closes the subscription and starts the one that replaces it, now or later; answers both, `{current, next}`. The API
/// keys move to the new one when it begins.
Response change_subscription(Context& context);
/// Takes the same body and changes nothing: answers what the change would give back (S7.8),
/// `{currency, credit, effectiveAt, consumed: {time, quota?}}`.
Response estimate_change_credit(Context& context);

}  // namespace tollgate::control
