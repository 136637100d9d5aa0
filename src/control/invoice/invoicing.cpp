#include "control/invoice/invoicing.h"

#include "calendar/duration.h"
#include "control/credit/store.h"
#include "control/invoice/billed_lines.h"
#include "control/invoice/credit_origin.h"
#include "control/invoice/payment.h"
#include "control/schedule/timers.h"
#include "control/usage/billed_usage.h"

#include <algorithm>

namespace tollgate::control {
namespace {

using Outcome = BilledUsage::Outcome;

std::vector<billing::DueLine> lines_of(const std::vector<BilledLine>& billed) {
  std::vector<billing::DueLine> lines;
  lines.reserve(billed.size());
  for (const BilledLine& one : billed) lines.push_back(one.line);
  return lines;
}

billing::UsageNeed need_of(const StoredSubscription& subscription, const billing::DueLine& line) {
  return billing::need_of(line.card_of(billing_view(subscription)), line);
}

std::optional<Quantity> answer_to(const billing::UsageNeed& need, const std::vector<billing::Usage>& answers) {
  const auto found =
      std::find_if(answers.begin(), answers.end(), [&](const billing::Usage& usage) { return usage.of == need; });
  if (found == answers.end()) return std::nullopt;
  return found->quantity;
}

/// What the invoice says was used on the line that is known by `key`.
std::optional<Quantity> usage_on(const std::vector<invoice::DrawnLine>& lines, const invoice::LineKey& key) {
  for (const invoice::DrawnLine& line : lines) {
    if (line.kind == invoice::LineKind::usage && line.key == key) return line.usage;
  }
  return std::nullopt;
}

/// A ledger that cannot add up makes lines without usage: that is the reason to give.
void tell_overflow(DrawnInvoice& invoice, bool overflow) {
  if (!overflow || !invoice.failure.has_value()) return;
  invoice.failure->error = billing::BillingError::overflow;
  invoice.failure->detail = "The usage adds up to 10^18 or more.";
}

std::string reference_text(const StoredPlan& plan) {
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  write_plan_reference(to, plan);
  to.end_object();
  return text.take();
}

/// The plan that the head of an invoice names: that of the subscription or, of a top-up, the pack's.
std::string plan_named_on(const StoredInvoice& invoice) {
  json::Document parties;
  json::Text text;
  JsonWriter to(text);
  if (parties.parse(invoice.parties).ok()) json::write(to, parties.root().member("plan"));
  return text.take();
}

std::string parties_text(Context& context, std::string_view customer_id, std::string_view plan) {
  const Rows rows = context.sql.query("SELECT key, name, primary_email FROM customers WHERE id = ?", customer_id);
  const Row customer = rows.first();
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  to.key("customer");
  to.begin_object();
  to.member("key", customer.text(0));
  to.member("name", customer.text(1));
  write_optional_member(to, "primaryEmail", customer, 2);
  to.end_object();
  to.raw_member("plan", plan);
  to.end_object();
  return text.take();
}

/// When an invoice of this moment becomes final, by the bucket's default billing profile.
Instant finalize_at(Sql& sql, Instant at) {
  const Rows rows =
      sql.query("SELECT definition ->> '$.invoicing.draftPeriod' FROM billing_profiles WHERE is_default = 1");
  const auto draft_period = parse_duration(rows.first().text(0));
  if (!draft_period.ok()) return at;
  const auto end = add(at, *draft_period);
  return end.ok() ? *end : at;
}

StoredInvoice new_invoice(Context& context, const StoredSubscription& subscription, Instant due_at) {
  StoredInvoice invoice;
  invoice.id = context.new_id();
  invoice.subscription_id = subscription.id;
  invoice.customer_id = subscription.customer_id;
  invoice.parties = parties_text(context, subscription.customer_id, reference_text(subscription.plan));
  invoice.due_at = due_at;
  invoice.finalize_at = finalize_at(context.sql, due_at);
  invoice.created_at = invoice.updated_at = context.now();
  return invoice;
}

/// Takes over what was drawn, and makes the invoice final where that can be. Stores nothing of it.
void take(Context& context, const StoredSubscription& subscription, StoredInvoice& invoice, const DrawnInvoice& drawn) {
  invoice.total = drawn.total;
  invoice.failure.reset();
  if (drawn.failure.has_value()) invoice.failure = failure_text(*drawn.failure);
  invoice.updated_at = context.now();
  if (invoice.failure.has_value() || invoice.finalize_at > context.now()) return;
  finalize_invoice(context, invoice);
  grant_credit(context, heir_of(context, subscription).id, drawn.carried,
               {invoice::CreditKind::carried, invoice.id, carried_origin(invoice)});
}

/// Stores what was drawn of a stored invoice. `due`: the lines whose usage it is the first to bill.
void keep_drawn(Context& context, const StoredSubscription& subscription, const StoredInvoice& invoice,
                const std::vector<billing::DueLine>& due, const DrawnInvoice& drawn) {
  store_lines(context.sql, invoice.id, drawn.lines);
  for (const billing::DueLine& line : due) {
    keep_billed(context.sql, subscription.id, invoice.id, line, usage_on(drawn.lines, invoice::LineKey::of(line)),
                context.now());
  }
  use_credits(context.sql, invoice.id, drawn.used);
  if (invoice.number.has_value()) return expect_payment(context, subscription, invoice);
  if (invoice.finalize_at > context.now()) set_timer(context.sql, TimerKind::invoice, invoice.id, invoice.finalize_at);
}

/// An invoice that exists, to be drawn again: what was due stays due, its usage is asked for anew. Usage that a later
/// invoice has corrected already stays as it was, and so do corrections of earlier periods.
class Redrawing {
 public:
  Redrawing(Context& context, const StoredSubscription& subscription, const StoredInvoice& invoice)
      : context_(context), subscription_(subscription), usage_(context, subscription.id) {
    const std::vector<invoice::DrawnLine> lines = control::lines_of(context.sql, invoice);
    for (const BilledLine& billed : billed_lines_of(context.sql, subscription, invoice.id)) {
      const auto usage = usage_on(lines, invoice::LineKey::of(billed.line));
      input_.due.push_back(billed.line);
      if (usage.has_value() && usage != billed.usage) {
        input_.usages.push_back({need_of(subscription, billed.line), *usage});
        corrected_.push_back(billed.line);
      } else {
        asked_.push_back(billed.line);
      }
    }
    for (const invoice::DrawnLine& line : lines) {
      const bool is_of_pack = line.kind == invoice::LineKind::fee && !line.key.has_value();
      if (line.kind == invoice::LineKind::late_usage || is_of_pack) input_.kept.push_back(line);
    }
    usage_.ask(billing::usages_needed(billing_view(subscription), asked_));
  }

