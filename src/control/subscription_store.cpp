#include "control/subscription_store.h"

#include "control/configuration.h"

#include <algorithm>
#include <map>

namespace tollgate::control {
namespace {

constexpr Fragment kSelect =
    "SELECT id, customer_id, plan_id, name, description, metadata, active_from, active_to, billing_anchor,"
    " billables_must_align, starting_phase, payment_status, is_first_payment, revision, created_at, updated_at,"
    " last_payment_failed_at, last_payment_succeeded_at, access_blocked, previous_id, next_id"
    " FROM subscriptions ";
constexpr auto kFind = kSelect + "WHERE id = ?";
constexpr Fragment kCount = "SELECT count(*) FROM subscriptions ";

// What `subscription::status_at` says, for now = ?1, in terms that an index can serve.
constexpr Fragment kAnyStatus = "?1 IS NOT NULL ";
constexpr Fragment kActive = "active_to IS NULL AND active_from <= ?1 ";
constexpr Fragment kCanceled = "active_to > ?1 AND active_from <= ?1 ";
constexpr Fragment kInactive = "active_to IS NOT NULL AND (active_to <= ?1 OR active_to <= active_from) ";
constexpr Fragment kScheduled = "active_from > ?1 AND (active_to IS NULL OR active_to > active_from) ";

constexpr Fragment kAnyPlan = "WHERE ?2 IS NULL AND ";
constexpr Fragment kOfPlan = "WHERE plan_id IN (SELECT id FROM plans WHERE key = ?2) AND ";

// A page is looked up in an index and read by its rowids: rows that come before it are not read. Bound are now and the
// key of the plan or null, of a page also its size and its offset.
template <const auto& kPlan, const auto& kStatus>
struct ListTexts {
  static constexpr auto kCounting = kCount + kPlan + kStatus;
  static constexpr auto kPaging = kSelect + "WHERE rowid IN (SELECT rowid FROM subscriptions " + kPlan + kStatus +
                                  "ORDER BY rowid LIMIT ?3 OFFSET ?4) ORDER BY rowid";
  static constexpr ListStatements kStatements{kCounting, kPaging};
};

/// In the order of `subscription::kStatusNames`, then all of them.
template <const auto& kPlan>
constexpr ListStatements kByStatus[] = {
    ListTexts<kPlan, kActive>::kStatements, ListTexts<kPlan, kCanceled>::kStatements,
    ListTexts<kPlan, kInactive>::kStatements, ListTexts<kPlan, kScheduled>::kStatements,
    ListTexts<kPlan, kAnyStatus>::kStatements};
constexpr auto kPageOfAll = kSelect + "ORDER BY rowid LIMIT ? OFFSET ?";

// A customer has few: what else is asked of them is tried on each.
constexpr Fragment kOfCustomer =
    "WHERE customer_id = ?1 AND (?2 IS NULL OR plan_id IN (SELECT id FROM plans WHERE key = ?2))"
    " AND (?3 IS NULL OR ?3 ="
    " CASE WHEN active_to IS NOT NULL AND (active_to <= ?4 OR active_to <= active_from) THEN 'inactive'"
    " WHEN active_from > ?4 THEN 'scheduled' WHEN active_to IS NULL THEN 'active' ELSE 'canceled' END) ";
constexpr auto kCountOfCustomer = kCount + kOfCustomer;
constexpr auto kPageOfCustomer = kSelect + kOfCustomer + "ORDER BY rowid LIMIT ?5 OFFSET ?6";

subscription::PaymentStatus payment_status_named(std::string_view name) {
  const auto& names = subscription::kPaymentStatusNames;
  const auto found = std::find(std::begin(names), std::end(names), name);
  TOLLGATE_ASSERT(found != std::end(names));
  return static_cast<subscription::PaymentStatus>(found - std::begin(names));
}

std::string_view name_of(subscription::PaymentStatus status) {
  return subscription::kPaymentStatusNames[static_cast<std::size_t>(status)];
}

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

/// The plans that the subscriptions of a list are on: a few, each of them read once.
class Plans {
 public:
  explicit Plans(Sql& sql) : sql_(sql) {}

  /// Null where there is none, which is after a failed statement.
  StoredPlan* find(std::string_view id) {
    auto found = plans_.find(id);
    if (found == plans_.end()) found = plans_.emplace(id, find_plan(sql_, id)).first;
    return found->second.has_value() ? &*found->second : nullptr;
  }

