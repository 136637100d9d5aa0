#include "money/exact.h"

#include "base/number_text.h"
#include "money/text.h"

namespace tollgate::money {
namespace {

// Fractional digits: 38 = 9 of the quantity + 18 of the price + 11 of the percentage (9, and 2 for the hundredth).
constexpr std::uint64_t kPercentScale = 100'000'000'000;
constexpr std::uint64_t kQuantityScale = 1'000'000'000;

Uint128 attos_of(Decimal value) {
  TOLLGATE_ASSERT(!value.negative());
  return static_cast<Uint128>(value.attos());
}

Uint128 nanos_of(Quantity quantity) {
  TOLLGATE_ASSERT(!quantity.negative());
  return static_cast<Uint128>(quantity.nanos());
}

}  // namespace

Result<Exact, MoneyError> Exact::parse(std::string_view text) {
  NumberText number;
  if (!split_number(text, number)) return fail(MoneyError::not_a_decimal);
  if (number.negative) return fail(MoneyError::out_of_range);
  Exact exact;
  std::int64_t weight = number.first_weight();
  for (std::size_t i = 0; i < number.digits() || (weight >= -kFractionDigits && !exact.zero()); ++i, --weight) {
    const unsigned digit = i < number.digits() ? number.digit(i) : 0;
    if (weight < -kFractionDigits) {
      if (digit != 0) return fail(MoneyError::too_many_digits);
    } else if (!exact.units_.multiply(10) || !exact.units_.add(Uint128(digit))) {
      return fail(MoneyError::out_of_range);
    }
  }
  return exact;
}

Exact Exact::of(Decimal value) {
  Uint256 units = Uint256::product(attos_of(value), kQuantityScale);
  TOLLGATE_ASSERT(units.multiply(kPercentScale));  // 10^36 × 10^20 fits
  return Exact(units);
}

Result<Exact, MoneyError> Exact::product(Quantity quantity, Decimal price) {
  Uint256 units = Uint256::product(nanos_of(quantity), attos_of(price));
  if (!units.multiply(kPercentScale)) return fail(MoneyError::overflow);
  return Exact(units);
}

Result<Exact, MoneyError> Exact::plus(const Exact& other) const {
  Exact sum = *this;
  if (!sum.units_.add(other.units_)) return fail(MoneyError::overflow);
  return sum;
}

Exact Exact::minus(const Exact& other) const {
  Exact difference = *this;
  difference.units_.subtract(other.units_);
  return difference;
}

Exact Exact::percent(Quantity percentage) const {
  TOLLGATE_ASSERT(percentage <= Quantity::units(100));
  const auto hundredths = static_cast<std::uint64_t>(nanos_of(percentage));
  const auto [quotient, rest] = units_.divide(Uint128(kPercentScale));
  TOLLGATE_ASSERT(rest.zero());
  Exact share(quotient);
  TOLLGATE_ASSERT(share.units_.multiply(hundredths));
  return share;
}

std::size_t Exact::write(char* to) const {
  return write_fixed({.magnitude = units_, .fraction_digits = kFractionDigits, .keep_zeros = false}, to);
}

}  // namespace tollgate::money
