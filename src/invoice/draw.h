#pragma once

#include "billing/invoice.h"
#include "invoice/line.h"
#include "invoice/line_maker.h"

#include <optional>
#include <string>
#include <vector>

namespace tollgate::invoice {

/// All that an invoice is made of, read beforehand.
struct InvoiceInput {
  billing::Subscription subscription;  ///< borrows its plan
  std::vector<billing::DueLine> due;
  std::vector<billing::DueLine> corrected;  ///< of those: usage that a later invoice has corrected, and that stays
  std::vector<billing::Usage> usages;       ///< of what is due
  bool usage_overflow = false;              ///< the ledger cannot add some of it up
  std::vector<ComparedUsage> compared;      ///< what was billed before
  std::vector<DrawnLine> kept;              ///< lines that stand already and stay as they are
  Credits credits;                    ///< of changes of plan: off fees in advance only (S7.8); carried: off anything
  std::vector<CountingMeter> meters;  ///< of the usage; none of a feature that has none
  bool is_of_pack = false;            ///< the plan is a pack's: of the subscription's own, no line could be known by it
};

/// Whether nothing is due and nothing came late: then there is no invoice.
bool is_empty(const InvoiceInput& input);

/// Why an invoice cannot be made final.
struct InvoiceFailure {
  billing::BillingError error = billing::BillingError::overflow;
  std::string line;    ///< key of the rate card; empty where it is the sum
  std::string detail;  ///< for people
};

/// A line that is billed from now on, and how much of its usage.
struct NewlyBilled {
  billing::DueLine line;
  std::optional<Quantity> usage;  ///< none: a fee, or usage that could not be rated
};

/// An invoice without identity, and what is to be stored with it. `total` is the sum of the lines ($3) and never
/// negative.
struct DrawnInvoice {
  std::vector<DrawnLine> lines;
  money::Amount total;
  std::vector<CreditUse> used;  ///< each credit once
  money::Amount carried;        ///< ≥ 0: what is left over for later invoices
  std::vector<NewlyBilled> billed;
  std::optional<InvoiceFailure> failure;
};

/// Rates the lines, in the order: what is due with the credit of each fee behind it, what is kept, late usage, credit
/// that reduces any line, what is carried on. A line that cannot be rated is left out and told in `failure` (the first
/// of them); such an invoice uses no credit.
DrawnInvoice draw_invoice(const InvoiceInput& input);

/// What the lines of an invoice say was used on the one that is known by `key`.
std::optional<Quantity> usage_on(const std::vector<DrawnLine>& lines, const LineKey& key);

}  // namespace tollgate::invoice
