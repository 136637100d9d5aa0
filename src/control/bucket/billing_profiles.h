#pragma once

#include "control/http/context.h"

namespace tollgate::control {

// The routes of S10 under `billing/profiles`: how a bucket bills. While there are any, exactly one is the default: the
// first is, and another becomes it by saying so.
Response create_billing_profile(Context& context);
Response list_billing_profiles(Context& context);
Response get_billing_profile(Context& context);
Response update_billing_profile(Context& context);
/// The default goes last (409 `default_profile`).
Response delete_billing_profile(Context& context);

/// `GET billing-readiness`: what is there of all that paid plans need before they go live.
Response get_billing_readiness(Context& context);

}  // namespace tollgate::control
