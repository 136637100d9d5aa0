#include "control/invoice/routes.h"

#include "base/limits.h"
#include "control/credit/store.h"
#include "control/invoice/billing_timer.h"
#include "control/invoice/change_credit.h"
#include "control/invoice/export.h"
#include "control/invoice/invoicing.h"
#include "control/invoice/payment.h"
#include "control/invoice/store.h"
#include "control/schedule/timers.h"
#include "control/usage/entitlements.h"
#include "control/usage/grant_routes.h"
#include "invoice/draw.h"
#include "json/object_reader.h"

#include <algorithm>

namespace tollgate::control {
namespace {

bool is_status(std::string_view text) {
  return std::find(std::begin(kInvoiceStatusNames), std::end(kInvoiceStatusNames), text) !=
         std::end(kInvoiceStatusNames);
}

const json::TextRule kReasonText = {1, limits::kMaxVoidReason, nullptr, "format", ""};

Response invoice_answer(Context& context, int status, const StoredInvoice& invoice) {
  const std::vector<invoice::DrawnLine> lines = lines_of(context.sql, invoice);
  json::Text text;
  JsonWriter to(text);
  write_invoice(to, invoice, &lines);
  return json_answer(status, text.take());
}

Response stored_answer(Context& context, int status, std::string_view id) {
  const auto invoice = find_invoice(context.sql, id);
  return invoice.has_value() ? invoice_answer(context, status, *invoice) : context.not_found("invoice");
}

/// Why the invoice cannot be made void, if it cannot.
std::optional<Response> refuse_void(Context& context, const StoredInvoice& invoice) {
  if (invoice.status == InvoiceStatus::voided) return context.conflict("invoice_void", "The invoice is void already.");
  if (invoice.status == InvoiceStatus::paid && !invoice.total.zero()) {
    return context.conflict("invoice_paid", "The invoice is paid; what was paid would be owed to the customer.");
  }
  if (const std::string users = users_of_credits_from(context.sql, invoice.id); !users.empty()) {
    return context.conflict("credit_used", "A credit that comes from this invoice is used by " + users +
                                               ": make that void first; then both can be issued again.");
  }
  return std::nullopt;
}

/// Usage on a void invoice is not corrected, on the one in its place it is again, also by what came late meanwhile: the
/// subscription's billing timer follows.
void follow_corrections(Context& context, const StoredInvoice& invoice) {
  const auto subscription = find_subscription(context.sql, invoice.subscription_id);
  if (subscription.has_value()) schedule_billing(context, *subscription);
}

/// When something happened that somebody reports: `at`, by default now.
Instant read_at(json::ObjectReader& fields, Instant now) {
  const auto at = fields.optional_instant("at");
  if (at.has_value() && *at > now) fields.refuse("at", "not_future", "must not lie in the future");
  return at.value_or(now);
}

Response mark(Context& context, const payment::Report& report) {
  auto invoice = find_invoice(context.sql, context.parameters[0]);
  if (!invoice.has_value()) return context.not_found("invoice");
  if (report.outcome != payment::Outcome::paid && report.at < invoice->due_at) {
    context.violations.add("at", "range", "must not lie before the date of the invoice");
  }
  if (!context.violations.empty()) return context.invalid_input();
  if (invoice->status != InvoiceStatus::open && invoice->status != InvoiceStatus::uncollectible) {
    return context.conflict(
        "not_open", "Nobody waits for a payment of this invoice: it is " + std::string(name(invoice->status)) + ".");
  }
  report_payment(context, *invoice, report);
  return stored_answer(context, 200, invoice->id);
}

/// A subscription that is there, but of which nothing is to be billed any more, or ever.
Response nothing_ahead(const Context& context) {
  return problem(context.request, 404, "nothing_ahead", "Nothing of this subscription falls due any more.");
}

void write_preview(JsonWriter& to, const StoredSubscription& subscription, Instant at,
                   const invoice::DrawnInvoice& drawn) {
  to.begin_object();
  to.member("subscriptionId", std::string_view(subscription.id));
  to.member("customerId", std::string_view(subscription.customer_id));
  write_instant_member(to, "date", at);
  write_drawn(to, drawn);
  to.end_object();
}

}  // namespace

Response list_invoices(Context& context) {
  const Page page = read_page(context, {"customerId", "subscriptionId", "status", "failed"});
  InvoiceFilter filter{query_parameter(context, "subscriptionId"), query_parameter(context, "customerId"),
                       query_parameter(context, "status"), truth_parameter(context, "failed")};
  if (filter.status.has_value() && !is_status(*filter.status)) {
    context.violations.add("status", "one_of", "must be one of draft, open, paid, uncollectible, void");
  }
  if (!context.violations.empty()) return context.invalid_input();
  // What failed and was made void is nobody's business any more, unless it is asked for.
  if (filter.failed.value_or(false) && !filter.status.has_value()) {
    filter.status = kInvoiceStatusNames[static_cast<std::size_t>(InvoiceStatus::draft)];
  }
  return list_stored_invoices(context, page, filter);
}

Response list_subscription_invoices(Context& context) {
  const Page page = read_page(context);
  if (!context.violations.empty()) return context.invalid_input();
  if (!subscription_exists(context.sql, context.parameters[0])) return context.not_found("subscription");
  return list_stored_invoices(context, page, {context.parameters[0], {}, {}, {}});
}

Response get_invoice(Context& context) {
  const auto invoice = find_invoice(context.sql, context.parameters[0]);
  if (!invoice.has_value()) return context.not_found("invoice");
  const auto format = read_format(context);
  if (!context.violations.empty()) return context.invalid_input();
  if (format == InvoiceFormat::json) return invoice_answer(context, 200, *invoice);
  return exported(*invoice, lines_of(context.sql, *invoice), format);
}

Response preview_invoice(Context& context) {
  const auto subscription = find_subscription(context.sql, context.parameters[0]);
  if (!subscription.has_value()) return context.not_found("subscription");
  const auto at = next_billing(context, *subscription);
  if (!at.has_value()) return nothing_ahead(context);
  invoice::InvoiceInput input;
  const Invoicing state = gather_upcoming(context, *subscription, *at, input);
  if (state == Invoicing::waiting) return context.objects.suspended();
  if (state == Invoicing::unavailable) return ledger_unavailable(context);
  if (invoice::is_empty(input)) return nothing_ahead(context);
  json::Text text;
  JsonWriter to(text);
  write_preview(to, *subscription, *at, invoice::draw_invoice(input));
  return json_answer(200, text.take());
}

Response void_invoice(Context& context) {
  auto invoice = find_invoice(context.sql, context.parameters[0]);
  if (!invoice.has_value()) return context.not_found("invoice");
  json::ObjectReader fields(context.body, "", context.violations);
  const std::string reason = fields.text("reason", kReasonText);
  const bool with_grants = fields.optional_truth("voidGrants").value_or(false);
  fields.refuse_others();
  if (!context.violations.empty()) return context.invalid_input();
  if (auto refusal = refuse_void(context, *invoice); refusal.has_value()) return std::move(*refusal);
  if (with_grants) {
    if (auto refusal = void_grants_of(context, invoice->id); refusal.has_value()) return std::move(*refusal);
  }
  revoke_credits_from(context.sql, invoice->id);
  give_credits_back(context.sql, invoice->id);
  clear_timer(context.sql, TimerKind::invoice, invoice->id);
  make_void(context, *invoice, reason);
  follow_corrections(context, *invoice);
  return stored_answer(context, 200, invoice->id);
}

Response reissue_invoice(Context& context) {
  const auto voided = find_invoice(context.sql, context.parameters[0]);
  if (!voided.has_value()) return context.not_found("invoice");
  if (voided->status != InvoiceStatus::voided) {
    return context.conflict("not_void", "Only a void invoice is issued again.");
  }
  if (voided->replaced_by.has_value()) {
    return context.conflict("reissued", "The invoice was issued again already, as " + *voided->replaced_by + ".");
  }
  std::optional<ReturnedFees> returned;
  Invoicing state = read_returned_fees(context, *voided, returned);
  StoredInvoice replacement;
  if (state == Invoicing::done) state = issue_again(context, *voided, replacement);
  if (state == Invoicing::waiting) return context.objects.suspended();
  if (state == Invoicing::unavailable) return ledger_unavailable(context);
  move_to_invoice(context.sql, voided->id, replacement.id);
  const auto subscription = find_subscription(context.sql, replacement.subscription_id);
  if (subscription.has_value() && returned.has_value()) {
    grant_credit(context, heir_of(context, *subscription).id, returned->credit,
                 {invoice::CreditKind::change, replacement.id, std::move(returned->origin)});
  }
  follow_corrections(context, replacement);
  return stored_answer(context, 201, replacement.id);
}

Response mark_invoice_paid(Context& context) {
  json::ObjectReader fields(context.body, "", context.violations);
  const Instant at = read_at(fields, context.now());
  fields.refuse_others();
  return mark(context, {payment::Outcome::paid, at});
}

Response mark_invoice_failed(Context& context) {
  json::ObjectReader fields(context.body, "", context.violations);
  const Instant at = read_at(fields, context.now());
  const bool is_final = fields.optional_truth("final").value_or(false);
  fields.refuse_others();
  return mark(context, {is_final ? payment::Outcome::uncollectible : payment::Outcome::failed, at});
}

}  // namespace tollgate::control
