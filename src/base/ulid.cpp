#include "base/ulid.h"

#include "base/int128.h"

namespace tollgate {
namespace {

constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

}  // namespace

Ulid Ulid::make(std::int64_t now_ms, std::span<const std::uint8_t, kRandomBytes> random) {
  Uint128 bits = static_cast<Uint128>(static_cast<std::uint64_t>(now_ms) & 0xffff'ffff'ffffULL);
  for (std::uint8_t byte : random) bits = bits << 8 | byte;
  Ulid id;
  for (std::size_t i = kLength; i-- > 0; bits >>= 5) id.characters[i] = kCrockford[static_cast<unsigned>(bits) & 31];
  return id;
}

bool is_ulid(std::string_view text) {
  if (text.size() != Ulid::kLength || text.front() > '7') return false;
  for (char c : text) {
    if (kCrockford.find(c) == std::string_view::npos) return false;
  }
  return true;
}

}  // namespace tollgate
