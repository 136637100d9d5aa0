#include "base/api_key.h"

#include "base/limits.h"
#include "base/text.h"

namespace tollgate {
namespace {

constexpr std::string_view kBase62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

void write_checksum(std::uint32_t checksum, char* to) {
  for (std::size_t i = ApiKeyText::kChecksumLength; i-- > 0; checksum /= 62) to[i] = kBase62[checksum % 62];
}

bool well_formed_tgk(std::string_view key) {
  if (key.size() != ApiKeyText::kLength || !key.starts_with(ApiKeyText::kPrefix)) return false;
  const std::string_view random = key.substr(ApiKeyText::kPrefix.size(), ApiKeyText::kRandomLength);
  for (char c : random) {
    if (!is_alnum(c)) return false;
  }
  char expected[1 + ApiKeyText::kChecksumLength] = {'_'};
  write_checksum(crc32(random), expected + 1);
  return key.ends_with(std::string_view(expected, sizeof expected));
}

}  // namespace

bool make_api_key(std::span<const std::uint8_t, kApiKeySeedBytes> seed, ApiKeyText& key) {
  char* to = key.characters.data();
  for (char c : ApiKeyText::kPrefix) *to++ = c;
  char* const random = to;
  for (std::uint8_t byte : seed) {
    const std::size_t index = byte & 63;
    if (index < kBase62.size() && to < random + ApiKeyText::kRandomLength) *to++ = kBase62[index];
  }
  if (to < random + ApiKeyText::kRandomLength) return false;
  *to++ = '_';
  write_checksum(crc32({random, ApiKeyText::kRandomLength}), to);
  return true;
}

bool well_formed(std::string_view key, KeyFormat format) {
  if (key.empty() || key.size() > limits::kMaxKeyLength) return false;
  if (format == KeyFormat::tgk) return well_formed_tgk(key);
  for (char c : key) {
    // A comma would let two joined headers pass for one key (S4 of the invariants).
    if (!is_visible(c) || c == ',') return false;
  }
  return true;
}

std::uint32_t crc32(std::string_view data) {
  std::uint32_t crc = ~0U;
  for (char c : data) {
    crc ^= static_cast<std::uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (0xedb88320U & (0U - (crc & 1)));
  }
  return ~crc;
}

}  // namespace tollgate
