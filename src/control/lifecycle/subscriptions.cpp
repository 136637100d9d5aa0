#include "control/lifecycle/subscriptions.h"

#include "control/bucket/customers.h"
#include "control/catalog/plan_invites.h"
#include "control/lifecycle/timer.h"
#include "control/schedule/outbox.h"
#include "control/subscription/api_keys.h"
#include "control/subscription/input.h"
#include "control/subscription/list.h"
#include "control/subscription/store.h"
#include "control/subscription/write.h"
#include "control/usage/entitlements.h"
#include "json/object_reader.h"

#include <algorithm>

namespace tollgate::control {
namespace {

std::string created_text(const StoredSubscription& subscription, Instant now, const IssuedKey& key, bool shown) {
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  write_whole_subscription_members(to, subscription, now);
  to.key("apiKey");
  write_issued_key(to, key, shown);
  to.end_object();
  return text.take();
}

/// Where the subscription will never begin, the one that it was to replace ends without a successor.
void leave_predecessor(Context& context, const StoredSubscription& subscription) {
  const bool never_begins = *subscription.active_to <= subscription.active_from;
  if (!never_begins || !subscription.previous_id.has_value()) return;
  auto previous = find_subscription(context.sql, *subscription.previous_id);
  if (!previous.has_value() || previous->next_id != subscription.id) return;
  previous->next_id.reset();
  change_end(context, *previous);
}

}  // namespace

Response create_subscription(Context& context) {
  SubscriptionInput input = read_subscription(context);
  if (!context.violations.empty()) return context.invalid_input();
  StoredSubscription& subscription = input.subscription;
  if (!may_subscribe(context, input.customer, subscription.plan)) return private_plan(context);
  if (auto refusal = refuse_overlap(context, subscription.customer_id, subscription.active_from, "")) return *refusal;
  subscription.id = context.new_id();
  subscription.payment = subscription::payment_at_begin(subscription.plan.plan, subscription.starting_phase);
  subscription.created_at = subscription.updated_at = context.now();
  insert_subscription(context.sql, subscription);
  const IssuedKey key = issue_api_key(context, subscription.id, {consumer_of(input.customer)});
  schedule_subscription(context, subscription);
  publish_snapshots(context, subscription.id);
  context.replay_body = created_text(subscription, context.now(), key, false);
  return json_answer(201, created_text(subscription, context.now(), key, true));
}

Response list_subscriptions(Context& context) {
  const Page page = read_page(context, {"customerId", "customerKey", "planKey", "status"});
  SubscriptionFilter filter{query_parameter(context, "customerId"), query_parameter(context, "planKey"),
                            query_parameter(context, "status")};
  const auto& names = subscription::kStatusNames;
  if (filter.status.has_value() && std::find(std::begin(names), std::end(names), *filter.status) == std::end(names)) {
    context.violations.add("status", "one_of", "must be one of active, canceled, inactive, scheduled");
  }
  const auto key = query_parameter(context, "customerKey");
  if (key.has_value() && filter.customer_id.has_value()) {
    context.violations.add("customerKey", "exactly_one", "cannot be given together with customerId");
  }
  if (!context.violations.empty()) return context.invalid_input();
  const auto customer = key.has_value() ? find_customer_by_key(context.sql, *key) : std::nullopt;
  if (key.has_value()) filter.customer_id = customer.has_value() ? std::string_view(*customer) : "";
  return list_stored_subscriptions(context, page, filter);
}

Response list_customer_subscriptions(Context& context) {
  const auto customer = find_customer(context.sql, context.parameters[0]);
  if (!customer.has_value()) return context.not_found("customer");
  const Page page = read_page(context);
  if (!context.violations.empty()) return context.invalid_input();
  return list_stored_subscriptions(context, page, {customer->id, std::nullopt, std::nullopt});
}

Response get_subscription(Context& context) { return subscription_answer(context, context.parameters[0]); }

Response get_subscription_access(Context& context) {
  const auto subscription = find_subscription(context.sql, context.parameters[0]);
  if (!subscription.has_value()) return context.not_found("subscription");
  Entitlements entitlements(context, *subscription);
  entitlements.ask();
  if (context.objects.waiting()) return context.objects.suspended();
  if (!entitlements.known()) return ledger_unavailable(context);
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  to.member("subscriptionId", std::string_view(subscription->id));
  to.member("customerId", std::string_view(subscription->customer_id));
  to.member("planKey", std::string_view(subscription->plan.plan.key));
  write_payment_status(to, *subscription);
  entitlements.write(to);
  to.end_object();
  return json_answer(200, text.take());
}

Response cancel_subscription(Context& context) {
  auto subscription = find_subscription(context.sql, context.parameters[0]);
  if (!subscription.has_value()) return context.not_found("subscription");
  json::ObjectReader fields(context.body, "", context.violations);
  const Timing timing = read_timing(fields, context.now()).value_or(Timing());
  fields.refuse_others();
  if (!context.violations.empty()) return context.invalid_input();
  if (subscription->status(context.now()) == subscription::Status::inactive) {
    return context.conflict("subscription_inactive", "The subscription has ended already.");
  }
  withdraw_successor(context, *subscription);
  subscription->active_to = subscription->moment_of(timing, context.now()).value_or(context.now());
  change_end(context, *subscription);
  leave_predecessor(context, *subscription);
  return subscription_answer(context, subscription->id);
}

Response unschedule_cancelation(Context& context) {
  auto subscription = find_subscription(context.sql, context.parameters[0]);
  if (!subscription.has_value()) return context.not_found("subscription");
  const bool ended = subscription->status(context.now()) == subscription::Status::inactive;
  if (ended || !subscription->active_to.has_value()) {
    return context.conflict("not_canceled", "The subscription has no end ahead of it that could be removed.");
  }
  withdraw_successor(context, *subscription);
  if (auto refusal = refuse_overlap(context, subscription->customer_id, context.now(), subscription->id)) {
    return *refusal;
  }
  subscription->active_to.reset();
  change_end(context, *subscription);
  return subscription_answer(context, subscription->id);
}

}  // namespace tollgate::control
