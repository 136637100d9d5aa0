#include "base/api_key.h"
#include "base/ulid.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <random>
#include <set>
#include <string>

namespace tollgate {
namespace {

std::array<std::uint8_t, kApiKeySeedBytes> seed_of(std::mt19937_64& random) {
  std::array<std::uint8_t, kApiKeySeedBytes> seed;
  for (std::uint8_t& byte : seed) byte = static_cast<std::uint8_t>(random());
  return seed;
}

std::string make_key(std::mt19937_64& random) {
  ApiKeyText key;
  while (!make_api_key(seed_of(random), key)) {
  }
  return std::string(key.view());
}

BOOST_AUTO_TEST_CASE(crc32_has_the_check_value_of_the_standard) {
  BOOST_TEST(crc32("123456789") == 0xcbf43926U);
  BOOST_TEST(crc32("") == 0U);
  BOOST_TEST(crc32("The quick brown fox jumps over the lazy dog") == 0x414fa339U);
}

BOOST_AUTO_TEST_CASE(made_keys_are_well_formed_and_differ) {
  std::mt19937_64 random(3);
  std::set<std::string> keys;
  for (int i = 0; i < 10'000; ++i) {
    const std::string key = make_key(random);
    BOOST_REQUIRE(well_formed(key, KeyFormat::tgk));
    BOOST_REQUIRE(well_formed(key, KeyFormat::any));
    BOOST_REQUIRE(key.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_") ==
                  std::string::npos);
    keys.insert(key);
  }
  BOOST_TEST(keys.size() == 10'000U);
}

BOOST_AUTO_TEST_CASE(every_changed_or_missing_character_is_noticed) {
  std::mt19937_64 random(4);
  const std::string key = make_key(random);
  for (std::size_t i = 0; i < key.size(); ++i) {
    for (int c = 0; c < 256; ++c) {
      std::string changed = key;
      changed[i] = static_cast<char>(c);
      if (changed != key) BOOST_REQUIRE_MESSAGE(!well_formed(changed, KeyFormat::tgk), changed);
    }
    std::string shorter = key;
    shorter.erase(i, 1);
    BOOST_TEST(!well_formed(shorter, KeyFormat::tgk));
    std::string swapped = key;
    if (i + 1 < key.size()) std::swap(swapped[i], swapped[i + 1]);
    if (swapped != key) BOOST_TEST(!well_formed(swapped, KeyFormat::tgk));
  }
  BOOST_TEST(!well_formed(key + "0", KeyFormat::tgk));
}

BOOST_AUTO_TEST_CASE(a_seed_that_misses_base_62_is_refused) {
  std::array<std::uint8_t, kApiKeySeedBytes> seed;
  seed.fill(0xff);
  ApiKeyText key;
  BOOST_TEST(!make_api_key(seed, key));
  for (std::size_t i = 0; i < ApiKeyText::kRandomLength - 1; ++i) seed[2 * i] = 0;
  BOOST_TEST(!make_api_key(seed, key));
  seed.back() = 61;
  BOOST_TEST(make_api_key(seed, key));
  BOOST_TEST(key.view().substr(4, 32) == "0000000000000000000000000000000z");
}

struct ForeignKey {
  const char* name;
  std::string key;
  bool any;
};
std::ostream& operator<<(std::ostream& out, const ForeignKey& row) { return out << row.name; }

const ForeignKey kForeign[] = {
    {"empty", "", false},
    {"one character", "k", true},
    {"another gateway's", "zpka_9f3b_2c1d:=/+~", true},
    {"as long as may be", std::string(512, 'k'), true},
    {"longer", std::string(513, 'k'), false},
    {"a blank", "a b", false},
    {"a comma", "a,b", false},
    {"a control character", std::string("a\0b", 3), false},
    {"a delete", "a\x7f", false},
    {"beyond ASCII", "k\xc3\xa9", false},
};

BOOST_DATA_TEST_CASE(foreign_keys_are_visible_ascii, kForeign, row) {
  BOOST_TEST(well_formed(row.key, KeyFormat::any) == row.any);
  BOOST_TEST(!well_formed(row.key, KeyFormat::tgk));
}

BOOST_AUTO_TEST_CASE(ulids_have_the_published_form) {
  const std::array<std::uint8_t, Ulid::kRandomBytes> zeros{};
  std::array<std::uint8_t, Ulid::kRandomBytes> ones;
  ones.fill(0xff);
  BOOST_TEST(Ulid::make(0, zeros).view() == "00000000000000000000000000");
  BOOST_TEST(Ulid::make(0xffff'ffff'ffff, ones).view() == "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
  // The time of the example in the ULID specification, 01ARYZ6S41.
  BOOST_TEST(Ulid::make(1'469'918'176'385, zeros).view() == "01ARYZ6S410000000000000000");
}

BOOST_AUTO_TEST_CASE(ulids_sort_by_time_and_keep_all_random_bits) {
  std::mt19937_64 random(5);
  std::array<std::uint8_t, Ulid::kRandomBytes> bytes;
  std::string last;
  for (std::int64_t now = 1'768'471'200'000; now < 1'768'471'201'000; ++now) {
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
    const std::string id(Ulid::make(now, bytes).view());
    BOOST_REQUIRE(is_ulid(id));
    BOOST_REQUIRE(last < id);
    last = id;
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      auto changed = bytes;
      changed[i] = static_cast<std::uint8_t>(changed[i] ^ (1 << bit));
      BOOST_TEST(Ulid::make(1, changed).view() != Ulid::make(1, bytes).view());
    }
  }
}

struct UlidRow {
  const char* text;
  bool valid;
};
std::ostream& operator<<(std::ostream& out, const UlidRow& row) { return out << row.text; }

const UlidRow kUlids[] = {
    {"01KNVXHQG356VA7T7W0V9N21GH", true},  {"7ZZZZZZZZZZZZZZZZZZZZZZZZZ", true},
    {"8ZZZZZZZZZZZZZZZZZZZZZZZZZ", false}, {"", false},
    {"01KNVXHQG356VA7T7W0V9N21G", false},  {"01KNVXHQG356VA7T7W0V9N21GHH", false},
    {"01knvxhqg356va7t7w0v9n21gh", false}, {"01KNVXHQG356VA7T7W0V9N21GI", false},
    {"01KNVXHQG356VA7T7W0V9N21GL", false}, {"01KNVXHQG356VA7T7W0V9N21GO", false},
    {"01KNVXHQG356VA7T7W0V9N21GU", false}, {"01KNVXHQG356VA7T7W0V9N21G-", false},
};

BOOST_DATA_TEST_CASE(recognises_ulids, kUlids, row) { BOOST_TEST(is_ulid(row.text) == row.valid); }

}  // namespace
}  // namespace tollgate
