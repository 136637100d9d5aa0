#pragma once

#include "billing/proration.h"
#include "control/http/context.h"
#include "control/invoice/gather.h"
#include "control/invoice/store.h"
#include "control/subscription/store.h"
#include "control/usage/entitlements.h"

#include <optional>
#include <string>
#include <vector>

namespace tollgate::control {

/// What a change at `at` away from `subscription` gives back (S7.8): as `billing::credit_for_change` says, but of a
/// period that has begun only what somebody owes or has paid, so nothing of a fee whose invoice is void. `quotas` are
/// those of the entitlements in effect at `at`.
Result<billing::ChangeCredit, billing::BillingError> change_credit(Context& context,
                                                                   const StoredSubscription& subscription, Instant at,
                                                                   billing::ChangeTiming timing,
                                                                   const std::vector<Quota>& quotas);

/// When a subscription begins in place of another one (S7.7), it gets what the other one has left: credits, and what
/// the change gives back of fees that were paid in advance (S7.8): a credit for each invoice that they are on, since a
/// void takes back what came of that one.
///
/// Asks the other one's ledger.
Invoicing take_over_credit(Context& context, const StoredSubscription& subscription);

/// What a change of plan gives back of the fees on one invoice.
struct ReturnedFees {
  money::Amount credit;  ///< ≥ 0
  std::string origin;    ///< credit_origin.h
};
/// What a change that has been booked gives back of the fees on a void invoice when that is issued again: by the rules
/// of `take_over_credit`, and by the usage that is known now. Nothing where there was no such change or no such fee.
///
/// Asks the ledger of the invoice's subscription.
Invoicing read_returned_fees(Context& context, const StoredInvoice& voided, std::optional<ReturnedFees>& returned);

}  // namespace tollgate::control
