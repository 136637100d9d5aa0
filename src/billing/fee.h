#pragma once

#include "catalog/plan.h"

namespace tollgate::billing {

/// A fee that is due when its period begins, or its phase where it has no period (S7.4). Usage never is.
inline bool is_in_advance(const catalog::RateCard& card) {
  if (card.type != catalog::RateCardType::flat_fee || !card.price.has_value()) return false;
  return card.price->payment_term.value_or(catalog::PaymentTerm::in_advance) == catalog::PaymentTerm::in_advance;
}

/// One that comes back with every period of its cadence, and of which a change of plan gives something back (S7.8).
inline bool is_recurring_in_advance(const catalog::RateCard& card) {
  return is_in_advance(card) && card.billing_cadence.has_value();
}

}  // namespace tollgate::billing
