#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace tollgate {

/// A ULID: 48 bits of milliseconds and 80 random bits in 26 characters of Crockford's base 32. Sorts by time.
struct Ulid {
  static constexpr std::size_t kLength = 26;
  static constexpr std::size_t kRandomBytes = 10;

  std::array<char, kLength> characters{};

  static Ulid make(std::int64_t now_ms, std::span<const std::uint8_t, kRandomBytes> random);
  std::string_view view() const { return {characters.data(), characters.size()}; }
};

/// 26 characters of the alphabet (upper case, without I, L, O, U), the first at most `7`.
bool is_ulid(std::string_view text);

}  // namespace tollgate
