#include "money/text.h"

#include "base/number_text.h"

namespace tollgate::money {

std::size_t write_fixed(const FixedPoint& number, char* to) {
  constexpr std::uint32_t kBillion = 1'000'000'000;
  constexpr int kBillionDigits = 9;
  char reversed[kMaxFixedText];
  std::size_t n = 0;
  int place = 0;  // digits taken from the number so far
  Uint256 rest = number.magnitude;
  while (!rest.zero() || place <= number.fraction_digits) {
    std::uint32_t billion = rest.divide_small(kBillion);
    const bool last = rest.zero();
    for (int i = 0; i < kBillionDigits; ++i, ++place, billion /= 10) {
      if (last && billion == 0 && place > number.fraction_digits) break;
      const char digit = static_cast<char>('0' + billion % 10);
      if (place == number.fraction_digits && n > 0) reversed[n++] = '.';
      const bool dropped = !number.keep_zeros && n == 0 && digit == '0' && place < number.fraction_digits;
      if (!dropped) reversed[n++] = digit;
    }
  }
  std::size_t length = 0;
  if (number.negative) to[length++] = '-';
  while (n > 0) to[length++] = reversed[--n];
  return length;
}

Result<Int128, MoneyError> read_fixed(std::string_view text, int fraction_digits, Int128 most) {
  NumberText number;
  if (!split_number(text, number)) return fail(MoneyError::not_a_decimal);
  Int128 count = 0;
  std::int64_t weight = number.first_weight();
  for (std::size_t i = 0; i < number.digits(); ++i, --weight) {
    const unsigned digit = number.digit(i);
    if (weight < -fraction_digits) {
      if (digit != 0) return fail(MoneyError::too_many_digits);
      continue;
    }
    count = count * 10 + static_cast<int>(digit);
    if (count > most) return fail(MoneyError::out_of_range);
  }
  for (; weight >= -fraction_digits && count != 0; --weight) {
    count *= 10;
    if (count > most) return fail(MoneyError::out_of_range);
  }
  return number.negative ? -count : count;
}

std::string amount_text(Amount amount) {
  char text[Amount::kMaxText];
  return {text, amount.write(text)};
}

}  // namespace tollgate::money
