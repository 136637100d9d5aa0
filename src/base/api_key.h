#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace tollgate {

/// What a key must look like before anybody is asked about it (S6.3). Set per bucket.
enum class KeyFormat : std::uint8_t {
  any,  ///< keys imported from elsewhere: visible ASCII, at most `limits::kMaxKeyLength`
  tgk,  ///< `tgk_<random>_<checksum>`: ours
};

/// A key of our own format: `tgk_`, 32 random characters of base 62 (190 bits), `_`, and 6 characters of base 62 that
/// hold the CRC-32 of the random part. All of it is letters, digits and underscores, so a double click selects it.
///
///     tgk_4fQx0ZK3vT9b2n6C5c1R0wY8aLmPqSdE_1xK9fQ
struct ApiKeyText {
  static constexpr std::size_t kRandomLength = 32;
  static constexpr std::size_t kChecksumLength = 6;
  static constexpr std::string_view kPrefix = "tgk_";
  static constexpr std::size_t kLength = kPrefix.size() + kRandomLength + 1 + kChecksumLength;

  std::array<char, kLength> characters{};
  std::string_view view() const { return {characters.data(), characters.size()}; }
};

/// Random bytes that one key takes: six bits of each choose a character, those that miss base 62 are skipped.
inline constexpr std::size_t kApiKeySeedBytes = 64;

/// Makes a key out of random bytes of the host. False when too many bytes missed base 62 (odds below 10^-20): ask for
/// fresh ones.
bool make_api_key(std::span<const std::uint8_t, kApiKeySeedBytes> seed, ApiKeyText& key);

/// Whether `key` may be looked up at all: its characters, its length and, for `tgk`, its checksum.
bool well_formed(std::string_view key, KeyFormat format);

/// CRC-32 (IEEE 802.3). A checksum against typing errors, not against forgery.
std::uint32_t crc32(std::string_view data);

}  // namespace tollgate