 private:
  Sql& sql_;
  std::map<std::string, std::optional<StoredPlan>, std::less<>> plans_;
};

/// Of a filter without a customer.
const ListStatements& list_statements(const SubscriptionFilter& filter) {
  const auto& names = subscription::kStatusNames;
  const auto* status = std::end(names);
  if (filter.status.has_value()) status = std::find(std::begin(names), std::end(names), *filter.status);
  const auto& by_status = filter.plan_key.has_value() ? kByStatus<kOfPlan> : kByStatus<kAnyPlan>;
  return by_status[status - std::begin(names)];
}

void write_described_plan(JsonWriter& to, const StoredPlan& plan) {
  to.key("plan");
  to.begin_object();
  write_plan_reference(to, plan);
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
      name_of(subscription.payment.status), subscription.payment.is_first, subscription.revision,
      subscription.created_at, subscription.updated_at, subscription.payment.last_failed_at,
      subscription.payment.last_succeeded_at, subscription.payment.access_blocked, subscription.previous_id);
}

std::optional<StoredSubscription> find_subscription(Sql& sql, std::string_view id) {
  const Rows rows = sql.query(kFind, id);
  if (rows.empty()) return std::nullopt;
  auto plan = find_plan(sql, rows.first().text(2));
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
      name_of(payment.status), payment.is_first, payment.last_failed_at, payment.last_succeeded_at,
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

Response list_stored_subscriptions(Context& context, const Page& page, const SubscriptionFilter& filter) {
  Sql& sql = context.sql;
  const auto& [customer, plan, status] = filter;
  const Instant now = context.now();
  Rows total, rows;
  if (customer.has_value()) {
    total = sql.query(kCountOfCustomer, customer, plan, status, now);
    rows = sql.query(kPageOfCustomer, customer, plan, status, now, page.size, page.offset());
  } else if (plan.has_value() || status.has_value()) {
    const ListStatements& list = list_statements(filter);
    total = sql.query(list.count, now, plan);
    rows = sql.query(list.page, now, plan, page.size, page.offset());
  } else {
    total = sql.query(kCount);
    rows = sql.query(kPageOfAll, page.size, page.offset());
  }
  Plans plans(sql);
  return list_answer(page, total, rows, [&](JsonWriter& to, Row row) {
    StoredPlan* const stored = plans.find(row.text(2));
    if (stored == nullptr) return;
    StoredSubscription subscription = subscription_from(row, std::move(*stored));
    write_subscription(to, subscription, now);
    *stored = std::move(subscription.plan);  // it was lent: copying a plan costs more than writing a subscription
  });
}

void write_payment_status(JsonWriter& to, const StoredSubscription& subscription,
                          std::optional<Instant> grace_starts_at) {
  to.key("paymentStatus");
  to.begin_object();
  to.member("status", name_of(subscription.payment.status));
  to.member("isFirstPayment", subscription.payment.is_first);
  write_instant_member(to, "lastPaymentFailedAt", subscription.payment.last_failed_at);
  write_instant_member(to, "lastPaymentSucceededAt", subscription.payment.last_succeeded_at);
  write_instant_member(to, "graceStartsAt", grace_starts_at);
  to.end_object();
}

void write_subscription_members(JsonWriter& to, const StoredSubscription& subscription, Instant now,
                                std::optional<Instant> grace_starts_at) {
  to.member("id", std::string_view(subscription.id));
  to.member("customerId", std::string_view(subscription.customer_id));
  to.member("name", std::string_view(subscription.name));
  to.member("status", subscription::name(subscription.status(now)));
  to.member("currency", std::string_view(subscription.plan.plan.currency));
  write_described_plan(to, subscription.plan);
  write_payment_status(to, subscription, grace_starts_at);
  if (subscription.payment.access_blocked) to.member("accessBlocked", true);
  to.member("billingCadence", std::string_view(subscription.plan.plan.billing_cadence.text));
  write_instant_member(to, "billingAnchor", subscription.billing_anchor);
  write_instant_member(to, "nextBillingDate", subscription.next_billing_date(now));
  write_instant_member(to, "activeFrom", subscription.active_from);
  write_instant_member(to, "activeTo", subscription.active_to);
  to.member("revision", subscription.revision);
  write_instant_member(to, "createdAt", subscription.created_at);
  write_instant_member(to, "updatedAt", subscription.updated_at);
}

void write_whole_subscription_members(JsonWriter& to, const StoredSubscription& subscription, Instant now) {
  write_subscription_members(to, subscription, now);
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
  if (subscription.previous_id.has_value()) to.member("previousId", std::string_view(*subscription.previous_id));
  if (subscription.next_id.has_value()) to.member("nextId", std::string_view(*subscription.next_id));
  to.raw_member("metadata", subscription.metadata);
}

void write_subscription(JsonWriter& to, const StoredSubscription& subscription, Instant now) {
  to.begin_object();
  write_whole_subscription_members(to, subscription, now);
  to.end_object();
}

Response subscription_answer(Context& context, std::string_view id) {
  const auto subscription = find_subscription(context.sql, id);
  if (!subscription.has_value()) return context.not_found("subscription");
  json::Text text;
  JsonWriter to(text);
  write_subscription(to, *subscription, context.now());
  return json_answer(200, text.take());
}

}  // namespace tollgate::control
