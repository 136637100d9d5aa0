#pragma once

#include "control/http/context.h"

namespace tollgate::control {

// The routes of S8 and S10 about invoices. That they are drawn up needs no route: see `billing_timer.h`.
Response list_invoices(Context& context);
Response list_subscription_invoices(Context& context);
/// As JSON, or as `?format=csv` and `?format=html` say.
Response get_invoice(Context& context);
/// What the next invoice of a subscription would be if it were drawn up now; nothing is stored.
Response preview_invoice(Context& context);

/// Takes `{reason}`. What the invoice billed stays billed, on this document or on the one that is issued in its place.
Response void_invoice(Context& context);
/// Draws a voided invoice up again, under a new number.
Response reissue_invoice(Context& context);
/// Takes `{at?}`: when it was paid.
Response mark_invoice_paid(Context& context);
/// Takes `{at?, final?}`: when a payment failed, and whether that was the last try.
Response mark_invoice_failed(Context& context);

}  // namespace tollgate::control
