#pragma once

#include <cstdint>
#include <string_view>

namespace tollgate::money {

/// Why there is no amount. Nothing here ever wraps, saturates or loses a digit instead.
enum class MoneyError : std::uint8_t {
  not_a_decimal,     ///< not in the grammar of a JSON number
  too_many_digits,   ///< more fractional digits than the type or the currency has
  out_of_range,      ///< what was read has a magnitude of 10^18 or more
  overflow,          ///< what was computed lies beyond `Amount::kMostMinor`, or beyond 256 bits on the way there
  unknown_currency,  ///< not a code of ISO 4217
};

}  // namespace tollgate::money
