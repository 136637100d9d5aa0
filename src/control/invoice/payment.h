#pragma once

#include "control/http/context.h"
#include "control/invoice/store.h"
#include "control/subscription/store.h"
#include "payment/provider.h"

namespace tollgate::control {

// What invoices mean for payments, whoever collects them: an operator by the routes of `routes.h`, or a payment
// provider by its webhooks. The payment status of a subscription (S2.4) follows from the invoices of it and of those
// whose place it took: a debt does not go away with a change of plan.

/// Makes an invoice without failure final: it gets its number, and whoever collects money hears of it. One that comes
/// to 0 is paid by itself. The caller stores the invoice.
void finalize_invoice(Context& context, StoredInvoice& invoice);

/// After the invoice that was made final is stored: its subscription waits for the payment, or for none any more.
void expect_payment(Context& context, const StoredSubscription& subscription, const StoredInvoice& invoice);

/// Somebody says how the payment of an invoice stands that is open or was given up. Stores both.
void report_payment(Context& context, StoredInvoice& invoice, const payment::Report& report);

/// Makes an invoice void: a draft, or one for which nothing was paid. Stores it; nobody is to pay it any more.
void make_void(Context& context, StoredInvoice& invoice, std::string_view reason);

/// The subscription that has taken the place of this one by now, over any number of changes; else itself.
StoredSubscription heir_of(Context& context, StoredSubscription subscription);

}  // namespace tollgate::control
