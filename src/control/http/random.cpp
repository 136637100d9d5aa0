#include "control/http/random.h"

#include "base/sha256.h"

#include <algorithm>
#include <string>

namespace tollgate::control {

void Random::fill(std::span<std::uint8_t> to) {
  std::string input(seed_);
  input.append(sizeof block_, '\0');
  while (!to.empty()) {
    for (std::size_t i = 0; i < sizeof block_; ++i) input[seed_.size() + i] = static_cast<char>(block_ >> (8 * i));
    ++block_;
    const Digest digest = sha256(input);
    const std::size_t taken = std::min(to.size(), digest.bytes.size());
    std::copy_n(digest.bytes.begin(), taken, to.begin());
    to = to.subspan(taken);
  }
}

}  // namespace tollgate::control
