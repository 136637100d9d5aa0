#pragma once

#include "base/int128.h"
#include "base/result.h"
#include "money/amount.h"
#include "money/error.h"
#include "money/uint256.h"

#include <cstddef>
#include <string>
#include <string_view>

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

/// Reads a JSON number (`12`, `0.0005`, `1e-3`) as a count of 10^-fraction_digits, exactly; zeros at the end of the
/// fraction do not count as digits. `out_of_range` beyond a magnitude of `most`, which is at most 10^37.
Result<Int128, MoneyError> read_fixed(std::string_view text, int fraction_digits, Int128 most);

/// All digits of the minor unit: `29.00`.
std::string amount_text(Amount amount);

}  // namespace tollgate::money
