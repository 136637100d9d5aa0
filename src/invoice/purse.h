#pragma once

#include "money/amount.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::invoice {

/// Where a credit of money comes from, and so what it may reduce.
enum class CreditKind : std::uint8_t {
  change,   ///< of a change of plan (S7.8): fees in advance
  carried,  ///< of an invoice that came to less than 0: anything
};
inline constexpr std::string_view kCreditKindNames[] = {"change", "carried"};

constexpr std::string_view name(CreditKind kind) { return kCreditKindNames[static_cast<std::size_t>(kind)]; }

/// A credit that waits to be used.
struct Credit {
  std::string id;
  CreditKind kind = CreditKind::change;
  money::Amount granted;    ///< > 0
  money::Amount remaining;  ///< > 0, at most `granted`
  std::string origin;       ///< JSON: how it came about (invoice/origin.h)
};

/// What is taken off a credit.
struct CreditUse {
  Credit credit;       ///< as it was before
  money::Amount used;  ///< > 0, at most what remained
};

/// Credits of one kind and currency, used oldest first. What remains of all of them is an amount.
class CreditPurse {
 public:
  CreditPurse(std::vector<Credit> credits, money::Currency currency);

  money::Amount left() const { return left_; }
  /// Takes `amount`, ≥ 0 and at most `left()`.
  std::vector<CreditUse> take(money::Amount amount);
  /// All that was taken, each credit once.
  std::vector<CreditUse> used() const;

 private:
  std::vector<Credit> credits_;
  std::size_t current_ = 0;  ///< those before it are used up
  money::Amount taken_;      ///< off the current one
  money::Amount left_;
};

/// Credits that wait to be used, oldest first.
struct Credits {
  std::vector<Credit> change;
  std::vector<Credit> carried;
};

}  // namespace tollgate::invoice
