#pragma once

#include "billing/due.h"
#include "billing/invoice.h"
#include "control/invoice/lines.h"
#include "invoice/purse.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::control {

/// Why an invoice cannot be made final.
struct InvoiceFailure {
  billing::BillingError error = billing::BillingError::overflow;
  std::string line;    ///< key of the rate card; empty where it is the sum
  std::string detail;  ///< for people
};

/// What an invoice is made of.
struct InvoiceInput {
  std::vector<billing::DueLine> due;
  std::vector<billing::Usage> usages;
  std::vector<LateUsage> late;
  std::vector<invoice::DrawnLine> kept;  ///< lines that stand already and stay as they are
  invoice::Credits credits;              ///< of changes of plan: off fees in advance only (S7.8); carried: off anything
};

/// An invoice without identity. `total` is the sum of the lines ($3) and never negative.
struct DrawnInvoice {
  std::vector<invoice::DrawnLine> lines;
  money::Amount total;
  std::vector<invoice::CreditUse> used;  ///< each credit once
  money::Amount carried;                 ///< ≥ 0: what is left over for later invoices
  std::optional<InvoiceFailure> failure;
};

/// Rates the lines, in the order: what is due with the credit of each fee behind it, what is kept, late usage, credit
/// that reduces any line, what is carried on. A line that cannot be rated is left out and told in `failure` (the first
/// of them); such an invoice uses no credit.
DrawnInvoice draw_invoice(Sql& sql, const StoredSubscription& subscription, const InvoiceInput& input);

}  // namespace tollgate::control
