#pragma once

#include "control/context.h"
#include "control/list.h"
#include "control/plans.h"
#include "subscription/lifecycle.h"
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
  std::string payment_status;
  bool is_first_payment = false;
  std::int64_t revision = 1;  ///< raised by every change that shows on a snapshot, never lowered
  Instant created_at;
  Instant updated_at;

  subscription::Status status(Instant now) const { return subscription::status_at(active_from, active_to, now); }
  /// `now` as far as the subscription lasts: before it began its beginning, after its end its last moment.
  Instant moment(Instant now) const;
  subscription::PhaseSpan phase(Instant now) const;
  /// The end of the billing period that `now` lies in.
  Instant next_billing_date(Instant now) const;
};

void insert_subscription(Sql& sql, const StoredSubscription& subscription);
std::optional<StoredSubscription> find_subscription(Sql& sql, std::string_view id);
bool subscription_exists(Sql& sql, std::string_view id);
/// Whether the customer has a subscription that is in effect at or after `from` (S7.7). `except` is not looked at.
bool overlaps_other(Sql& sql, std::string_view customer_id, Instant from, std::string_view except);

/// `{items, …}` of all subscriptions, or of those of one customer.
Response list_stored_subscriptions(Context& context, const Page& page, std::optional<std::string_view> customer_id);

/// Writes the members that a subscription and its snapshot share (S2.5, S10) into an object that is open.
void write_subscription_members(JsonWriter& to, const StoredSubscription& subscription, Instant now);
/// `paymentStatus` (S2.4).
void write_payment_status(JsonWriter& to, const StoredSubscription& subscription);
/// The members that only the subscription has.
void write_subscription_details(JsonWriter& to, const StoredSubscription& subscription, Instant now);

}  // namespace tollgate::control
