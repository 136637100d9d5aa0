#pragma once

#include "base/quantity.h"
#include "base/result.h"
#include "money/decimal.h"
#include "money/error.h"
#include "money/uint256.h"

#include <cstddef>
#include <string_view>

namespace tollgate::money {

/// What a price and a quantity come to before anything is rounded: a multiple of 10^-38, ≥ 0, in 256 bits. A quantity
/// (nine fractional digits) times a price (18) times a percentage (11) has 38 fractional digits, so every step of
/// rating is exact; `rounded` (money/round.h) is the only way out.
///
///     Exact::product(*Quantity::parse("3"), *Decimal::parse("0.5"))   // 1.5
class Exact {
 public:
  static constexpr int kFractionDigits = 38;
  /// Longest text that `write` makes.
  static constexpr std::size_t kMaxText = 80;

  Exact() = default;
  /// Reads a JSON number, exactly: takes whatever `write` makes. `out_of_range` below 0 and beyond 256 bits.
  static Result<Exact, MoneyError> parse(std::string_view text);
  /// Neither factor may be negative: that is refused where it enters, and traps here.
  static Exact of(Decimal value);
  static Result<Exact, MoneyError> product(Quantity quantity, Decimal price);

  Result<Exact, MoneyError> plus(const Exact& other) const;
  /// `other` is not greater: anything else traps.
  Exact minus(const Exact& other) const;
  /// So many hundredths of it; `percentage` is from 0 to 100. Only of what has no percentage in it yet: with a second
  /// one there would be digits left over, which traps.
  Exact percent(Quantity percentage) const;

  const Uint256& units() const { return units_; }
  bool zero() const { return units_.zero(); }

  /// Writes the shortest decimal and returns its length, at most `kMaxText`.
  std::size_t write(char* to) const;

  friend bool operator==(const Exact&, const Exact&) = default;
  friend bool operator<(const Exact& a, const Exact& b) { return a.units_ < b.units_; }

 private:
  explicit Exact(const Uint256& units) : units_(units) {}

  Uint256 units_;
};

}  // namespace tollgate::money
