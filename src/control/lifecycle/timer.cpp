#include "control/lifecycle/timer.h"

#include "control/invoice/billing_timer.h"
#include "control/schedule/outbox.h"
#include "control/schedule/timers.h"
#include "control/subscription/revisions.h"
#include "control/usage/grant_timer.h"

#include <algorithm>

namespace tollgate::control {
namespace {

/// The first of the subscription's own instants after `now`.
std::optional<Instant> next_change(const StoredSubscription& subscription, Instant now) {
  if (subscription.status(now) == subscription::Status::inactive) return std::nullopt;
  if (now < subscription.active_from) return subscription.active_from;
  const std::optional<Instant> next = subscription.phase(now).to;
  const auto& end = subscription.active_to;
  return end.has_value() ? std::min(next.value_or(*end), *end) : next;
}

bool in_effect(const StoredSubscription& subscription, Instant now) {
  return subscription::has_access(subscription.status(now));
}

void store_payment(Context& context, StoredSubscription& subscription, const subscription::Payment& payment) {
  subscription.payment = payment;
  update_payment(context.sql, subscription);
}

/// A subscription takes the place of another one: with its keys, and with what is known of its payments by now.
void replace(Context& context, const StoredSubscription& previous, StoredSubscription& subscription) {
  if (subscription.phase(context.now()).index == subscription.starting_phase) {
    store_payment(context, subscription, subscription::payment_in_place_of(subscription.payment, previous.payment));
  }
  hand_over_keys(context, previous.id, subscription.id);
}

void live_on(Context& context, StoredSubscription& subscription) {
  if (subscription.previous_id.has_value()) {
    const auto previous = find_subscription(context.sql, *subscription.previous_id);
    if (previous.has_value()) replace(context, *previous, subscription);
  }
  const std::size_t phase = subscription.phase(context.now()).index;
  store_payment(
      context, subscription,
      subscription::payment_in_phase(subscription.payment, subscription.plan.plan, subscription.starting_phase, phase));
}

}  // namespace

void schedule_subscription(Context& context, const StoredSubscription& subscription) {
  const auto next = next_change(subscription, context.now());
  if (next.has_value()) {
    set_timer(context.sql, TimerKind::subscription, subscription.id, *next);
  } else {
    clear_timer(context.sql, TimerKind::subscription, subscription.id);
  }
  schedule_billing(context, subscription);
  // Grants see to their own timer; here is only what they come from before.
  if (subscription.previous_id.has_value()) schedule_grants(context, subscription);
}

// A subscription and its successor have a timer at one instant. Whichever comes first hands over, so that no snapshot
// is ever taken of a key whose subscription has ended while the next one has begun.
void run_subscription_timer(Context& context, std::string_view subscription_id) {
  auto subscription = find_subscription(context.sql, subscription_id);
  if (!subscription.has_value()) return;
  if (in_effect(*subscription, context.now())) {
    live_on(context, *subscription);
  } else if (auto next = find_successor(context.sql, *subscription);
             next.has_value() && in_effect(*next, context.now())) {
    replace(context, *subscription, *next);
  }
  change_snapshots(context, subscription->id);
  schedule_subscription(context, *subscription);
}

void hand_over_keys(Context& context, std::string_view from, std::string_view to) {
  context.sql.exec("UPDATE api_keys SET subscription_id = ?2 WHERE subscription_id = ?1", from, to);
  carry_revision(context, from, to);
  change_snapshots(context, to);
}

void change_end(Context& context, const StoredSubscription& subscription) {
  update_dates(context.sql, subscription);
  schedule_subscription(context, subscription);
  change_snapshots(context, subscription.id);
}

void withdraw_successor(Context& context, StoredSubscription& subscription) {
  auto next = find_successor(context.sql, subscription);
  if (!next.has_value() || next->status(context.now()) != subscription::Status::scheduled) return;
  next->active_to = context.now();
  change_end(context, *next);
  subscription.next_id.reset();
}

}  // namespace tollgate::control
