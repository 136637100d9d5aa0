#include "control/subscriptions.h"

#include "base/limits.h"
#include "control/api_keys.h"
#include "control/configuration.h"
#include "control/customers.h"
#include "control/entitlements.h"
#include "control/outbox.h"
#include "control/subscription_input.h"
#include "control/subscription_store.h"
#include "control/timing.h"
#include "json/object_reader.h"

namespace tollgate::control {
namespace {

std::string subscription_text(const StoredSubscription& subscription, Instant now, const IssuedKey* key, bool shown) {
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  write_subscription_members(to, subscription, now);
  write_subscription_details(to, subscription, now);
  if (key != nullptr) {
    to.key("apiKey");
    write_issued_key(to, *key, shown);
  }
  to.end_object();
  return text.take();
}

Response subscription_answer(Context& context, std::string_view id) {
  const auto subscription = find_subscription(context.sql, id);
  if (!subscription.has_value()) return context.not_found("subscription");
  return json_answer(200, subscription_text(*subscription, context.now(), nullptr, false));
}

Response one_subscription_only(const Context& context) {
  return context.conflict("subscription_in_effect",
                          "The customer has a subscription in effect; the bucket allows one at a time "
                          "(multipleSubscriptionsEnabled).");
}

/// The name that the key's events and requests go by; the edge takes names of this length only.
std::string consumer_of(const StoredCustomer& customer) {
  return customer.key.size() <= limits::kMaxConsumer ? customer.key : customer.id;
}

}  // namespace

Response create_subscription(Context& context) {
  SubscriptionInput input = read_subscription(context);
  if (!context.violations.empty()) return context.invalid_input();
  StoredSubscription& subscription = input.subscription;
  if (!multiple_subscriptions_enabled(context.sql) &&
      overlaps_other(context.sql, subscription.customer_id, subscription.active_from, "")) {
    return one_subscription_only(context);
  }
  const bool free = catalog::is_free(subscription.plan.plan);
  subscription.id = context.new_id();
  // A plan that costs something waits for its first payment, with grace from the day it is due (S2.4).
  subscription.payment_status = free ? "not_required" : "pending";
  subscription.is_first_payment = !free;
  subscription.created_at = subscription.updated_at = context.now();
  insert_subscription(context.sql, subscription);
  const IssuedKey key = issue_api_key(context, subscription.id, consumer_of(input.customer));
  publish_snapshots(context, subscription.id);
  context.replay_body = subscription_text(subscription, context.now(), &key, false);
  return json_answer(201, subscription_text(subscription, context.now(), &key, true));
}

Response list_subscriptions(Context& context) {
  const Page page = read_page(context, {"customerId"});
  if (!context.violations.empty()) return context.invalid_input();
  return list_stored_subscriptions(context, page, query_parameter(context, "customerId"));
}

Response list_subscriptions_of(Context& context, std::string_view customer_id) {
  const Page page = read_page(context);
  if (!context.violations.empty()) return context.invalid_input();
  return list_stored_subscriptions(context, page, customer_id);
}

Response get_subscription(Context& context) { return subscription_answer(context, context.parameters[0]); }

Response get_subscription_access(Context& context) {
  const auto subscription = find_subscription(context.sql, context.parameters[0]);
  if (!subscription.has_value()) return context.not_found("subscription");
  Entitlements entitlements(context, *subscription);
  entitlements.ask();
  if (context.ledgers.waiting()) return context.ledgers.suspended();
  if (!entitlements.known()) return ledger_unavailable(context);
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  to.member("subscriptionId", std::string_view(subscription->id));
  to.member("customerId", std::string_view(subscription->customer_id));
  to.member("planKey", std::string_view(subscription->plan.plan.key));
  write_payment_status(to, *subscription);
  entitlements.write(to, Entitlements::Detail::access);
  to.end_object();
  return json_answer(200, text.take());
}

Response cancel_subscription(Context& context) {
  const auto subscription = find_subscription(context.sql, context.parameters[0]);
  if (!subscription.has_value()) return context.not_found("subscription");
  json::ObjectReader fields(context.body, "", context.violations);
  const Timing timing = read_timing(fields, context.now());
  fields.refuse_others();
  if (!context.violations.empty()) return context.invalid_input();
  if (subscription->status(context.now()) == subscription::Status::inactive) {
    return context.conflict("subscription_inactive", "The subscription has ended already.");
  }
  const Instant moment = subscription->moment(context.now());
  const auto end = moment_of(timing, timing.kind == Timing::Kind::immediate ? context.now() : moment,
                             subscription->billing_anchor, subscription->plan.plan.billing_cadence.cadence);
  context.sql.exec("UPDATE subscriptions SET active_to = ? WHERE id = ?", end.value_or(context.now()),
                   subscription->id);
  change_snapshots(context, subscription->id);
  return subscription_answer(context, subscription->id);
}

Response unschedule_cancelation(Context& context) {
  const auto subscription = find_subscription(context.sql, context.parameters[0]);
  if (!subscription.has_value()) return context.not_found("subscription");
  if (subscription->status(context.now()) != subscription::Status::canceled) {
    return context.conflict("not_canceled", "The subscription has no end ahead of it that could be removed.");
  }
  if (!multiple_subscriptions_enabled(context.sql) &&
      overlaps_other(context.sql, subscription->customer_id, context.now(), subscription->id)) {
    return one_subscription_only(context);
  }
  context.sql.exec("UPDATE subscriptions SET active_to = NULL WHERE id = ?", subscription->id);
  change_snapshots(context, subscription->id);
  return subscription_answer(context, subscription->id);
}

}  // namespace tollgate::control
