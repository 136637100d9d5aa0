#include "money/uint256.h"

#include "base/assert.h"

#include <bit>
#include <span>

namespace tollgate::money {
namespace {

constexpr int kDigitBits = 32;
constexpr std::uint64_t kDigitMask = 0xffff'ffff;

void shift_left(std::span<std::uint32_t> digits, std::size_t count, int shift) {
  for (std::size_t i = count; i-- > 0;) {
    const std::uint64_t pair = std::uint64_t{digits[i]} << kDigitBits | (i > 0 ? digits[i - 1] : 0);
    digits[i] = static_cast<std::uint32_t>(pair >> (kDigitBits - shift));
  }
}

/// How often the divisor goes into the first digits of what is left, guessed from two of its digits: right or one too
/// high.
std::uint64_t guess_digit(std::span<const std::uint32_t> rest, std::span<const std::uint32_t> divisor) {
  const std::size_t n = divisor.size();
  const std::uint64_t top = std::uint64_t{rest[n]} << kDigitBits | rest[n - 1];
  std::uint64_t guess = top / divisor[n - 1];
  std::uint64_t left = top % divisor[n - 1];
  while (left <= kDigitMask && (guess > kDigitMask || guess * divisor[n - 2] > (left << kDigitBits | rest[n - 2]))) {
    --guess;
    left += divisor[n - 1];
  }
  return guess;
}

/// Takes the divisor from what is left as often as it goes, and returns how often that is.
std::uint32_t take_multiple(std::span<std::uint32_t> rest, std::span<const std::uint32_t> divisor) {
  const std::size_t n = divisor.size();
  std::uint64_t guess = guess_digit(rest, divisor);
  std::int64_t borrow = 0;
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i <= n; ++i) {
    const std::uint64_t product = (i < n ? guess * divisor[i] : 0) + carry;
    carry = product >> kDigitBits;
    const std::int64_t digit = std::int64_t{rest[i]} - static_cast<std::int64_t>(product & kDigitMask) + borrow;
    rest[i] = static_cast<std::uint32_t>(digit);
    borrow = digit >> kDigitBits;
  }
  if (borrow == 0) return static_cast<std::uint32_t>(guess);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i <= n; ++i) {
    sum += std::uint64_t{rest[i]} + (i < n ? divisor[i] : 0);
    rest[i] = static_cast<std::uint32_t>(sum);
    sum >>= kDigitBits;
  }
  return static_cast<std::uint32_t>(guess - 1);
}

}  // namespace

Uint256 Uint256::product(Uint128 a, Uint128 b) {
  const auto a_low = static_cast<std::uint64_t>(a);
  const auto a_high = static_cast<std::uint64_t>(a >> 64);
  const auto b_low = static_cast<std::uint64_t>(b);
  const auto b_high = static_cast<std::uint64_t>(b >> 64);
  Uint256 result(Uint128(a_low) * b_low);
  // Nearly all prices and quantities fit into 64 bits each.
  if ((a_high | b_high) == 0) return result;
  const Uint128 cross_a = Uint128(a_high) * b_low;
  const Uint128 cross_b = Uint128(a_low) * b_high;
  const Uint128 middle =
      Uint128(result.limbs_[1]) + static_cast<std::uint64_t>(cross_a) + static_cast<std::uint64_t>(cross_b);
  const Uint128 high = Uint128(a_high) * b_high + static_cast<std::uint64_t>(cross_a >> 64) +
                       static_cast<std::uint64_t>(cross_b >> 64) + static_cast<std::uint64_t>(middle >> 64);
  result.limbs_[1] = static_cast<std::uint64_t>(middle);
  result.limbs_[2] = static_cast<std::uint64_t>(high);
  result.limbs_[3] = static_cast<std::uint64_t>(high >> 64);
  return result;
}

bool Uint256::add(const Uint256& other) {
  Uint256 sum;
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < kLimbs; ++i) {
    const Uint128 limb = Uint128(limbs_[i]) + other.limbs_[i] + carry;
    sum.limbs_[i] = static_cast<std::uint64_t>(limb);
    carry = static_cast<std::uint64_t>(limb >> 64);
  }
  if (carry != 0) return false;
  *this = sum;
  return true;
}

