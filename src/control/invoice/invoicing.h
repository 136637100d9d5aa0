#pragma once

#include "control/http/context.h"
#include "control/invoice/store.h"
#include "control/subscription/store.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tollgate::control {

/// What came of an attempt to make an invoice.
enum class Invoicing : std::uint8_t {
  done,
  waiting,      ///< the context has to ask the ledger first; nothing is done
  unavailable,  ///< the ledger did not answer; nothing is done
};

/// What it means that there is no answer of a ledger that was asked.
inline Invoicing not_answered(const Context& context) {
  return context.objects.waiting() ? Invoicing::waiting : Invoicing::unavailable;
}

/// What the next invoice of a subscription is made of.
struct Upcoming {
  InvoiceInput input;
  std::vector<LateUsage> checked;  ///< usage that was compared with the ledger, changed or not
  bool overflow = false;           ///< the ledger cannot add the usage up
};
/// What falls due at `at`, with its usage and with what is late of earlier periods.
Invoicing read_upcoming(Context& context, const StoredSubscription& subscription, Instant at, Upcoming& upcoming);
/// What it comes to.
DrawnInvoice draw_upcoming(Context& context, const StoredSubscription& subscription, const Upcoming& upcoming);

/// Draws up the invoice for everything that fell due at `at` (S8), and makes it final unless there is a draft period
/// ahead or it cannot be. There is none where nothing is due and nothing is late.
Invoicing issue_invoice(Context& context, const StoredSubscription& subscription, Instant at);

/// Bills a pack that is bought on top of the subscription (S7.10): its fees, which are due at once and wait for no late
/// usage, on an invoice of their own. Of credits it takes those only that reduce anything. Nothing is drawn up where
/// the pack costs nothing; else the id.
std::optional<std::string> issue_pack_invoice(Context& context, const StoredSubscription& subscription,
                                              const StoredPlan& pack);

/// Rates the usage of a draft again, so that late events count, and makes it final. A draft that cannot be stays one.
Invoicing complete_draft(Context& context, StoredInvoice& invoice);

/// Draws up again, with corrected usage, what a voided invoice was for. `replacement` is the invoice that stands in its
/// place, final unless it cannot be.
Invoicing issue_again(Context& context, const StoredInvoice& voided, StoredInvoice& replacement);

}  // namespace tollgate::control
