#include "money/round.h"

namespace tollgate::money {
namespace {

/// 10^n for n up to 38.
constexpr Uint128 power_of_ten(int n) {
  Uint128 power = 1;
  while (n-- > 0) power *= 10;
  return power;
}

/// The quotient, rounded half up: no quotient here is negative.
Result<Amount, MoneyError> divided(const Uint256& dividend, const Uint256& divisor, Currency currency) {
  const auto [quotient, rest] = dividend.divide(divisor);
  if (!quotient.fits_128() || quotient.to_128() > static_cast<Uint128>(Amount::kMostMinor)) {
    return fail(MoneyError::overflow);
  }
  Uint256 to_next = divisor;
  to_next.subtract(rest);
  const bool up = !(rest < to_next);
  return Amount::wide_minor(static_cast<Int128>(quotient.to_128()) + (up ? 1 : 0), currency);
}

}  // namespace

Result<Amount, MoneyError> rounded(const Exact& value, Currency currency) {
  static constexpr Uint128 kMinorUnits[] = {
      power_of_ten(Exact::kFractionDigits), power_of_ten(Exact::kFractionDigits - 1),
      power_of_ten(Exact::kFractionDigits - 2), power_of_ten(Exact::kFractionDigits - 3),
      power_of_ten(Exact::kFractionDigits - kMostMinorDigits)};
  return divided(value.units(), kMinorUnits[currency.minor_digits()], currency);
}

Amount rounded_share(Decimal fee, Fraction share, Currency currency) {
  TOLLGATE_ASSERT(!fee.negative());
  const Uint256 dividend = Uint256::product(static_cast<Uint128>(fee.attos()), share.numerator());
  const Uint256 divisor =
      Uint256::product(share.denominator(), power_of_ten(Decimal::kFractionDigits - currency.minor_digits()));
  return *divided(dividend, divisor, currency);
}

}  // namespace tollgate::money
