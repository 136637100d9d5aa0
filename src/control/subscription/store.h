#pragma once

#include "billing/subscription.h"
#include "control/catalog/plan_store.h"
#include "control/http/context.h"
#include "control/subscription/timing.h"
#include "money/amount.h"
#include "subscription/lifecycle.h"
#include "subscription/payment.h"
#include "subscription/timeline.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tollgate::control {

/// A subscription as it stands in the bucket, with the version of the plan that it is on.
struct StoredSubscription {
  std::string id;
  std::string customer_id;
  StoredPlan plan;
  std::string name;
  std::optional<std::string> description;
  std::string metadata;  ///< JSON
  Instant active_from;
  std::optional<Instant> active_to;
  Instant billing_anchor;
  bool billables_must_align = false;
  std::size_t starting_phase = 0;
  subscription::Payment payment;
  std::optional<std::string> previous_id;  ///< the subscription that this one replaces or will replace (S7.7)
  std::optional<std::string> next_id;      ///< the one that replaces it
  std::int64_t revision = 1;               ///< of its snapshots (control/subscription/revisions.h)
  Instant created_at;
  Instant updated_at;

  subscription::Status status(Instant now) const { return subscription::status_at(active_from, active_to, now); }
  /// `now` as far as the subscription lasts: before it began its beginning, after its end its last moment.
  Instant moment(Instant now) const;
  subscription::PhaseSpan phase(Instant now) const;
  /// The end of the billing period that `now` lies in.
  Instant next_billing_date(Instant now) const;
  /// When the payment of that period is due; nothing where the phase costs nothing.
  std::optional<Instant> payment_due_at(Instant now) const;
  /// Where the days of grace of what is owed count from (S2.4); nothing where nothing is owed, or it is given up.
  std::optional<Instant> grace_starts_at(Instant now) const;
  /// When something is to happen to it (S7.7): at once, or counted in its own billing cycle.
  std::optional<Instant> moment_of(const Timing& timing, Instant now) const;
};

void insert_subscription(Sql& sql, const StoredSubscription& subscription);
std::optional<StoredSubscription> find_subscription(Sql& sql, std::string_view id);
bool subscription_exists(Sql& sql, std::string_view id);
/// From when until when a subscription is in effect.
struct Lifetime {
  Instant active_from;
  std::optional<Instant> active_to;
};
std::optional<Lifetime> lifetime_of(Sql& sql, std::string_view id);
/// Stores the dates of a subscription and what it is followed by: `active_to` and `next_id`.
void update_dates(Sql& sql, const StoredSubscription& subscription);
void update_payment(Sql& sql, const StoredSubscription& subscription);
/// The subscription that replaces this one or will, where there is one.
std::optional<StoredSubscription> find_successor(Sql& sql, const StoredSubscription& subscription);
/// 409 where the customer has a subscription that is in effect at or after `from`, and the bucket allows one at a time
/// (S7.7). `except` is not looked at.
std::optional<Response> refuse_overlap(Context& context, std::string_view customer_id, Instant from,
                                       std::string_view except);

/// The subscription as billing sees it; borrows its plan.
billing::Subscription billing_view(const StoredSubscription& subscription);
/// 0 in the plan's currency.
money::Amount no_amount(const StoredSubscription& subscription);

/// Selects the columns that `subscription_from` reads.
inline constexpr Fragment kSelectSubscription =
    "SELECT id, customer_id, plan_id, name, description, metadata, active_from, active_to, billing_anchor,"
    " billables_must_align, starting_phase, payment_status, is_first_payment, revision, created_at, updated_at,"
    " last_payment_failed_at, last_payment_succeeded_at, access_blocked, previous_id, next_id"
    " FROM subscriptions ";
/// `plan` is the one that the column `kPlanIdColumn` names.
StoredSubscription subscription_from(Row row, StoredPlan plan);
inline constexpr std::size_t kPlanIdColumn = 2;

}  // namespace tollgate::control
