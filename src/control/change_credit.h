#pragma once

#include "control/context.h"
#include "control/invoicing.h"
#include "control/subscription_store.h"

namespace tollgate::control {

/// When a subscription begins in place of another one (S7.7), it gets what the other one has left: credits, and what a
/// change in the middle of a period gives back of the fee that was paid for it (S7.8). Whether the change was asked for
/// at that very moment or ahead of time, which makes a difference at the bound of a period, shows in what was billed.
///
/// Asks the other one's ledger.
Invoicing take_over_credit(Context& context, const StoredSubscription& subscription);

}  // namespace tollgate::control
