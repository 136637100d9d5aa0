#pragma once

#include "base/int128.h"
#include "base/result.h"
#include "money/currency.h"
#include "money/decimal.h"
#include "money/error.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tollgate::money {

/// What somebody owes or is owed: a whole number of minor units of one currency. Negative for what is given back.
///
///     Amount::minor(1999, Currency::usd())      // 19.99 USD
///     Amount::parse("19.99", Currency::usd())
///
/// Amounts of different currencies never meet: to add or compare them is a bug and traps.
class Amount {
 public:
  /// Greatest magnitude: 10^36 minor units, so that 100 amounts add up within 128 bits before anybody looks.
  static constexpr Int128 kMostMinor = Int128(1'000'000'000'000'000'000) * 1'000'000'000'000'000'000;
  /// Longest text that `write` makes: sign, 37 digits, point.
  static constexpr std::size_t kMaxText = 39;

  /// 0 of no currency.
  constexpr Amount() = default;
  static constexpr Amount zero(Currency currency) { return Amount(0, currency); }
  static constexpr Amount minor(std::int64_t units, Currency currency) { return Amount(units, currency); }
  /// `overflow` beyond `kMostMinor`.
  static constexpr Result<Amount, MoneyError> wide_minor(Int128 units, Currency currency) {
    if (units > kMostMinor || units < -kMostMinor) return fail(MoneyError::overflow);
    return Amount(units, currency);
  }
  /// Reads a JSON number with at most the currency's digits; never rounds. Takes whatever `write` makes; `out_of_range`
  /// beyond `kMostMinor`.
  static Result<Amount, MoneyError> parse(std::string_view text, Currency currency);

  constexpr Currency currency() const { return currency_; }
  constexpr Int128 minor_units() const { return units_; }
  constexpr bool positive() const { return units_ > 0; }
  constexpr bool negative() const { return units_ < 0; }
  constexpr bool zero() const { return units_ == 0; }

  constexpr Amount negated() const { return Amount(-units_, currency_); }
  constexpr Result<Amount, MoneyError> plus(Amount other) const {
    TOLLGATE_ASSERT(currency_ == other.currency_);
    return wide_minor(units_ + other.units_, currency_);
  }
  constexpr Result<Amount, MoneyError> minus(Amount other) const { return plus(other.negated()); }
  constexpr bool less_than(Amount other) const {
    TOLLGATE_ASSERT(currency_ == other.currency_);
    return units_ < other.units_;
  }

  /// The same value as a price is written; `out_of_range` from 10^18 units on.
  Result<Decimal, MoneyError> decimal() const;
  /// Writes all digits of the minor unit (`19.90`, `2`, `-0.004`) and returns the length, at most `kMaxText`.
  std::size_t write(char* to) const;

  friend constexpr bool operator==(Amount, Amount) = default;

 private:
  constexpr Amount(Int128 units, Currency currency) : units_(units), currency_(currency) {}

  Int128 units_ = 0;
  Currency currency_;
};

}  // namespace tollgate::money
