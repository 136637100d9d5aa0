#include "money/amount.h"

#include "money/text.h"

namespace tollgate::money {
namespace {

/// A minor unit, counted in 10^-18 units.
constexpr Int128 attos_of_minor(Currency currency) {
  Int128 attos = 1;
  for (int digits = currency.minor_digits(); digits < Decimal::kFractionDigits; ++digits) attos *= 10;
  return attos;
}

}  // namespace

Result<Amount, MoneyError> Amount::parse(std::string_view text, Currency currency) {
  const auto units = read_fixed(text, currency.minor_digits(), kMostMinor);
  if (!units.ok()) return fail(units.error());
  return Amount(*units, currency);
}

Result<Decimal, MoneyError> Amount::decimal() const {
  Int128 attos = 0;
  if (__builtin_mul_overflow(units_, attos_of_minor(currency_), &attos)) return fail(MoneyError::out_of_range);
  return Decimal::of_attos(attos);
}

std::size_t Amount::write(char* to) const {
  return write_fixed({.negative = units_ < 0,
                      .magnitude = static_cast<Uint128>(units_ < 0 ? -units_ : units_),
                      .fraction_digits = currency_.minor_digits(),
                      .keep_zeros = true},
                     to);
}

}  // namespace tollgate::money
