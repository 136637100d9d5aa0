#include "invoice/purse.h"

#include "base/assert.h"

#include <utility>

namespace tollgate::invoice {

using money::Amount;

CreditPurse::CreditPurse(std::vector<Credit> credits, money::Currency currency)
    : credits_(std::move(credits)), taken_(Amount::zero(currency)), left_(Amount::zero(currency)) {
  for (const Credit& credit : credits_) left_ = left_.plus(credit.remaining).value();
}

std::vector<CreditUse> CreditPurse::take(Amount amount) {
  TOLLGATE_ASSERT(!amount.negative() && !left_.less_than(amount));
  std::vector<CreditUse> uses;
  left_ = *left_.minus(amount);
  while (amount.positive()) {
    const Credit& credit = credits_[current_];
    const Amount rest = *credit.remaining.minus(taken_);
    const Amount used = rest.less_than(amount) ? rest : amount;
    uses.push_back({credit, used});
    amount = *amount.minus(used);
    taken_ = *taken_.plus(used);
    if (taken_ != credit.remaining) continue;
    ++current_;
    taken_ = Amount::zero(taken_.currency());
  }
  return uses;
}

std::vector<CreditUse> CreditPurse::used() const {
  std::vector<CreditUse> uses;
  uses.reserve(current_ + 1);
  for (std::size_t i = 0; i < current_; ++i) uses.push_back({credits_[i], credits_[i].remaining});
  if (taken_.positive()) uses.push_back({credits_[current_], taken_});
  return uses;
}

}  // namespace tollgate::invoice
