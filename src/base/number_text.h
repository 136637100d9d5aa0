#pragma once

#include "base/text.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tollgate {

/// The parts of a JSON number (`12`, `-0.5`, `1e3`), before any arithmetic. Digit i of integer and fraction together
/// weighs 10^(integer.size() + exponent - 1 - i). The digits belong to the text that was split.
struct NumberText {
  bool negative = false;
  std::string_view integer;
  std::string_view fraction;
  int exponent = 0;  ///< clamped to a magnitude below 10^6, far beyond every type of number here

  std::size_t digits() const { return integer.size() + fraction.size(); }
  unsigned digit(std::size_t i) const {
    return static_cast<unsigned>((i < integer.size() ? integer[i] : fraction[i - integer.size()]) - '0');
  }
  /// The power of ten that digit 0 stands for.
  std::int64_t first_weight() const { return static_cast<std::int64_t>(integer.size()) + exponent - 1; }
};

namespace detail {

inline std::string_view take_digits(std::string_view& text) {
  std::size_t n = 0;
  while (n < text.size() && is_digit(text[n])) ++n;
  const std::string_view digits = text.substr(0, n);
  text.remove_prefix(n);
  return digits;
}

inline bool take_char(std::string_view& text, char c) {
  if (text.empty() || lower(text.front()) != c) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace detail

/// Splits a text; false when it is not in the grammar of a JSON number (RFC 8259).
inline bool split_number(std::string_view text, NumberText& number) {
  number.negative = detail::take_char(text, '-');
  number.integer = detail::take_digits(text);
  if (number.integer.empty() || (number.integer.size() > 1 && number.integer.front() == '0')) return false;
  if (detail::take_char(text, '.')) {
    number.fraction = detail::take_digits(text);
    if (number.fraction.empty()) return false;
  }
  if (detail::take_char(text, 'e')) {
    const bool minus = detail::take_char(text, '-');
    if (!minus) detail::take_char(text, '+');
    const std::string_view digits = detail::take_digits(text);
    if (digits.empty()) return false;
    for (char c : digits) {
      if (number.exponent < 100'000) number.exponent = number.exponent * 10 + (c - '0');
    }
    if (minus) number.exponent = -number.exponent;
  }
  return text.empty();
}

}  // namespace tollgate
