#pragma once

#include "base/result.h"
#include "invoice/audit_source.h"
#include "money/amount.h"

#include <string>

namespace tollgate::invoice {

/// A credit line, computed again from the sources that it names.
struct AuditedCredit {
  money::Amount amount;  ///< ≤ 0: the sum of what is used of each source, taken off
  bool right = false;    ///< every source is as the line says
  bool later = false;    ///< right, but usage came later with which it would have been another one
  std::string detail;    ///< for people: what is wrong, or what came later
};

/// For a change of plan (S7.8): the fees that it names were billed, the subscription ended at that instant, and what
/// was consumed by then leaves as much of them as it says. Usage of that time which came later does not change what was
/// given back, so a ledger that has more is no difference; one that has less is. For a carried amount: the invoice that
/// it names carried that much on. For both: the customer's invoices tell the same of it, and together use no more than
/// it was.
///
/// Fails with a sentence where that cannot be told.
Result<AuditedCredit, std::string> audit_credit(const ToldInvoice& invoice, const Line& line, AuditSource& source);

}  // namespace tollgate::invoice
