#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tollgate {

/// 128 random bits that key a `siphash`. One per instance, never shared, never logged.
struct SipKey {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

struct Hash128 {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  friend constexpr bool operator==(const Hash128&, const Hash128&) = default;
};

namespace detail {

struct SipState {
  std::uint64_t v0, v1, v2, v3;

  static constexpr std::uint64_t rotate(std::uint64_t x, int bits) { return (x << bits) | (x >> (64 - bits)); }

  template <int kRounds>
  constexpr void rounds() {
    for (int i = 0; i < kRounds; ++i) {
      v0 += v1;
      v1 = rotate(v1, 13) ^ v0;
      v0 = rotate(v0, 32);
      v2 += v3;
      v3 = rotate(v3, 16) ^ v2;
      v0 += v3;
      v3 = rotate(v3, 21) ^ v0;
      v2 += v1;
      v1 = rotate(v1, 17) ^ v2;
      v2 = rotate(v2, 32);
    }
  }
};

inline std::uint64_t load_word(const unsigned char* from) {
  std::uint64_t word;
  std::memcpy(&word, from, sizeof word);  // every target is little-endian
  return word;
}

}  // namespace detail

/// SipHash-c-d with 128 bits of output, as published by Aumasson and Bernstein. `kCompress` rounds for each word of the
/// input, `kFinish` rounds at the end. docs/decisions/0003-key-hash.md says which variant is used where, and why.
template <int kCompress, int kFinish>
inline Hash128 siphash(const SipKey& key, const char* data, std::size_t size) {
  detail::SipState s{0x736f6d6570736575ULL ^ key.low, 0x646f72616e646f6dULL ^ key.high ^ 0xee,
                     0x6c7967656e657261ULL ^ key.low, 0x7465646279746573ULL ^ key.high};
  const auto* bytes = reinterpret_cast<const unsigned char*>(data);
  const std::size_t whole = size & ~std::size_t{7};
  for (std::size_t i = 0; i < whole; i += 8) {
    const std::uint64_t word = detail::load_word(bytes + i);
    s.v3 ^= word;
    s.template rounds<kCompress>();
    s.v0 ^= word;
  }
  std::uint64_t last = static_cast<std::uint64_t>(size) << 56;
  for (std::size_t i = whole; i < size; ++i) last |= static_cast<std::uint64_t>(bytes[i]) << (8 * (i - whole));
  s.v3 ^= last;
  s.template rounds<kCompress>();
  s.v0 ^= last;
  s.v2 ^= 0xee;
  s.template rounds<kFinish>();
  const std::uint64_t low = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
  s.v1 ^= 0xdd;
  s.template rounds<kFinish>();
  return {low, s.v0 ^ s.v1 ^ s.v2 ^ s.v3};
}

}  // namespace tollgate
