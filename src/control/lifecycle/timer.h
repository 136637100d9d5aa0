#pragma once

#include "control/http/context.h"
#include "control/subscription/store.h"

#include <string_view>

namespace tollgate::control {

/// Phases move by themselves (S7.7): a subscription has a timer at the next instant at which it begins, ends, or enters
/// another phase.

/// Sets the timer by the subscription's dates, or clears it where nothing lies ahead. To be called by whoever stores or
/// changes them.
void schedule_subscription(Context& context, const StoredSubscription& subscription);

/// The instant has come: what the edge knows of the subscription is written anew. The first phase that costs something
/// makes a payment due. A subscription that begins takes over the API keys of the one that it replaces.
void run_subscription_timer(Context& context, std::string_view subscription_id);

/// Gives the API keys of a subscription to the one that replaces it and has begun (S7.7). The keys' snapshots come with
/// a revision above those that they had.
void hand_over_keys(Context& context, std::string_view from, std::string_view to);

/// Ends a subscription, or takes back its end, as its `active_to` and `next_id` say by now.
void change_end(Context& context, const StoredSubscription& subscription);

/// Withdraws what would replace the subscription but has not begun: it is ended before its beginning, and the
/// subscription, which the caller is to store, has no successor any more.
void withdraw_successor(Context& context, StoredSubscription& subscription);

}  // namespace tollgate::control
