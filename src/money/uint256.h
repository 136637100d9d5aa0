#pragma once

#include "base/int128.h"

#include <array>
#include <cstdint>

namespace tollgate::money {

/// What products of 128-bit numbers need: an unsigned integer of 256 bits. It never wraps: an operation that would
/// leave the range says so and changes nothing.
class Uint256 {
 public:
  struct Division;

  constexpr Uint256() = default;
  constexpr Uint256(Uint128 n) : limbs_{static_cast<std::uint64_t>(n), static_cast<std::uint64_t>(n >> 64), 0, 0} {}

  static Uint256 product(Uint128 a, Uint128 b);

  /// False, unchanged, when the result would have more than 256 bits.
  [[nodiscard]] bool add(const Uint256& other);
  [[nodiscard]] bool multiply(std::uint64_t factor);
  /// `other` is not greater: anything else traps.
  void subtract(const Uint256& other);

  /// Quotient rounded towards zero, and the rest. `divisor` is not 0.
  Division divide(const Uint256& divisor) const;
  /// Divides in place and returns the rest. `divisor` is not 0.
  std::uint32_t divide_small(std::uint32_t divisor);

  bool zero() const { return (limbs_[0] | limbs_[1] | limbs_[2] | limbs_[3]) == 0; }
  bool fits_128() const { return (limbs_[2] | limbs_[3]) == 0; }
  /// Traps where it does not fit.
  Uint128 to_128() const;

  friend constexpr bool operator==(const Uint256&, const Uint256&) = default;
  friend constexpr bool operator<(const Uint256& a, const Uint256& b) {
    for (std::size_t i = kLimbs; i-- > 0;) {
      if (a.limbs_[i] != b.limbs_[i]) return a.limbs_[i] < b.limbs_[i];
    }
    return false;
  }

 private:
  static constexpr std::size_t kLimbs = 4;
  static constexpr std::size_t kDigits = 2 * kLimbs;  ///< of 32 bits
  /// Digits of 32 bits, the lowest first, with one more than a number has: room for what a normalising shift pushes
  /// out.
  using Digits = std::array<std::uint32_t, kDigits + 1>;

  Digits digits() const;
  static Uint256 from_digits(const Digits& digits);
  static std::size_t significant(const Digits& digits);

  std::array<std::uint64_t, kLimbs> limbs_{};  ///< the lowest first
};

struct Uint256::Division {
  Uint256 quotient;
  Uint256 rest;
};

}  // namespace tollgate::money
