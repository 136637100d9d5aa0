#include "money/text.h"

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

}  // namespace tollgate::money
