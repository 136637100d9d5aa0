#pragma once

#include "billing/invoice.h"
#include "billing/rating.h"
#include "control/port/sql.h"
#include "control/subscription/store.h"
#include "invoice/line.h"
#include "money/amount.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::control {

/// Usage of a period that was billed and has changed since.
struct LateUsage {
  billing::DueLine line;
  Quantity billed;
  Quantity all;
};

/// Makes the lines of one subscription's invoices.
class LineMaker {
 public:
  LineMaker(Sql& sql, const StoredSubscription& subscription) : sql_(sql), subscription_(subscription) {}

  invoice::DrawnLine rated(const billing::DueLine& due, const billing::Rating& rating) const;
  invoice::DrawnLine late(const LateUsage& usage, const billing::LateRating& rating) const;
  /// What a credit takes off: off one fee, or (none given) off all lines together. `credit` is > 0, and the sum of
  /// `uses`.
  invoice::DrawnLine credit(const billing::DueLine* fee, money::Amount credit,
                            const std::vector<invoice::CreditUse>& uses) const;
  /// `amount` is > 0.
  invoice::DrawnLine carried(money::Amount amount) const;

 private:
  invoice::LineCard card_on(const billing::DueLine& due) const;
  invoice::LineTerms terms_of(const billing::DueLine& due) const;
  const catalog::RateCard& card_of(const billing::DueLine& due) const;

  Sql& sql_;
  const StoredSubscription& subscription_;
};

}  // namespace tollgate::control
