#include "base/sha256.h"
#include "base/siphash.h"

#include <boost/test/unit_test.hpp>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <memory>
#include <random>
#include <string>

namespace tollgate {
namespace {

std::string random_bytes(std::mt19937_64& random, std::size_t size) {
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

Digest sha256_of_openssl(const std::string& data) {
  Digest digest;
  unsigned int size = 0;
  BOOST_REQUIRE_EQUAL(EVP_Digest(data.data(), data.size(), digest.bytes.data(), &size, EVP_sha256(), nullptr), 1);
  BOOST_REQUIRE_EQUAL(size, digest.bytes.size());
  return digest;
}

std::string hex(const Digest& digest) {
  std::string text(Digest::kHexLength, '\0');
  digest.write_hex(text.data());
  return text;
}

BOOST_AUTO_TEST_CASE(sha256_of_known_texts) {
  BOOST_TEST(hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  BOOST_TEST(hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

BOOST_AUTO_TEST_CASE(sha256_agrees_with_openssl_at_every_length_to_300) {
  std::mt19937_64 random(1);
  for (std::size_t size = 0; size <= 300; ++size) {
    const std::string data = random_bytes(random, size);
    BOOST_REQUIRE_MESSAGE(sha256(data).bytes == sha256_of_openssl(data).bytes, "length " << size);
  }
  const std::string large = random_bytes(random, 1'000'003);
  BOOST_TEST((sha256(large).bytes == sha256_of_openssl(large).bytes));
}

BOOST_AUTO_TEST_CASE(digests_compare_by_every_byte) {
  const Digest a = sha256("a key");
  BOOST_TEST(equal_in_constant_time(a, sha256("a key")));
  for (std::size_t i = 0; i < a.bytes.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      Digest b = a;
      b.bytes[i] = static_cast<std::uint8_t>(b.bytes[i] ^ (1 << bit));
      BOOST_TEST(!equal_in_constant_time(a, b));
    }
  }
}

Hash128 siphash_of_openssl(const SipKey& key, const std::string& data, unsigned compress, unsigned final) {
  const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> mac(EVP_MAC_fetch(nullptr, "SIPHASH", nullptr), EVP_MAC_free);
  BOOST_REQUIRE(mac);
  const std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context(EVP_MAC_CTX_new(mac.get()), EVP_MAC_CTX_free);
  unsigned output_size = sizeof(Hash128);
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_SIZE, &output_size),
                                   OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_C_ROUNDS, &compress),
                                   OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_D_ROUNDS, &final),
                                   OSSL_PARAM_construct_end()};
  Hash128 hash;
  std::size_t written = 0;
  const auto* text = reinterpret_cast<const unsigned char*>(data.data());
  BOOST_REQUIRE_EQUAL(EVP_MAC_init(context.get(), reinterpret_cast<const unsigned char*>(&key), sizeof key, parameters),
                      1);
  BOOST_REQUIRE_EQUAL(EVP_MAC_update(context.get(), text, data.size()), 1);
  BOOST_REQUIRE_EQUAL(EVP_MAC_final(context.get(), reinterpret_cast<unsigned char*>(&hash), &written, sizeof hash), 1);
  BOOST_REQUIRE_EQUAL(written, sizeof hash);
  return hash;
}

template <int kCompress, int kFinish>
void check_siphash() {
  std::mt19937_64 random(2);
  for (std::size_t size = 0; size <= 200; ++size) {
    const SipKey key{random(), random()};
    const std::string data = random_bytes(random, size);
    const Hash128 expected = siphash_of_openssl(key, data, kCompress, kFinish);
    const Hash128 hash = siphash<kCompress, kFinish>(key, data.data(), data.size());
    BOOST_REQUIRE_MESSAGE(hash == expected, "length " << size);
  }
}

BOOST_AUTO_TEST_CASE(siphash_1_3_agrees_with_openssl) { check_siphash<1, 3>(); }
BOOST_AUTO_TEST_CASE(siphash_2_4_agrees_with_openssl) { check_siphash<2, 4>(); }

BOOST_AUTO_TEST_CASE(siphash_reads_unaligned_text) {
  const SipKey key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  const std::string data = "Bearer tgk_4fQx0ZK3vT9b2n6C5c1R0wY8aLmPqSdE_1xK9fQ";
  const Hash128 expected = siphash<1, 3>(key, data.data(), data.size());
  for (std::size_t shift = 1; shift < 8; ++shift) {
    const std::string shifted = std::string(shift, 'x') + data;
    BOOST_TEST((siphash<1, 3>(key, shifted.data() + shift, data.size()) == expected));
  }
}

}  // namespace
}  // namespace tollgate
