#include "control/invoice/head.h"

#include "calendar/duration.h"
#include "json/document.h"

namespace tollgate::control {
namespace {

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

}  // namespace

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

StoredInvoice replacement_of(Context& context, const StoredSubscription& subscription, const StoredInvoice& voided) {
  StoredInvoice invoice = new_invoice(context, subscription, voided.due_at);
  invoice.parties = parties_text(context, voided.customer_id, plan_named_on(voided));
  invoice.finalize_at = context.now();
  invoice.replaces_id = voided.id;
  return invoice;
}

}  // namespace tollgate::control
