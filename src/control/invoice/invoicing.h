#pragma once

#include "control/http/context.h"
#include "control/invoice/gather.h"
#include "control/invoice/store.h"
#include "control/subscription/store.h"

#include <optional>
#include <string>

namespace tollgate::control {

// Each way in which an invoice comes about: gather all that it is made of (`gather.h`), compute it
// (`invoice/draw.h`), store all that comes of it (`keep.h`).

/// Draws up the invoice for everything that fell due at `at` (S8), and makes it final unless there is a draft period
/// ahead or it cannot be. There is none where nothing is due and nothing is late.
Invoicing issue_invoice(Context& context, const StoredSubscription& subscription, Instant at);

/// Bills a pack that is bought on top of the subscription (S7.10), on an invoice of its own. Nothing is drawn up where
/// the pack costs nothing; else the id.
std::optional<std::string> issue_pack_invoice(Context& context, const StoredSubscription& subscription,
                                              const StoredPlan& pack);

/// Rates the usage of a draft again, so that late events count, and makes it final. A draft that cannot be stays one.
Invoicing complete_draft(Context& context, StoredInvoice& invoice);

/// Draws up again, with corrected usage, what a voided invoice was for. `replacement` is the invoice that stands in its
/// place, final unless it cannot be.
Invoicing issue_again(Context& context, const StoredInvoice& voided, StoredInvoice& replacement);

}  // namespace tollgate::control
