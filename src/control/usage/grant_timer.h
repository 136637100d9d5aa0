#pragma once

#include "control/http/context.h"
#include "control/subscription/store.h"

#include <string_view>

namespace tollgate::control {

/// Grants come into effect and expire by themselves (S7.10): a subscription has a timer at the next instant at which
/// one does, and at its beginning where it takes the place of another one, whose grants it then gets.

/// Sets that timer, or clears it where nothing lies ahead.
void schedule_grants(Context& context, const StoredSubscription& subscription);

/// The subscription's grants are others by now: the edge is to know, and timers follow, also that of a subscription
/// which is to take its place, and that of settling.
void change_grants(Context& context, const StoredSubscription& subscription);

/// The instant has come: what the edge knows of the balance is written anew. Where the ledger of the subscription
/// before does not answer, its grants are taken over a little later.
void run_grant_timer(Context& context, std::string_view subscription_id);

}  // namespace tollgate::control
