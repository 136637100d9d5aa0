#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace tollgate {

/// SHA-256 of a key: what identifies the key everywhere outside the request that carries it (S4.1, S6.3).
struct Digest {
  std::array<std::uint8_t, 32> bytes{};

  static constexpr std::size_t kHexLength = 64;
  /// Writes 64 lower-case hexadecimal digits.
  void write_hex(char* to) const;
};

Digest sha256(std::string_view data);

/// `sha256(data)` in lower-case hexadecimal digits.
std::string digest_hex(std::string_view data);

/// Compares without branching on the content, so that the time tells nothing about how much of it agrees (S6.2).
bool equal_in_constant_time(const Digest& a, const Digest& b);

}  // namespace tollgate
