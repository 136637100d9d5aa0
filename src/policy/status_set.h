#pragma once

#include "base/text.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace tollgate {

/// The statuses of responses that are metered: `meterOnStatusCodes` (S2.1), a set within 100-599.
class StatusSet {
 public:
  static constexpr int kFirst = 100;
  static constexpr int kLast = 599;

  /// False when `low..high` does not lie in 100-599 in this order; the set is then as it was.
  constexpr bool add(std::int64_t low, std::int64_t high) {
    if (low < kFirst || high > kLast || low > high) return false;
    for (std::int64_t status = low; status <= high; ++status) {
      const auto bit = static_cast<std::uint32_t>(status - kFirst);
      words_[bit / 64] |= std::uint64_t{1} << (bit % 64);
    }
    return true;
  }

  constexpr bool contains(std::uint32_t status) const {
    const std::uint32_t bit = status - kFirst;
    return bit <= kLast - kFirst && (words_[bit / 64] >> (bit % 64) & 1) != 0;
  }

  constexpr bool empty() const {
    for (std::uint64_t word : words_) {
      if (word != 0) return false;
    }
    return true;
  }

  /// Reads `"200"`, `"200-399"`, `"200, 201, 300-304"`. False for anything else, `"*"` and `""` included.
  constexpr bool parse(std::string_view text) {
    while (true) {
      const std::size_t comma = text.find(',');
      if (!parse_part(trim(text.substr(0, comma)))) return false;
      if (comma == std::string_view::npos) return true;
      text.remove_prefix(comma + 1);
    }
  }

 private:
  constexpr bool parse_part(std::string_view part) {
    const std::size_t dash = part.find('-');
    const int low = parse_status(trim(part.substr(0, dash)));
    const int high = dash == std::string_view::npos ? low : parse_status(trim(part.substr(dash + 1)));
    return add(low, high);
  }

  static constexpr int parse_status(std::string_view digits) {
    if (digits.size() != 3) return -1;
    int status = 0;
    for (char c : digits) {
      if (!is_digit(c)) return -1;
      status = status * 10 + (c - '0');
    }
    return status;
  }

  std::array<std::uint64_t, (kLast - kFirst) / 64 + 1> words_{};
};

}  // namespace tollgate
