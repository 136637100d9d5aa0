#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tollgate::money {

/// A currency of ISO 4217, list one: its code and how many decimal digits its minor unit takes (0, 2, 3 or 4). Codes
/// without a minor unit (metals, test codes) are no currencies that anybody can pay in and are not there.
///
///     Currency::of("KWD")->minor_digits() == 3
class Currency {
 public:
  /// No currency, for which ISO 4217 has a code. What a default-constructed amount is in; `of` never gives it.
  constexpr Currency() = default;
  static constexpr Currency eur() { return Currency("EUR", 2); }
  static constexpr Currency jpy() { return Currency("JPY", 0); }
  static constexpr Currency usd() { return Currency("USD", 2); }

  /// The currency of a code: three upper-case letters.
  static std::optional<Currency> of(std::string_view code);

  constexpr std::string_view code() const { return {code_, 3}; }
  constexpr int minor_digits() const { return minor_digits_; }

  friend constexpr bool operator==(const Currency&, const Currency&) = default;

 private:
  constexpr Currency(std::string_view code, std::uint8_t minor_digits)
      : code_{code[0], code[1], code[2]}, minor_digits_(minor_digits) {}

  char code_[3] = {'X', 'X', 'X'};
  std::uint8_t minor_digits_ = 0;
};

inline constexpr int kMostMinorDigits = 4;

bool is_currency(std::string_view code);

}  // namespace tollgate::money
