#pragma once

#include "billing/proration.h"
#include "control/context.h"
#include "control/entitlements.h"
#include "control/invoicing.h"
#include "control/subscription_store.h"

#include <vector>

namespace tollgate::control {

/// What a change at `at` away from `subscription` gives back (S7.8), as `billing::credit_for_change` says, but nothing of a
/// fee whose invoice is void: nobody owes it. `quotas` are those of the entitlements in effect at `at`.
Result<billing::ChangeCredit, billing::BillingError> change_credit(Sql& sql, const StoredSubscription& subscription,
                                                                   Instant at, billing::ChangeTiming timing,
                                                                   const std::vector<Quota>& quotas);

/// When a subscription begins in place of another one (S7.7), it gets what the other one has left: credits, and what a
/// change in the middle of a period gives back of the fee that was paid for it (S7.8). Whether the change was asked for
/// at that very moment or ahead of time, which makes a difference at the bound of a period, shows in what was billed.
///
/// Asks the other one's ledger.
Invoicing take_over_credit(Context& context, const StoredSubscription& subscription);

}  // namespace tollgate::control
