#include "control/invoice/billing_timer.h"

#include "base/limits.h"
#include "control/invoice/billed_lines.h"
#include "control/invoice/change_credit.h"
#include "control/invoice/invoicing.h"
#include "control/schedule/timers.h"

namespace tollgate::control {
namespace {

std::optional<Instant> billed_until(Sql& sql, std::string_view subscription_id) {
  return sql.query("SELECT billed_until FROM subscriptions WHERE id = ?", subscription_id).first().optional_instant(0);
}

/// The next instant at which lines are due that were not billed, from `from` on. The end of a subscription may have
/// been moved to an instant that was billed already: what falls due there only because of that counts too.
std::optional<Instant> next_due(Sql& sql, const StoredSubscription& subscription, Instant from) {
  const billing::Subscription view = billing_view(subscription);
  auto now_due = billing::lines_due(view, from, {from.ms + 1});
  if (now_due.ok() && !not_billed(sql, subscription, std::move(*now_due)).empty()) return from;
  const auto next = billing::next_due(view, from);
  return next.ok() ? *next : std::nullopt;
}

void try_again(Context& context, TimerKind kind, std::string_view subject) {
  set_timer(context.sql, kind, subject, {context.now().ms + limits::kBillingRetryMs});
}

/// Bills one instant.
Invoicing bill(Context& context, const StoredSubscription& subscription, Instant at) {
  if (!billed_until(context.sql, subscription.id).has_value()) {
    const Invoicing credit = take_over_credit(context, subscription);
    if (credit != Invoicing::done) return credit;
  }
  // Timers that run together ask together: that others wait for answers is no reason not to ask.
  const Invoicing state = issue_invoice(context, subscription, at);
  if (state == Invoicing::done) {
    context.sql.exec("UPDATE subscriptions SET billed_until = ? WHERE id = ?", at, subscription.id);
  }
  return state;
}

}  // namespace

std::optional<Instant> next_billing(Context& context, const StoredSubscription& subscription) {
  const bool never_began = subscription.active_to.has_value() && *subscription.active_to <= subscription.active_from;
  if (never_began) return std::nullopt;
  const auto until = billed_until(context.sql, subscription.id);
  if (!until.has_value()) return subscription.active_from;
  if (const auto due = next_due(context.sql, subscription, *until); due.has_value()) return due;
  return last_check(context.sql, subscription.id);
}

void schedule_billing(Context& context, const StoredSubscription& subscription) {
  if (const auto next = next_billing(context, subscription); next.has_value()) {
    set_timer(context.sql, TimerKind::billing, subscription.id, *next);
  } else {
    clear_timer(context.sql, TimerKind::billing, subscription.id);
  }
}

void run_billing_timer(Context& context, std::string_view subscription_id) {
  const auto subscription = find_subscription(context.sql, subscription_id);
  if (!subscription.has_value()) return;
  const auto at = next_billing(context, *subscription);
  const bool is_due = at.has_value() && *at <= context.now();
  const Invoicing state = is_due ? bill(context, *subscription, *at) : Invoicing::done;
  if (state == Invoicing::done) schedule_billing(context, *subscription);
  if (state == Invoicing::unavailable) try_again(context, TimerKind::billing, subscription_id);
}

void run_invoice_timer(Context& context, std::string_view invoice_id) {
  auto invoice = find_invoice(context.sql, invoice_id);
  if (!invoice.has_value() || invoice->status != InvoiceStatus::draft) return;
  const Invoicing state = complete_draft(context, *invoice);
  if (state == Invoicing::unavailable) try_again(context, TimerKind::invoice, invoice_id);
  if (state != Invoicing::done) return;
  // From now on its usage can be corrected, which an ended subscription may have nothing else to wake up for.
  const auto subscription = find_subscription(context.sql, invoice->subscription_id);
  if (subscription.has_value()) schedule_billing(context, *subscription);
}

}  // namespace tollgate::control
