#pragma once

#include <concepts>

namespace tollgate {

/// Quotient rounded towards minus infinity; `divisor` is positive. C++'s own division rounds towards zero, which puts
/// the last day of 1969 into 1970.
template <std::signed_integral T>
constexpr T div_floor(T dividend, T divisor) {
  const T quotient = static_cast<T>(dividend / divisor);
  return static_cast<T>(quotient - (dividend % divisor < 0 ? 1 : 0));
}

/// What `div_floor` leaves: from 0 to `divisor` - 1.
template <std::signed_integral T>
constexpr T mod_floor(T dividend, T divisor) {
  return static_cast<T>(dividend - div_floor(dividend, divisor) * divisor);
}

}  // namespace tollgate
