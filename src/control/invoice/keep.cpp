#include "control/invoice/keep.h"

#include "control/credit/store.h"
#include "control/invoice/billed_lines.h"
#include "control/invoice/credit_origin.h"
#include "control/invoice/payment.h"
#include "control/schedule/timers.h"

namespace tollgate::control {
namespace {

/// Gives the invoice what was drawn and, where that can be, its number. What it carries on becomes a credit.
void take(Context& context, const StoredSubscription& subscription, StoredInvoice& invoice,
          const invoice::DrawnInvoice& drawn) {
  invoice.total = drawn.total;
  invoice.failure.reset();
  if (drawn.failure.has_value()) invoice.failure = failure_text(*drawn.failure);
  invoice.updated_at = context.now();
  if (invoice.failure.has_value() || invoice.finalize_at > context.now()) return;
  finalize_invoice(context, invoice);
  grant_credit(context, heir_of(context, subscription).id, drawn.carried,
               {invoice::CreditKind::carried, invoice.id, carried_origin(invoice)});
}

/// What goes with an invoice that is stored.
void keep_parts(Context& context, const StoredSubscription& subscription, const StoredInvoice& invoice,
                const invoice::DrawnInvoice& drawn) {
  store_lines(context.sql, invoice.id, drawn.lines);
  for (const auto& [line, usage] : drawn.billed) {
    keep_billed(context.sql, subscription.id, invoice.id, line, usage, context.now());
  }
  use_credits(context.sql, invoice.id, drawn.used);
  if (invoice.number.has_value()) return expect_payment(context, subscription, invoice);
  if (invoice.finalize_at > context.now()) set_timer(context.sql, TimerKind::invoice, invoice.id, invoice.finalize_at);
}

}  // namespace

void keep_new(Context& context, const StoredSubscription& subscription, StoredInvoice& invoice,
              const invoice::DrawnInvoice& drawn) {
  take(context, subscription, invoice, drawn);
  insert_invoice(context.sql, invoice);
  keep_parts(context, subscription, invoice, drawn);
}

void keep_again(Context& context, const StoredSubscription& subscription, StoredInvoice& invoice,
                const invoice::DrawnInvoice& drawn) {
  take(context, subscription, invoice, drawn);
  update_invoice(context.sql, invoice);
  keep_parts(context, subscription, invoice, drawn);
}

void keep_compared(Context& context, const StoredSubscription& subscription,
                   const std::vector<invoice::ComparedUsage>& compared) {
  for (const invoice::ComparedUsage& usage : compared) {
    keep_checked(context.sql, subscription.id, usage.line, usage.all, context.now());
  }
}

}  // namespace tollgate::control
