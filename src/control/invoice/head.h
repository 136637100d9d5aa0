#pragma once

#include "control/http/context.h"
#include "control/invoice/store.h"
#include "control/subscription/store.h"

namespace tollgate::control {

// The head of an invoice: who it is for and when it becomes final, as it stands now. Nothing of it is stored.

/// Of a new one, with what was drawn up for `due_at`.
StoredInvoice new_invoice(Context& context, const StoredSubscription& subscription, Instant due_at);
/// Of one that is issued, final at once, in place of a voided one, and names the same plan.
StoredInvoice replacement_of(Context& context, const StoredSubscription& subscription, const StoredInvoice& voided);

}  // namespace tollgate::control
