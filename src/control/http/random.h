#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tollgate::control {

/// Any number of random bytes out of the seed of one request: SHA-256 over seed and counter, block by block. Since the
/// seed is the same in every pass of a request, so are the ids that it makes.
class Random {
 public:
  explicit Random(std::string_view seed) : seed_(seed) {}

  void fill(std::span<std::uint8_t> to);

  template <std::size_t kSize>
  std::array<std::uint8_t, kSize> bytes() {
    std::array<std::uint8_t, kSize> bytes;
    fill(bytes);
    return bytes;
  }

 private:
  std::string_view seed_;
  std::uint64_t block_ = 0;
};

}  // namespace tollgate::control
