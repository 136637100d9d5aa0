#include "control/invoice/invoicing.h"

#include "control/credit/store.h"
#include "control/invoice/billed_lines.h"
#include "control/invoice/head.h"
#include "control/invoice/keep.h"
#include "invoice/draw.h"

namespace tollgate::control {
namespace {

/// The subscription as if the pack were its plan, from now on.
StoredSubscription with_pack(const Context& context, const StoredSubscription& subscription, const StoredPlan& pack) {
  StoredSubscription bought = subscription;
  bought.plan = pack;
  bought.starting_phase = 0;
  bought.active_from = context.now();
  bought.active_to.reset();
  return bought;
}

}  // namespace

Invoicing issue_invoice(Context& context, const StoredSubscription& subscription, Instant at) {
  invoice::InvoiceInput input;
  const Invoicing state = gather_upcoming(context, subscription, at, input);
  if (state != Invoicing::done) return state;
  if (!invoice::is_empty(input)) {
    StoredInvoice invoice = new_invoice(context, subscription, at);
    const invoice::DrawnInvoice drawn = invoice::draw_invoice(input);
    keep_new(context, subscription, invoice, drawn);
  }
  keep_compared(context, subscription, input.compared);
  return Invoicing::done;
}

std::optional<std::string> issue_pack_invoice(Context& context, const StoredSubscription& subscription,
                                              const StoredPlan& pack) {
  const StoredSubscription bought = with_pack(context, subscription, pack);
  const invoice::InvoiceInput input = gather_pack(context, subscription, bought);
  if (invoice::is_empty(input)) return std::nullopt;
  StoredInvoice invoice = new_invoice(context, bought, context.now());
  invoice.finalize_at = context.now();
  const invoice::DrawnInvoice drawn = invoice::draw_invoice(input);
  keep_new(context, subscription, invoice, drawn);
  return invoice.id;
}

Invoicing complete_draft(Context& context, StoredInvoice& invoice) {
  const auto subscription = find_subscription(context.sql, invoice.subscription_id);
  if (!subscription.has_value()) return Invoicing::done;
  invoice::InvoiceInput input;
  const Invoicing state = gather_again(context, *subscription, invoice, input);
  if (state != Invoicing::done) return state;
  // What the draft used is there again for what is drawn in its place.
  give_credits_back(context.sql, invoice.id);
  input.credits = credits_of(context.sql, *subscription);
  const invoice::DrawnInvoice drawn = invoice::draw_invoice(input);
  keep_again(context, *subscription, invoice, drawn);
  return Invoicing::done;
}

Invoicing issue_again(Context& context, const StoredInvoice& voided, StoredInvoice& replacement) {
  const auto subscription = find_subscription(context.sql, voided.subscription_id);
  if (!subscription.has_value()) return Invoicing::done;
  invoice::InvoiceInput input;
  const Invoicing state = gather_again(context, *subscription, voided, input);
  if (state != Invoicing::done) return state;
  input.credits = credits_of(context.sql, *subscription);
  replacement = replacement_of(context, *subscription, voided);
  const invoice::DrawnInvoice drawn = invoice::draw_invoice(input);
  keep_new(context, *subscription, replacement, drawn);
  for (const billing::DueLine& line : input.corrected) {
    move_billed(context.sql, subscription->id, replacement.id, line);
  }
  return Invoicing::done;
}

}  // namespace tollgate::control
