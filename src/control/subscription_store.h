#pragma once

#include "control/context.h"
#include "control/list.h"
#include "control/plan_store.h"
#include "control/timing.h"
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
  std::int64_t revision = 1;               ///< of its snapshots (control/revisions.h)
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

/// Which subscriptions a list is of: those that fulfil all that is there.
struct SubscriptionFilter {
  std::optional<std::string_view> customer_id;
  std::optional<std::string_view> plan_key;
  std::optional<std::string_view> status;  ///< one of `subscription::kStatusNames`
};

/// `{items, totalCount, page, pageSize}`.
Response list_stored_subscriptions(Context& context, const Page& page, const SubscriptionFilter& filter);

/// Writes the members that a subscription and its snapshot share (S2.5, S10) into an object that is open.
void write_subscription_members(JsonWriter& to, const StoredSubscription& subscription, Instant now,
                                std::optional<Instant> grace_starts_at = std::nullopt);
/// `paymentStatus` (S2.4); only snapshots tell when grace starts.
void write_payment_status(JsonWriter& to, const StoredSubscription& subscription,
                          std::optional<Instant> grace_starts_at = std::nullopt);
/// The members of a subscription: those and the ones that its snapshots do not have.
void write_whole_subscription_members(JsonWriter& to, const StoredSubscription& subscription, Instant now);
/// The subscription as a value.
void write_subscription(JsonWriter& to, const StoredSubscription& subscription, Instant now);
/// 200 with the subscription as it stands in the bucket, or 404.
Response subscription_answer(Context& context, std::string_view id);

}  // namespace tollgate::control
