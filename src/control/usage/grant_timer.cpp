#include "control/usage/grant_timer.h"

#include "base/limits.h"
#include "control/schedule/outbox.h"
#include "control/schedule/timers.h"
#include "control/usage/entitlements.h"
#include "control/usage/grant_store.h"
#include "control/usage/prepaid_usage.h"
#include "control/usage/settlement_timer.h"

#include <algorithm>

namespace tollgate::control {
namespace {

std::optional<Instant> next_instant(Context& context, const StoredSubscription& subscription) {
  if (takes_over(context, subscription)) return subscription.active_from;
  if (subscription.status(context.now()) == subscription::Status::inactive) return std::nullopt;
  return next_grant_bound(context.sql, subscription.id, context.now());
}

/// What is left of the grants of the subscription before, by the end of that, goes on on this one. False where its
/// ledger did not answer; while the context waits for it, nothing is done.
bool take_over_grants(Context& context, const StoredSubscription& subscription) {
  const auto previous = find_subscription(context.sql, *subscription.previous_id);
  if (!previous.has_value()) return true;
  Entitlements entitlements(context, *previous, subscription.active_from);
  entitlements.add_grants_of_other_features();
  entitlements.ask();
  if (!entitlements.known()) return context.objects.waiting();
  for (const billing::Grant& left : entitlements.grants()) {
    if (left.expires_at.has_value() && *left.expires_at <= subscription.active_from) continue;
    auto grant = find_grant(context.sql, previous->id, left.id);
    if (!grant.has_value()) continue;
    grant->subscription_id = subscription.id;
    grant->use_up_to(left.remaining);
    update_grant(context.sql, *grant);
  }
  return true;
}

}  // namespace

void schedule_grants(Context& context, const StoredSubscription& subscription) {
  if (const auto next = next_instant(context, subscription); next.has_value()) {
    set_timer(context.sql, TimerKind::grant, subscription.id, *next);
  } else {
    clear_timer(context.sql, TimerKind::grant, subscription.id);
  }
}

void change_grants(Context& context, const StoredSubscription& subscription) {
  change_snapshots(context, subscription.id);
  schedule_grants(context, subscription);
  schedule_settlement(context, subscription);
  if (const auto next = find_successor(context.sql, subscription); next.has_value()) schedule_grants(context, *next);
}

void run_grant_timer(Context& context, std::string_view subscription_id) {
  const auto subscription = find_subscription(context.sql, subscription_id);
  if (!subscription.has_value()) return;
  const bool begins = takes_over(context, *subscription) && subscription->active_from <= context.now();
  if (begins && !take_over_grants(context, *subscription)) {
    set_timer(context.sql, TimerKind::grant, subscription_id, {context.now().ms + limits::kBillingRetryMs});
    return;
  }
  change_grants(context, *subscription);
}

}  // namespace tollgate::control
