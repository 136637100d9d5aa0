#pragma once

#include "base/assert.h"
#include "base/int128.h"
#include "money/uint256.h"

namespace tollgate::money {

/// A share of a whole, exactly: numerator over denominator, from 0 to 1. Never reduced, never turned into a decimal
/// before an amount is taken of it.
class Fraction {
 public:
  constexpr Fraction() = default;
  /// `part` of `whole`, clamped to the range from none to all. `whole` is above 0.
  static constexpr Fraction of(Int128 part, Int128 whole) {
    TOLLGATE_ASSERT(whole > 0);
    return Fraction(static_cast<Uint128>(part < 0 ? 0 : part > whole ? whole : part), static_cast<Uint128>(whole));
  }

  constexpr Uint128 numerator() const { return numerator_; }
  constexpr Uint128 denominator() const { return denominator_; }
  /// What is missing to the whole.
  constexpr Fraction rest() const { return Fraction(denominator_ - numerator_, denominator_); }

  friend bool operator<(Fraction a, Fraction b) {
    return Uint256::product(a.numerator_, b.denominator_) < Uint256::product(b.numerator_, a.denominator_);
  }

 private:
  constexpr Fraction(Uint128 numerator, Uint128 denominator) : numerator_(numerator), denominator_(denominator) {}

  Uint128 numerator_ = 0;
  Uint128 denominator_ = 1;
};

}  // namespace tollgate::money
