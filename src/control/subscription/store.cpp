#include "control/subscription/store.h"

#include "control/catalog/configuration.h"

#include <algorithm>

namespace tollgate::control {
namespace {

constexpr auto kFind = kSelectSubscription + "WHERE id = ?";

subscription::PaymentStatus payment_status_named(std::string_view name) {
  const auto& names = subscription::kPaymentStatusNames;
  const auto found = std::find(std::begin(names), std::end(names), name);
  TOLLGATE_ASSERT(found != std::end(names));
  return static_cast<subscription::PaymentStatus>(found - std::begin(names));
}

}  // namespace

StoredSubscription subscription_from(Row row, StoredPlan plan) {
  StoredSubscription subscription;
  subscription.id = row.text(0);
  subscription.customer_id = row.text(1);
  subscription.plan = std::move(plan);
  subscription.name = row.text(3);
  if (!row.is_null(4)) subscription.description = std::string(row.text(4));
  subscription.metadata = row.text(5);
  subscription.active_from = row.instant(6);
  subscription.active_to = row.optional_instant(7);
  subscription.billing_anchor = row.instant(8);
  subscription.billables_must_align = row.truth(9);
  subscription.starting_phase = static_cast<std::size_t>(row.number(10));
  subscription.payment = {payment_status_named(row.text(11)), row.truth(12), row.optional_instant(16),
                          row.optional_instant(17), row.truth(18)};
  subscription.revision = row.number(13);
  subscription.created_at = row.instant(14);
  subscription.updated_at = row.instant(15);
  if (!row.is_null(19)) subscription.previous_id = std::string(row.text(19));
  if (!row.is_null(20)) subscription.next_id = std::string(row.text(20));
  return subscription;
}

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

std::optional<Instant> StoredSubscription::payment_due_at(Instant now) const {
  return subscription::payment_due_at(plan.plan, starting_phase, active_from, billing_anchor, moment(now));
}

std::optional<Instant> StoredSubscription::grace_starts_at(Instant now) const {
  const bool owed =
      payment.status == subscription::PaymentStatus::pending || payment.status == subscription::PaymentStatus::failed;
  if (!owed) return std::nullopt;
  return payment.last_failed_at.has_value() ? payment.last_failed_at : payment_due_at(now);
}

std::optional<Instant> StoredSubscription::moment_of(const Timing& timing, Instant now) const {
  const bool at_once = timing.kind == Timing::Kind::immediate;
  return control::moment_of(timing, at_once ? now : moment(now), billing_anchor, plan.plan.billing_cadence.cadence);
}

void insert_subscription(Sql& sql, const StoredSubscription& subscription) {
  sql.exec(
      "INSERT INTO subscriptions (id, customer_id, plan_id, name, description, metadata, active_from, active_to,"
      " billing_anchor, billables_must_align, starting_phase, payment_status, is_first_payment, revision, created_at,"
      " updated_at, last_payment_failed_at, last_payment_succeeded_at, access_blocked, previous_id)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      subscription.id, subscription.customer_id, subscription.plan.id, subscription.name, subscription.description,
      subscription.metadata, subscription.active_from, subscription.active_to, subscription.billing_anchor,
      subscription.billables_must_align, static_cast<std::int64_t>(subscription.starting_phase),
      subscription::name(subscription.payment.status), subscription.payment.is_first, subscription.revision,
      subscription.created_at, subscription.updated_at, subscription.payment.last_failed_at,
      subscription.payment.last_succeeded_at, subscription.payment.access_blocked, subscription.previous_id);
}

std::optional<StoredSubscription> find_subscription(Sql& sql, std::string_view id) {
  const Rows rows = sql.query(kFind, id);
  if (rows.empty()) return std::nullopt;
  auto plan = find_plan(sql, rows.first().text(kPlanIdColumn));
  if (!plan.has_value()) return std::nullopt;
  return subscription_from(rows.first(), std::move(*plan));
}

bool subscription_exists(Sql& sql, std::string_view id) {
  return !sql.query("SELECT 1 FROM subscriptions WHERE id = ?", id).empty();
}

std::optional<Lifetime> lifetime_of(Sql& sql, std::string_view id) {
  const Rows rows = sql.query("SELECT active_from, active_to FROM subscriptions WHERE id = ?", id);
  if (rows.empty()) return std::nullopt;
  return Lifetime{rows.first().instant(0), rows.first().optional_instant(1)};
}

void update_dates(Sql& sql, const StoredSubscription& subscription) {
  sql.exec("UPDATE subscriptions SET active_to = ?, next_id = ? WHERE id = ?", subscription.active_to,
           subscription.next_id, subscription.id);
}

void update_payment(Sql& sql, const StoredSubscription& subscription) {
  const subscription::Payment& payment = subscription.payment;
  sql.exec(
      "UPDATE subscriptions SET payment_status = ?, is_first_payment = ?, last_payment_failed_at = ?,"
      " last_payment_succeeded_at = ?, access_blocked = ? WHERE id = ?",
      subscription::name(payment.status), payment.is_first, payment.last_failed_at, payment.last_succeeded_at,
      payment.access_blocked, subscription.id);
}

std::optional<StoredSubscription> find_successor(Sql& sql, const StoredSubscription& subscription) {
  if (!subscription.next_id.has_value()) return std::nullopt;
  return find_subscription(sql, *subscription.next_id);
}

std::optional<Response> refuse_overlap(Context& context, std::string_view customer_id, Instant from,
                                       std::string_view except) {
  if (multiple_subscriptions_enabled(context.sql)) return std::nullopt;
  const Rows others = context.sql.query(
      "SELECT 1 FROM subscriptions WHERE customer_id = ?1 AND id <> ?3"
      " AND (active_to IS NULL OR (active_to > ?2 AND active_to > active_from)) LIMIT 1",
      customer_id, from, except);
  if (others.empty()) return std::nullopt;
  return context.conflict("subscription_in_effect",
                          "The customer has a subscription in effect; the bucket allows one at a time "
                          "(multipleSubscriptionsEnabled).");
}

billing::Subscription billing_view(const StoredSubscription& subscription) {
  return {&subscription.plan.plan, subscription.starting_phase, subscription.active_from, subscription.active_to,
          subscription.billing_anchor};
}

money::Amount no_amount(const StoredSubscription& subscription) {
  return money::Amount::zero(money::Currency::of(subscription.plan.plan.currency).value_or(money::Currency()));
}

}  // namespace tollgate::control
