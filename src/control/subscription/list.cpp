#include "control/subscription/list.h"

#include "control/subscription/write.h"

#include <algorithm>
#include <map>

namespace tollgate::control {
namespace {

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
  static constexpr auto kPaging = kSelectSubscription + "WHERE rowid IN (SELECT rowid FROM subscriptions " + kPlan +
                                  kStatus + "ORDER BY rowid LIMIT ?3 OFFSET ?4) ORDER BY rowid";
  static constexpr ListStatements kStatements{kCounting, kPaging};
};

/// In the order of `subscription::kStatusNames`, then all of them.
template <const auto& kPlan>
constexpr ListStatements kByStatus[] = {
    ListTexts<kPlan, kActive>::kStatements, ListTexts<kPlan, kCanceled>::kStatements,
    ListTexts<kPlan, kInactive>::kStatements, ListTexts<kPlan, kScheduled>::kStatements,
    ListTexts<kPlan, kAnyStatus>::kStatements};
constexpr auto kPageOfAll = kSelectSubscription + "ORDER BY rowid LIMIT ? OFFSET ?";

// A customer has few: what else is asked of them is tried on each.
constexpr Fragment kOfCustomer =
    "WHERE customer_id = ?1 AND (?2 IS NULL OR plan_id IN (SELECT id FROM plans WHERE key = ?2))"
    " AND (?3 IS NULL OR ?3 ="
    " CASE WHEN active_to IS NOT NULL AND (active_to <= ?4 OR active_to <= active_from) THEN 'inactive'"
    " WHEN active_from > ?4 THEN 'scheduled' WHEN active_to IS NULL THEN 'active' ELSE 'canceled' END) ";
constexpr auto kCountOfCustomer = kCount + kOfCustomer;
constexpr auto kPageOfCustomer = kSelectSubscription + kOfCustomer + "ORDER BY rowid LIMIT ?5 OFFSET ?6";

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

}  // namespace

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
    StoredPlan* const stored = plans.find(row.text(kPlanIdColumn));
    if (stored == nullptr) return;
    StoredSubscription subscription = subscription_from(row, std::move(*stored));
    write_subscription(to, subscription, now);
    *stored = std::move(subscription.plan);  // it was lent: copying a plan costs more than writing a subscription
  });
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
