#pragma once

#include "base/result.h"
#include "billing/due.h"
#include "billing/error.h"
#include "billing/rating.h"
#include "billing/subscription.h"
#include "money/amount.h"

#include <cstddef>
#include <span>
#include <vector>

namespace tollgate::billing {

/// What the ledger says of a feature in a period.
struct Usage {
  UsageNeed of;
  Quantity quantity;
};

/// A line that is rated.
struct InvoiceLine {
  DueLine due;
  Rating rating;
  money::Amount credit;  ///< ≥ 0: taken off by the credit of a change of plan
  money::Amount total;   ///< of the rating, less the credit
};

/// What a subscription owes at one moment. `total` is the sum of the lines, to the last unit ($3).
struct InvoiceDraft {
  std::vector<InvoiceLine> lines;
  money::Amount total;
  money::Amount credit_left;  ///< for later invoices
};

/// Why an invoice cannot be drawn up, and at which of its lines; behind the last one where it is their sum.
struct LineFailure {
  std::size_t line = 0;
  BillingError error = BillingError::overflow;
};

/// Rates lines that fall due together, with the usage that `usages_needed` asked for, and takes `credit` (≥ 0) off the
/// fees that are due in advance, line by line, until it is used up (S7.8).
///
///     const auto lines = lines_due(subscription, at, {at.ms + 1});
///     const auto usages = ask_ledger(usages_needed(subscription, *lines));
///     const auto draft = draw_up(subscription, *lines, usages, credit);
Result<InvoiceDraft, LineFailure> draw_up(const Subscription& subscription, const std::vector<DueLine>& lines,
                                          std::span<const Usage> usages, money::Amount credit);

}  // namespace tollgate::billing
