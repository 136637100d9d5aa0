#include "control/invoice/payment.h"

#include "control/schedule/outbox.h"
#include "control/subscription/store.h"
#include "payment/manual.h"

namespace tollgate::control {
namespace {

using payment::Outcome;
using subscription::PaymentStatus;

/// Who collects the money of this bucket.
const payment::Provider& provider_of(const Context&) { return payment::manual(); }

payment::Bill bill_of(const StoredInvoice& invoice) {
  return {invoice.id, *invoice.number, invoice.customer_id, invoice.total};
}

/// What a provider wants done is done by the outbox, in the provider's name.
void keep_intents(Context& context, const std::vector<payment::Intent>& intents) {
  for (const payment::Intent& intent : intents) {
    context.sql.exec(
        "INSERT INTO outbox (kind, target, body, idempotency_key, generation, attempts, not_before, created_at)"
        " VALUES (?1, ?2, ?3, ?4, 1, 0, ?5, ?5)",
        intent.kind, provider_of(context).name(), intent.body, intent.idempotency_key, context.real_now());
  }
}

/// What is owed for a subscription and those whose place it took.
struct Debt {
  bool any = false;
  bool given_up = false;
  std::optional<Instant> failed_at;
};

Debt debt_of(Sql& sql, std::string_view subscription_id) {
  // Of the two indexes that SQLite could choose, the one by status leads to every open invoice of the bucket: `+` rules
  // it out.
  const Rows rows = sql.query(
      "WITH RECURSIVE chain (id, previous_id) AS (SELECT id, previous_id FROM subscriptions WHERE id = ?"
      " UNION SELECT s.id, s.previous_id FROM chain JOIN subscriptions s ON s.id = chain.previous_id)"
      " SELECT count(*), max(status = 'uncollectible'), max(last_failed_at) FROM invoices"
      " WHERE subscription_id IN (SELECT id FROM chain) AND +status IN ('open', 'uncollectible')",
      subscription_id);
  const Row row = rows.first();
  return {row.number(0) > 0, row.truth(1), row.optional_instant(2)};
}

/// The status that follows from what is owed. `succeeded_at`: a payment that was made.
subscription::PaymentReport report_of(const Debt& debt, const std::optional<Instant>& succeeded_at) {
  subscription::PaymentReport report;
  report.failed_at = debt.failed_at;
  report.succeeded_at = succeeded_at;
  if (debt.given_up) {
    report.status = PaymentStatus::uncollectible;
  } else if (debt.failed_at.has_value()) {
    report.status = PaymentStatus::failed;
  } else if (debt.any) {
    report.status = PaymentStatus::pending;
  } else {
    report.status = succeeded_at.has_value() ? PaymentStatus::paid : PaymentStatus::not_required;
  }
  return report;
}

void store_payment(Context& context, StoredSubscription& subscription, const subscription::PaymentReport& report) {
  subscription.payment = subscription::reported(subscription.payment, report, context.now());
  update_payment(context.sql, subscription);
  change_snapshots(context, subscription.id);
}

/// Brings the payer's status in line with the invoices.
void follow_invoices(Context& context, StoredSubscription& payer, const std::optional<Instant>& succeeded_at) {
  const auto last = succeeded_at.has_value() ? succeeded_at : payer.payment.last_succeeded_at;
  store_payment(context, payer, report_of(debt_of(context.sql, payer.id), last));
}

/// The same for whoever pays the invoice by now.
void follow_invoice(Context& context, const StoredInvoice& invoice, const std::optional<Instant>& succeeded_at) {
  auto subscription = find_subscription(context.sql, invoice.subscription_id);
  if (!subscription.has_value()) return;
  StoredSubscription payer = heir_of(context, std::move(*subscription));
  follow_invoices(context, payer, succeeded_at);
}

}  // namespace

StoredSubscription heir_of(Context& context, StoredSubscription subscription) {
  while (true) {
    auto next = find_successor(context.sql, subscription);
    if (!next.has_value() || next->active_from > context.now()) return subscription;
    subscription = std::move(*next);
  }
}

void finalize_invoice(Context& context, StoredInvoice& invoice) {
  TOLLGATE_ASSERT(!invoice.failure.has_value() && !invoice.number.has_value() && !invoice.total.negative());
  invoice.number = next_invoice_number(context.sql);
  invoice.finalized_at = context.now();
  invoice.updated_at = context.now();
  invoice.status = invoice.total.zero() ? InvoiceStatus::paid : InvoiceStatus::open;
  if (invoice.total.zero()) {
    invoice.paid_at = context.now();
  } else {
    keep_intents(context, provider_of(context).collect(bill_of(invoice)));
  }
}

void expect_payment(Context& context, const StoredSubscription& subscription, const StoredInvoice& invoice) {
  StoredSubscription payer = heir_of(context, subscription);
  const PaymentStatus status = payer.payment.status;
  const bool settled = status == PaymentStatus::paid || status == PaymentStatus::not_required;
  // A status that speaks of an older debt, or that somebody set by hand, is not lifted by a new bill.
  const bool falls_due = invoice.status == InvoiceStatus::open && settled;
  const bool nothing_due =
      invoice.status == InvoiceStatus::paid && status == PaymentStatus::pending && !debt_of(context.sql, payer.id).any;
  if (falls_due || nothing_due) follow_invoices(context, payer, std::nullopt);
}

void report_payment(Context& context, StoredInvoice& invoice, const payment::Report& report) {
  TOLLGATE_ASSERT(invoice.status == InvoiceStatus::open || invoice.status == InvoiceStatus::uncollectible);
  std::optional<Instant> succeeded_at;
  if (report.outcome == Outcome::paid) {
    invoice.status = InvoiceStatus::paid;
    invoice.paid_at = succeeded_at = report.at;
  } else {
    if (report.outcome == Outcome::uncollectible) invoice.status = InvoiceStatus::uncollectible;
    invoice.last_failed_at = report.at;
  }
  invoice.updated_at = context.now();
  update_invoice(context.sql, invoice);
  follow_invoice(context, invoice, succeeded_at);
}

void make_void(Context& context, StoredInvoice& invoice, std::string_view reason) {
  const bool was_draft = invoice.status == InvoiceStatus::draft;
  const bool was_owed = invoice.status == InvoiceStatus::open || invoice.status == InvoiceStatus::uncollectible;
  TOLLGATE_ASSERT(was_draft || was_owed || invoice.total.zero());
  if (was_owed) keep_intents(context, provider_of(context).withdraw(bill_of(invoice)));
  invoice.status = InvoiceStatus::voided;
  invoice.voided_at = context.now();
  invoice.void_reason = std::string(reason);
  invoice.updated_at = context.now();
  update_invoice(context.sql, invoice);
  if (was_owed) follow_invoice(context, invoice, std::nullopt);
}

}  // namespace tollgate::control
