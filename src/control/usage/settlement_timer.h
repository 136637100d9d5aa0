#pragma once

#include "control/http/context.h"
#include "control/subscription/store.h"

#include <string_view>

namespace tollgate::control {

// Usage of a certain age is final (M6). A subscription with grants has a timer by which what was burned down so long
// ago is settled: its outcome is stored, and later balances go on from there. So no balance looks back for ever, and
// grants that were used up take part in none. Settling changes no balance.

/// Sets that timer, or clears it where nothing is to be settled.
void schedule_settlement(Context& context, const StoredSubscription& subscription);

/// The usage is final: all of it that has become so is settled, or as much of it as `limits::kMaxSettledSpans` are, and
/// the rest in another run. Where the ledger does not answer, a little later.
void run_settlement_timer(Context& context, std::string_view subscription_id);

}  // namespace tollgate::control
