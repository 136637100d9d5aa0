#pragma once

#include "base/int128.h"
#include "base/result.h"
#include "money/error.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tollgate::money {

/// A decimal as prices are written (S7.6): up to 18 fractional digits, a magnitude below 10^18. What a price, a fee, a
/// commitment or a multiplier is before it meets a quantity and a currency; never rounded.
///
///     Decimal::parse("0.000000000001")
class Decimal {
 public:
  static constexpr int kFractionDigits = 18;
  /// Longest text that `write` makes: sign, 18 digits, point, 18 digits.
  static constexpr std::size_t kMaxText = 38;

  constexpr Decimal() = default;
  static constexpr Decimal units(std::int64_t n) { return Decimal(Int128(n) * kAttosPerUnit); }

  /// Reads a JSON number (`12`, `0.0005`, `1e-3`) exactly. Trailing zeros do not count as digits.
  static Result<Decimal, MoneyError> parse(std::string_view text);

  /// A count of 10^-18 units; `out_of_range` from 10^18 units on.
  static constexpr Result<Decimal, MoneyError> of_attos(Int128 attos) {
    if (attos >= kLimit || attos <= -kLimit) return fail(MoneyError::out_of_range);
    return Decimal(attos);
  }

  constexpr Int128 attos() const { return attos_; }
  constexpr bool positive() const { return attos_ > 0; }
  constexpr bool negative() const { return attos_ < 0; }
  constexpr bool zero() const { return attos_ == 0; }

  /// Writes the shortest decimal (`29`, `0.0005`) and returns its length, at most `kMaxText`.
  std::size_t write(char* to) const;

  friend constexpr bool operator==(Decimal, Decimal) = default;
  friend constexpr auto operator<=>(Decimal, Decimal) = default;

 private:
  static constexpr Int128 kAttosPerUnit = 1'000'000'000'000'000'000;
  static constexpr Int128 kLimit = kAttosPerUnit * kAttosPerUnit;
  explicit constexpr Decimal(Int128 attos) : attos_(attos) {}

  Int128 attos_ = 0;
};

}  // namespace tollgate::money
