#pragma once

#include "control/http/context.h"
#include "control/invoice/store.h"
#include "control/subscription/store.h"
#include "invoice/draw.h"

#include <cstdint>

namespace tollgate::control {

// Reads all that an invoice is made of; nothing of this stores anything.

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

/// The next invoice of a subscription: what falls due at `at`, with its usage, and what was billed before, beside what
/// the ledger has of it by now.
Invoicing gather_upcoming(Context& context, const StoredSubscription& subscription, Instant at,
                          invoice::InvoiceInput& input);

/// A pack's fees, which are due at once and wait for no late usage. Of the credits those only that reduce anything.
/// `bought` is the subscription as if the pack were its plan.
invoice::InvoiceInput gather_pack(Context& context, const StoredSubscription& subscription,
                                  const StoredSubscription& bought);

/// An invoice that exists, to be drawn again: what was due stays due, its usage is asked for anew. Usage that a later
/// invoice has corrected already stays as it was, and so do corrections of earlier periods. Credits are left to the
/// caller.
Invoicing gather_again(Context& context, const StoredSubscription& subscription, const StoredInvoice& invoice,
                       invoice::InvoiceInput& input);

/// The meters of the usage that makes lines.
void gather_meters(Sql& sql, invoice::InvoiceInput& input);

}  // namespace tollgate::control
