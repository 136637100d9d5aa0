#pragma once

#include "control/http/context.h"
#include "control/subscription/store.h"

#include <string_view>

namespace tollgate::control {

/// Invoices come by themselves (S8): a subscription has a billing timer at the next instant at which something falls
/// due, first at its beginning. After its end there is one more, for usage that came late.

/// Sets that timer by the subscription's dates and by what was billed, or clears it where nothing lies ahead.
void schedule_billing(Context& context, const StoredSubscription& subscription);

/// The instant has come: draws up the invoice for it. A subscription that takes the place of another one first gets the
/// credit of that change (S7.8). Where the ledger does not answer, it is tried again a little later.
void run_billing_timer(Context& context, std::string_view subscription_id);

/// The draft period of an invoice is over.
void run_invoice_timer(Context& context, std::string_view invoice_id);

/// The next instant at which an invoice of the subscription is drawn up.
std::optional<Instant> next_billing(Context& context, const StoredSubscription& subscription);

}  // namespace tollgate::control
