#pragma once

#include "base/result.h"
#include "money/amount.h"
#include "money/currency.h"
#include "money/exact.h"
#include "money/fraction.h"

namespace tollgate::money {

// The one place where money is rounded: to the currency's minor unit, half away from zero (S7.6, invariant $2). What is
// rounded here is ≥ 0, so half goes up.

/// `overflow` beyond `Amount::kMostMinor`.
Result<Amount, MoneyError> rounded(const Exact& value, Currency currency);

/// The share of a fee (S7.8). `fee` is ≥ 0; what is not more than it cannot overflow.
Amount rounded_share(Decimal fee, Fraction share, Currency currency);

}  // namespace tollgate::money
