#include "money/decimal.h"

#include "base/number_text.h"
#include "money/text.h"

namespace tollgate::money {

Result<Decimal, MoneyError> Decimal::parse(std::string_view text) {
  NumberText number;
  if (!split_number(text, number)) return fail(MoneyError::not_a_decimal);
  Int128 attos = 0;
  std::int64_t weight = number.first_weight();
  for (std::size_t i = 0; i < number.digits(); ++i, --weight) {
    const unsigned digit = number.digit(i);
    if (weight < -kFractionDigits) {
      if (digit != 0) return fail(MoneyError::too_many_digits);
      continue;
    }
    attos = attos * 10 + static_cast<int>(digit);
    if (attos >= kLimit) return fail(MoneyError::out_of_range);
  }
  for (; weight >= -kFractionDigits && attos != 0; --weight) {
    attos *= 10;
    if (attos >= kLimit) return fail(MoneyError::out_of_range);
  }
  return Decimal(number.negative ? -attos : attos);
}

std::size_t Decimal::write(char* to) const {
  return write_fixed({.negative = attos_ < 0,
                      .magnitude = static_cast<Uint128>(attos_ < 0 ? -attos_ : attos_),
                      .fraction_digits = kFractionDigits,
                      .keep_zeros = false},
                     to);
}

}  // namespace tollgate::money