bool Uint256::multiply(std::uint64_t factor) {
  Uint256 result;
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < kLimbs; ++i) {
    const Uint128 limb = Uint128(limbs_[i]) * factor + carry;
    result.limbs_[i] = static_cast<std::uint64_t>(limb);
    carry = static_cast<std::uint64_t>(limb >> 64);
  }
  if (carry != 0) return false;
  *this = result;
  return true;
}

void Uint256::subtract(const Uint256& other) {
  std::uint64_t borrow = 0;
  for (std::size_t i = 0; i < kLimbs; ++i) {
    const Uint128 limb = Uint128(limbs_[i]) - other.limbs_[i] - borrow;
    limbs_[i] = static_cast<std::uint64_t>(limb);
    borrow = static_cast<std::uint64_t>(limb >> 64) & 1;
  }
  TOLLGATE_ASSERT(borrow == 0);
}

Uint128 Uint256::to_128() const {
  TOLLGATE_ASSERT(fits_128());
  return Uint128(limbs_[1]) << 64 | limbs_[0];
}

Uint256::Digits Uint256::digits() const {
  Digits digits{};
  for (std::size_t i = 0; i < kLimbs; ++i) {
    digits[2 * i] = static_cast<std::uint32_t>(limbs_[i]);
    digits[2 * i + 1] = static_cast<std::uint32_t>(limbs_[i] >> kDigitBits);
  }
  return digits;
}

Uint256 Uint256::from_digits(const Digits& digits) {
  TOLLGATE_ASSERT(digits[kDigits] == 0);
  Uint256 result;
  for (std::size_t i = 0; i < kLimbs; ++i) {
    result.limbs_[i] = std::uint64_t{digits[2 * i + 1]} << kDigitBits | digits[2 * i];
  }
  return result;
}

std::size_t Uint256::significant(const Digits& digits) {
  std::size_t n = kDigits;
  while (n > 0 && digits[n - 1] == 0) --n;
  return n;
}

std::uint32_t Uint256::divide_small(std::uint32_t divisor) {
  TOLLGATE_ASSERT(divisor != 0);
  std::uint64_t rest = 0;
  for (std::size_t i = kLimbs; i-- > 0;) {
    if (rest == 0 && limbs_[i] == 0) continue;
    const std::uint64_t high = rest << kDigitBits | limbs_[i] >> kDigitBits;
    const std::uint64_t low = high % divisor << kDigitBits | (limbs_[i] & kDigitMask);
    limbs_[i] = high / divisor << kDigitBits | low / divisor;
    rest = low % divisor;
  }
  return static_cast<std::uint32_t>(rest);
}

/// Schoolbook division with digits of 32 bits (Knuth, The Art of Computer Programming 2, 4.3.1, algorithm D).
Uint256::Division Uint256::divide(const Uint256& divisor) const {
  Digits low = divisor.digits();
  const std::size_t n = significant(low);
  TOLLGATE_ASSERT(n > 0);
  if (n == 1) {
    Division result{*this, {}};
    result.rest = Uint128(result.quotient.divide_small(low[0]));
    return result;
  }
  if (*this < divisor) return {{}, *this};

  // The divisor's first digit gets its top bit set, so that a guess from two digits is at most two too high.
  const int shift = std::countl_zero(low[n - 1]);
  Digits rest = digits();
  const std::size_t m = significant(rest);
  shift_left(rest, m + 1, shift);
  shift_left(low, n, shift);
  Digits quotient{};
  for (std::size_t j = m - n + 1; j-- > 0;) {
    quotient[j] = take_multiple(std::span(rest).subspan(j, n + 1), std::span(low).first(n));
  }
  for (std::size_t i = 0; i < n; ++i) {
    rest[i] = static_cast<std::uint32_t>((std::uint64_t{rest[i + 1]} << kDigitBits | rest[i]) >> shift);
  }
  for (std::size_t i = n; i <= kDigits; ++i) rest[i] = 0;
  return {from_digits(quotient), from_digits(rest)};
}

}  // namespace tollgate::money
