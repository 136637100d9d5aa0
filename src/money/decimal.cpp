#include "money/decimal.h"

#include "money/text.h"

namespace tollgate::money {

Result<Decimal, MoneyError> Decimal::parse(std::string_view text) {
  const auto attos = read_fixed(text, kFractionDigits, kLimit - 1);
  if (!attos.ok()) return fail(attos.error());
  return Decimal(*attos);
}

std::size_t Decimal::write(char* to) const {
  return write_fixed({.negative = attos_ < 0,
                      .magnitude = static_cast<Uint128>(attos_ < 0 ? -attos_ : attos_),
                      .fraction_digits = kFractionDigits,
                      .keep_zeros = false},
                     to);
}

}  // namespace tollgate::money
