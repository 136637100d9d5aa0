#pragma once

#include "billing/proration.h"
#include "control/invoice/store.h"
#include "control/subscription/store.h"
#include "control/usage/entitlements.h"

#include <span>
#include <string>

namespace tollgate::control {

// How a credit came about, as JSON (invoice/origin.h).

/// A change of plan at `at` gives back what is left of fees of `previous` (S7.8). `quotas` are those that it was
/// computed with.
std::string change_origin(Sql& sql, const StoredSubscription& previous, Instant at, const billing::ChangeCredit& credit,
                          std::span<const Quota> quotas);
/// An invoice, which is final, came to less than 0.
std::string carried_origin(const StoredInvoice& invoice);

}  // namespace tollgate::control
