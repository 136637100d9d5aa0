#pragma once

#include "money/uint256.h"

#include <cstddef>

namespace tollgate::money {

/// A number of fixed point, to be written.
struct FixedPoint {
  bool negative = false;
  Uint256 magnitude;        ///< a count of 10^-fraction_digits
  int fraction_digits = 0;  ///< at most 38
  bool keep_zeros = false;  ///< write zeros at the end of the fraction: `29.00`, not `29`
};

/// Sign, 78 digits and the point.
inline constexpr std::size_t kMaxFixedText = 80;

/// Writes the number and returns its length, at most `kMaxFixedText`.
std::size_t write_fixed(const FixedPoint& number, char* to);

}  // namespace tollgate::money