  Invoicing state() const {
    if (context_.objects.waiting()) return Invoicing::waiting;
    return usage_.outcome() == Outcome::unavailable ? Invoicing::unavailable : Invoicing::done;
  }
  /// To be called when `state()` is `done`, and what the invoice used of credits was given back.
  DrawnInvoice draw() {
    for (const billing::Usage& usage : usage_.answers()) input_.usages.push_back(usage);
    input_.credits = credits_of(context_.sql, subscription_);
    DrawnInvoice drawn = draw_invoice(context_.sql, subscription_, input_);
    tell_overflow(drawn, usage_.outcome() == Outcome::overflow);
    return drawn;
  }
  /// Lines whose usage was asked for, and those whose usage a later invoice has corrected.
  const std::vector<billing::DueLine>& asked() const { return asked_; }
  const std::vector<billing::DueLine>& corrected() const { return corrected_; }

 private:
  Context& context_;
  const StoredSubscription& subscription_;
  BilledUsage usage_;
  InvoiceInput input_;
  std::vector<billing::DueLine> asked_;
  std::vector<billing::DueLine> corrected_;
};

}  // namespace

Invoicing read_upcoming(Context& context, const StoredSubscription& subscription, Instant at, Upcoming& upcoming) {
  const billing::Subscription view = billing_view(subscription);
  if (auto due = billing::lines_due(view, at, {at.ms + 1}); due.ok()) {
    upcoming.input.due = not_billed(context.sql, subscription, std::move(*due));
  }
  const std::vector<BilledLine> billed = usage_to_check(context.sql, subscription);
  BilledUsage usage(context, subscription.id);
  usage.ask(billing::usages_needed(view, upcoming.input.due));
  BilledUsage late(context, subscription.id);
  late.ask(billing::usages_needed(view, lines_of(billed)));
  if (context.objects.waiting()) return Invoicing::waiting;
  if (usage.outcome() == Outcome::unavailable || late.outcome() == Outcome::unavailable) return Invoicing::unavailable;
  upcoming.overflow = usage.outcome() == Outcome::overflow;
  upcoming.input.usages = usage.answers();
  for (const BilledLine& one : billed) {
    // What cannot be asked for is looked at all the same, so that it is not looked at for ever.
    const Quantity all = answer_to(need_of(subscription, one.line), late.answers()).value_or(*one.usage);
    upcoming.checked.push_back({one.line, *one.usage, all});
    if (all != *one.usage) upcoming.input.late.push_back(upcoming.checked.back());
  }
  upcoming.input.credits = credits_of(context.sql, subscription);
  return Invoicing::done;
}

DrawnInvoice draw_upcoming(Context& context, const StoredSubscription& subscription, const Upcoming& upcoming) {
  DrawnInvoice drawn = draw_invoice(context.sql, subscription, upcoming.input);
  tell_overflow(drawn, upcoming.overflow);
  return drawn;
}

Invoicing issue_invoice(Context& context, const StoredSubscription& subscription, Instant at) {
  Upcoming upcoming;
  const Invoicing state = read_upcoming(context, subscription, at, upcoming);
  if (state != Invoicing::done) return state;
  for (const LateUsage& usage : upcoming.checked) {
    keep_checked(context.sql, subscription.id, usage.line, usage.all, context.now());
  }
  if (upcoming.input.due.empty() && upcoming.input.late.empty()) return Invoicing::done;
  const DrawnInvoice drawn = draw_upcoming(context, subscription, upcoming);
  StoredInvoice invoice = new_invoice(context, subscription, at);
  take(context, subscription, invoice, drawn);
  insert_invoice(context.sql, invoice);
  keep_drawn(context, subscription, invoice, upcoming.input.due, drawn);
  return Invoicing::done;
}

std::optional<std::string> issue_pack_invoice(Context& context, const StoredSubscription& subscription,
                                              const StoredPlan& pack) {
  StoredSubscription bought = subscription;
  bought.plan = pack;
  bought.starting_phase = 0;
  bought.active_from = context.now();
  bought.active_to.reset();
  auto due = billing::lines_due(billing_view(bought), context.now(), {context.now().ms + 1});
  if (!due.ok() || due->empty()) return std::nullopt;
  InvoiceInput input;
  input.due = std::move(*due);
  input.credits.carried = credits_of(context.sql, subscription).carried;
  DrawnInvoice drawn = draw_invoice(context.sql, bought, input);
  // They are lines of the pack's plan: of the subscription's own, there is none that they could be known by.
  for (invoice::DrawnLine& line : drawn.lines) line.key.reset();
  StoredInvoice invoice = new_invoice(context, bought, context.now());
  invoice.finalize_at = context.now();
  take(context, subscription, invoice, drawn);
  insert_invoice(context.sql, invoice);
  keep_drawn(context, subscription, invoice, {}, drawn);
  return invoice.id;
}

Invoicing complete_draft(Context& context, StoredInvoice& invoice) {
  const auto subscription = find_subscription(context.sql, invoice.subscription_id);
  if (!subscription.has_value()) return Invoicing::done;
  Redrawing redrawing(context, *subscription, invoice);
  if (redrawing.state() != Invoicing::done) return redrawing.state();
  give_credits_back(context.sql, invoice.id);
  const DrawnInvoice drawn = redrawing.draw();
  take(context, *subscription, invoice, drawn);
  update_invoice(context.sql, invoice);
  keep_drawn(context, *subscription, invoice, redrawing.asked(), drawn);
  return Invoicing::done;
}

Invoicing issue_again(Context& context, const StoredInvoice& voided, StoredInvoice& replacement) {
  const auto subscription = find_subscription(context.sql, voided.subscription_id);
  if (!subscription.has_value()) return Invoicing::done;
  Redrawing redrawing(context, *subscription, voided);
  if (redrawing.state() != Invoicing::done) return redrawing.state();
  const DrawnInvoice drawn = redrawing.draw();
  replacement = new_invoice(context, *subscription, voided.due_at);
  replacement.parties = parties_text(context, voided.customer_id, plan_named_on(voided));
  replacement.finalize_at = context.now();
  replacement.replaces_id = voided.id;
  take(context, *subscription, replacement, drawn);
  insert_invoice(context.sql, replacement);
  keep_drawn(context, *subscription, replacement, redrawing.asked(), drawn);
  for (const billing::DueLine& line : redrawing.corrected()) {
    move_billed(context.sql, subscription->id, replacement.id, line);
  }
  return Invoicing::done;
}

}  // namespace tollgate::control
