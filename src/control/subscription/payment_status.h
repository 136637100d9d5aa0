#pragma once

#include "control/http/context.h"

namespace tollgate::control {

/// `PUT subscriptions/{id}/payment-status`: what a payment provider, or an operator in its place, knows (S2.4). Takes
/// `{status, lastPaymentFailedAt?, lastPaymentSucceededAt?, accessBlocked?}`; answers the subscription.
Response put_payment_status(Context& context);

}  // namespace tollgate::control
