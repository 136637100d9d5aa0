#include "control/subscription_store.h"

#include <algorithm>

namespace tollgate::control {
namespace {

constexpr Fragment kSelect =
    "SELECT id, customer_id, plan_id, name, description, metadata, active_from, active_to, billing_anchor,"
    " billables_must_align, starting_phase, payment_status, is_first_payment, revision, created_at, updated_at"
    " FROM subscriptions ";
constexpr auto kFind = kSelect + "WHERE id = ?";
constexpr auto kList = kSelect + "WHERE ?1 IS NULL OR customer_id = ?1 ORDER BY rowid LIMIT ?2 OFFSET ?3";

std::optional<StoredSubscription> subscription_from(Sql& sql, Row row) {
  auto plan = find_plan(sql, row.text(2));
  if (!plan.has_value()) return std::nullopt;
  StoredSubscription subscription;
  subscription.id = row.text(0);
  subscription.customer_id = row.text(1);
  subscription.plan = std::move(*plan);
  subscription.name = row.text(3);
  if (!row.is_null(4)) subscription.description = std::string(row.text(4));
  subscription.metadata = row.text(5);
  subscription.active_from = row.instant(6);
  subscription.active_to = row.optional_instant(7);
  subscription.billing_anchor = row.instant(8);
  subscription.billables_must_align = row.truth(9);
  subscription.starting_phase = static_cast<std::size_t>(row.number(10));
  subscription.payment_status = row.text(11);
  subscription.is_first_payment = row.truth(12);
  subscription.revision = row.number(13);
  subscription.created_at = row.instant(14);
  subscription.updated_at = row.instant(15);
  return subscription;
}

void write_plan_reference(JsonWriter& to, const StoredPlan& plan) {
  to.key("plan");
  to.begin_object();
  to.member("id", std::string_view(plan.id));
  to.member("key", std::string_view(plan.plan.key));
  to.member("name", std::string_view(plan.plan.name));
  to.member("version", plan.version);
  if (plan.plan.description.has_value()) to.member("description", std::string_view(*plan.plan.description));
  to.end_object();
}

}  // namespace

Instant StoredSubscription::moment(Instant now) const {
  const Instant last = active_to.has_value() ? std::max(active_from, Instant{active_to->ms - 1}) : now;
  return std::max(active_from, std::min(now, last));
}

subscription::PhaseSpan StoredSubscription::phase(Instant now) const {
  const auto span = subscription::phase_at(plan.plan, starting_phase, active_from, moment(now));
  // Creation has checked that every phase begins inside the calendar.
  return span.ok() ? *span : subscription::PhaseSpan{starting_phase, active_from, std::nullopt};
}

Instant StoredSubscription::next_billing_date(Instant now) const {
  const auto period = period_containing(billing_anchor, plan.plan.billing_cadence.cadence, moment(now));
  return period.ok() ? period->to : billing_anchor;
}

void insert_subscription(Sql& sql, const StoredSubscription& subscription) {
  sql.exec(
      "INSERT INTO subscriptions (id, customer_id, plan_id, name, description, metadata, active_from, active_to,"
      " billing_anchor, billables_must_align, starting_phase, payment_status, is_first_payment, revision, created_at,"
      " updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      subscription.id, subscription.customer_id, subscription.plan.id, subscription.name, subscription.description,
      subscription.metadata, subscription.active_from, subscription.active_to, subscription.billing_anchor,
      subscription.billables_must_align, static_cast<std::int64_t>(subscription.starting_phase),
      subscription.payment_status, subscription.is_first_payment, subscription.revision, subscription.created_at,
      subscription.updated_at);
}

std::optional<StoredSubscription> find_subscription(Sql& sql, std::string_view id) {
  const Rows rows = sql.query(kFind, id);
  if (rows.empty()) return std::nullopt;
  return subscription_from(sql, rows.first());
}

bool subscription_exists(Sql& sql, std::string_view id) {
  return !sql.query("SELECT 1 FROM subscriptions WHERE id = ?", id).empty();
}

bool overlaps_other(Sql& sql, std::string_view customer_id, Instant from, std::string_view except) {
  return !sql.query(
                 "SELECT 1 FROM subscriptions WHERE customer_id = ?1 AND id <> ?3"
                 " AND (active_to IS NULL OR (active_to > ?2 AND active_to > active_from)) LIMIT 1",
                 customer_id, from, except)
              .empty();
}

Response list_stored_subscriptions(Context& context, const Page& page, std::optional<std::string_view> customer_id) {
  const Rows total =
      context.sql.query("SELECT count(*) FROM subscriptions WHERE ?1 IS NULL OR customer_id = ?1", customer_id);
  return list_answer(page, total, context.sql.query(kList, customer_id, page.size, page.offset()),
                     [&](JsonWriter& to, Row row) {
                       const auto subscription = subscription_from(context.sql, row);
                       if (!subscription.has_value()) return;
                       to.begin_object();
                       write_subscription_members(to, *subscription, context.now());
                       write_subscription_details(to, *subscription, context.now());
                       to.end_object();
                     });
}

void write_payment_status(JsonWriter& to, const StoredSubscription& subscription) {
  to.key("paymentStatus");
  to.begin_object();
  to.member("status", std::string_view(subscription.payment_status));
  to.member("isFirstPayment", subscription.is_first_payment);
  to.end_object();
}

void write_subscription_members(JsonWriter& to, const StoredSubscription& subscription, Instant now) {
  to.member("id", std::string_view(subscription.id));
  to.member("customerId", std::string_view(subscription.customer_id));
  to.member("name", std::string_view(subscription.name));
  to.member("status", subscription::name(subscription.status(now)));
  to.member("currency", std::string_view(subscription.plan.plan.currency));
  write_plan_reference(to, subscription.plan);
  write_payment_status(to, subscription);
  to.member("billingCadence", std::string_view(subscription.plan.plan.billing_cadence.text));
  write_instant_member(to, "billingAnchor", subscription.billing_anchor);
  write_instant_member(to, "nextBillingDate", subscription.next_billing_date(now));
  write_instant_member(to, "activeFrom", subscription.active_from);
  write_instant_member(to, "activeTo", subscription.active_to);
  to.member("revision", subscription.revision);
  write_instant_member(to, "createdAt", subscription.created_at);
  write_instant_member(to, "updatedAt", subscription.updated_at);
}

void write_subscription_details(JsonWriter& to, const StoredSubscription& subscription, Instant now) {
  if (subscription.description.has_value()) to.member("description", std::string_view(*subscription.description));
  const subscription::PhaseSpan span = subscription.phase(now);
  const catalog::Phase& phase = subscription.plan.plan.phases[span.index];
  to.key("currentPhase");
  to.begin_object();
  to.member("key", std::string_view(phase.key));
  to.member("name", std::string_view(phase.name));
  write_instant_member(to, "activeFrom", span.from);
  write_instant_member(to, "activeTo", span.to);
  to.end_object();
  to.key("alignment");
  to.begin_object();
  to.member("billablesMustAlign", subscription.billables_must_align);
  to.end_object();
  to.raw_member("metadata", subscription.metadata);
}

}  // namespace tollgate::control
