#pragma once

#include "control/http/context.h"
#include "control/invoice/store.h"
#include "control/subscription/store.h"
#include "invoice/draw.h"

#include <vector>

namespace tollgate::control {

// Stores all of an invoice that was drawn, and makes it final unless there is a draft period ahead or it cannot be.

/// Of a new one, which `invoice` is the head of.
void keep_new(Context& context, const StoredSubscription& subscription, StoredInvoice& invoice,
              const invoice::DrawnInvoice& drawn);
/// Of a draft that was drawn again.
void keep_again(Context& context, const StoredSubscription& subscription, StoredInvoice& invoice,
                const invoice::DrawnInvoice& drawn);

/// All usage that is known by now is billed, or about to be.
void keep_compared(Context& context, const StoredSubscription& subscription,
                   const std::vector<invoice::ComparedUsage>& compared);

}  // namespace tollgate::control
