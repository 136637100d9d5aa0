#pragma once

#include "billing/subscription.h"
#include "invoice/line.h"

#include <string>
#include <vector>

namespace tollgate::invoice {

/// The meter that counts a feature, by its slug.
struct CountingMeter {
  std::string feature_key;
  std::string slug;
};

/// Usage of a period that was billed, beside what the ledger has of it by now.
struct ComparedUsage {
  billing::DueLine line;
  Quantity billed;
  Quantity all;

  bool changed() const { return all != billed; }
};

/// Makes the lines of one subscription's invoices. Borrows what it is given.
class LineMaker {
 public:
  LineMaker(const billing::Subscription& subscription, const std::vector<CountingMeter>& meters)
      : subscription_(subscription), meters_(meters) {}

  DrawnLine rated(const billing::DueLine& due, billing::Rating rating) const;
  DrawnLine late(const ComparedUsage& usage, billing::LateRating rating) const;
  /// What a credit takes off: off one fee, or (none given) off all lines together. `credit` is > 0, and the sum of
  /// `uses`.
  DrawnLine credit(const billing::DueLine* fee, money::Amount credit, const std::vector<CreditUse>& uses) const;
  /// `amount` is > 0.
  DrawnLine carried(money::Amount amount) const;

 private:
  LineCard card_on(const billing::DueLine& due) const;
  LineTerms terms_of(const billing::DueLine& due) const;

  const billing::Subscription& subscription_;
  const std::vector<CountingMeter>& meters_;
};

}  // namespace tollgate::invoice
