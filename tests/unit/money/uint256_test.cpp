#include "money/uint256.h"

#include "money/text.h"
#include "tests/reference/cases.h"

#include <boost/multiprecision/cpp_int.hpp>
#include <boost/test/unit_test.hpp>

#include <random>
#include <string>

namespace tollgate::money {
namespace {

using boost::multiprecision::cpp_int;

cpp_int big(Uint128 n) { return (cpp_int(static_cast<std::uint64_t>(n >> 64)) << 64) + static_cast<std::uint64_t>(n); }

std::string text_of(const Uint256& n) {
  char text[kMaxFixedText];
  return {text, write_fixed({.magnitude = n}, text)};
}

cpp_int big(const Uint256& n) { return cpp_int(text_of(n)); }

/// All lengths are equally likely, and bits come in runs: what carries and guessed digits trip over.
Uint128 random_128(std::mt19937_64& random) {
  Uint128 n = 0;
  for (int bits = 0; bits < 128;) {
    const int run = 1 + static_cast<int>(random() % 40);
    const bool ones = random() % 2 == 0;
    for (int i = 0; i < run && bits < 128; ++i, ++bits) n = n << 1 | (ones ? 1 : 0);
  }
  const int kept = static_cast<int>(random() % 129);
  return kept == 0 ? 0 : n >> (128 - kept);
}

Uint256 random_256(std::mt19937_64& random) {
  Uint256 n = Uint256::product(random_128(random), random_128(random));
  if (random() % 2 == 0) static_cast<void>(n.add(random_128(random)));
  return n;
}

const cpp_int kLimit = cpp_int(1) << 256;

BOOST_AUTO_TEST_CASE(agrees_with_arbitrary_precision) {
  std::mt19937_64 random(20260101);
  const int count = reference::cases(400'000);
  for (int i = 0; i < count; ++i) {
    const Uint256 a = random_256(random);
    const Uint256 b = random_256(random);
    const std::uint64_t factor = static_cast<std::uint64_t>(random_128(random));
    const auto small = static_cast<std::uint32_t>(random() >> (random() % 32)) | 1U;
    const cpp_int big_a = big(a);
    const cpp_int big_b = big(b);
    BOOST_TEST_INFO("a = " << big_a << ", b = " << big_b << ", factor = " << factor << ", small = " << small);

    Uint256 sum = a;
    const bool added = sum.add(b);
    const bool sum_fits = big_a + big_b < kLimit;
    Uint256 times = a;
    const bool multiplied = times.multiply(factor);
    const bool product_fits = big_a * factor < kLimit;
    Uint256 by_small = a;
    const std::uint32_t small_rest = by_small.divide_small(small);
    bool agrees = added == sum_fits && big(sum) == (sum_fits ? cpp_int(big_a + big_b) : big_a);
    agrees = agrees && multiplied == product_fits && big(times) == (product_fits ? cpp_int(big_a * factor) : big_a);
    agrees = agrees && big(by_small) == big_a / small && small_rest == big_a % small;
    agrees = agrees && (a < b) == (big_a < big_b) && (a == b) == (big_a == big_b);
    if (!b.zero()) {
      const auto [quotient, rest] = a.divide(b);
      agrees = agrees && big(quotient) == big_a / big_b && big(rest) == big_a % big_b;
    }
    if (!(a < b)) {
      Uint256 difference = a;
      difference.subtract(b);
      agrees = agrees && big(difference) == big_a - big_b;
    }
    BOOST_REQUIRE(agrees);
  }
  reference::report_cases("256-bit arithmetic", count);
}

BOOST_AUTO_TEST_CASE(products_are_exact) {
  std::mt19937_64 random(7);
  for (int i = 0; i < reference::cases(200'000); ++i) {
    const Uint128 a = random_128(random);
    const Uint128 b = random_128(random);
    BOOST_REQUIRE_MESSAGE(big(Uint256::product(a, b)) == big(a) * big(b), big(a) << " x " << big(b));
  }
}

/// A divisor whose first guess of a digit is two too high, the rarest turn of schoolbook division.
BOOST_AUTO_TEST_CASE(guesses_that_are_too_high) {
  Uint256 dividend = Uint256::product(Uint128(1) << 127, Uint128(1) << 96);
  Uint256 divisor = Uint128(0x8000'0000'0000'0000) << 32;
  BOOST_REQUIRE(divisor.add(Uint128(1)));
  const auto [quotient, rest] = dividend.divide(divisor);
  BOOST_TEST(big(quotient) == big(dividend) / big(divisor));
  BOOST_TEST(big(rest) == big(dividend) % big(divisor));
}

BOOST_AUTO_TEST_CASE(fixed_point_text) {
  struct Row {
    Uint128 magnitude;
    int digits;
    bool keep;
    const char* text;
  };
  const Row rows[] = {
      {0, 0, true, "0"},
      {0, 2, true, "0.00"},
      {0, 38, false, "0"},
      {5, 2, true, "0.05"},
      {2900, 2, true, "29.00"},
      {2900, 2, false, "29"},
      {2910, 2, false, "29.1"},
      {1, 18, false, "0.000000000000000001"},
      {120, 0, false, "120"},
      {1'000'000'000, 9, false, "1"},
      {1'000'000'000, 0, true, "1000000000"},
      {1'000'000'000, 10, true, "0.1000000000"},
  };
  for (const Row& row : rows) {
    char text[kMaxFixedText];
    const std::size_t length =
        write_fixed({.magnitude = row.magnitude, .fraction_digits = row.digits, .keep_zeros = row.keep}, text);
    BOOST_TEST(std::string(text, length) == row.text);
  }
  char text[kMaxFixedText];
  const std::size_t length = write_fixed({.negative = true, .magnitude = Uint128(7), .fraction_digits = 1}, text);
  BOOST_TEST(std::string(text, length) == "-0.7");
}

}  // namespace
}  // namespace tollgate::money
