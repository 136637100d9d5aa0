#include "base/quantity.h"

#include <boost/multiprecision/cpp_int.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <random>
#include <string>

namespace tollgate {
namespace {

using boost::multiprecision::cpp_int;

std::string written(Quantity q) {
  char text[Quantity::kMaxText];
  return {text, q.write(text)};
}

struct Accepted {
  const char* text;
  const char* canonical;
};
std::ostream& operator<<(std::ostream& out, const Accepted& row) { return out << row.text; }

const Accepted kAccepted[] = {
    {"0", "0"},
    {"-0", "0"},
    {"0.0", "0"},
    {"0e999999999", "0"},
    {"0.0000000000000", "0"},
    {"1", "1"},
    {"-12", "-12"},
    {"0.3", "0.3"},
    {"-0.5", "-0.5"},
    {"1500", "1500"},
    {"1.50", "1.5"},
    {"1.000000000000000", "1"},
    {"0.000000001", "0.000000001"},
    {"1e3", "1000"},
    {"1E+3", "1000"},
    {"1e-9", "0.000000001"},
    {"123456789e-9", "0.123456789"},
    {"12345678901234567890e-10", "1234567890.123456789"},
    {"0.000000000000000001e18", "1"},
    {"1000000000000000000000000e-20", "10000"},
    {"999999999999999999.999999999", "999999999999999999.999999999"},
    {"-999999999999999999.999999999", "-999999999999999999.999999999"},
};

BOOST_DATA_TEST_CASE(reads_json_numbers_exactly, kAccepted, row) {
  const auto q = Quantity::parse(row.text);
  BOOST_REQUIRE(q.ok());
  BOOST_TEST(written(*q) == row.canonical);
}

struct Refused {
  const char* text;
  QuantityError error;
};
std::ostream& operator<<(std::ostream& out, const Refused& row) { return out << row.text; }

const Refused kRefused[] = {
    {"", QuantityError::not_a_number},
    {"-", QuantityError::not_a_number},
    {"+1", QuantityError::not_a_number},
    {"01", QuantityError::not_a_number},
    {"-01", QuantityError::not_a_number},
    {"1.", QuantityError::not_a_number},
    {".5", QuantityError::not_a_number},
    {"1e", QuantityError::not_a_number},
    {"1e+", QuantityError::not_a_number},
    {"1e1.5", QuantityError::not_a_number},
    {"--1", QuantityError::not_a_number},
    {"1 ", QuantityError::not_a_number},
    {" 1", QuantityError::not_a_number},
    {"0x10", QuantityError::not_a_number},
    {"1_000", QuantityError::not_a_number},
    {"NaN", QuantityError::not_a_number},
    {"Infinity", QuantityError::not_a_number},
    {"-Infinity", QuantityError::not_a_number},
    {"null", QuantityError::not_a_number},
    {"0.0000000001", QuantityError::too_many_digits},
    {"1.0000000001", QuantityError::too_many_digits},
    {"1e-10", QuantityError::too_many_digits},
    {"1e-999999999", QuantityError::too_many_digits},
    {"1000000000000000000", QuantityError::out_of_range},
    {"-1000000000000000000", QuantityError::out_of_range},
    {"1e18", QuantityError::out_of_range},
    {"1e999999999", QuantityError::out_of_range},
    {"99999999999999999999999999999999999999999999999999", QuantityError::out_of_range},
};

BOOST_DATA_TEST_CASE(refuses_the_rest_by_reason, kRefused, row) {
  const auto q = Quantity::parse(row.text);
  BOOST_REQUIRE(!q.ok());
  BOOST_TEST((q.error() == row.error));
}

/// The value of a decimal text in billionths, as exact fractions have it: `mantissa` × 10^`exponent`.
struct Exact {
  cpp_int numerator;
  cpp_int denominator = 1;

  Exact(const cpp_int& mantissa, int exponent) : numerator(mantissa) {
    for (exponent += 9; exponent > 0; --exponent) numerator *= 10;
    for (; exponent < 0; ++exponent) denominator *= 10;
  }
  bool whole() const { return numerator % denominator == 0; }
  cpp_int floor() const {
    const cpp_int quotient = numerator / denominator;
    return numerator < 0 && !whole() ? cpp_int(quotient - 1) : quotient;
  }
};

cpp_int big(Int128 n) {
  const bool negative = n < 0;
  const Uint128 magnitude = negative ? -static_cast<Uint128>(n) : static_cast<Uint128>(n);
  cpp_int wide = static_cast<std::uint64_t>(magnitude >> 64);
  wide = (wide << 64) + static_cast<std::uint64_t>(magnitude);
  return negative ? cpp_int(-wide) : wide;
}

/// `mantissa` × 10^`exponent` with the point set after `integer_digits` of the mantissa's digits.
std::string decimal_text(const std::string& digits, std::size_t integer_digits, bool negative, int exponent) {
  std::string text = negative ? "-" : "";
  text += integer_digits == 0 ? "0" : digits.substr(0, integer_digits);
  if (integer_digits < digits.size()) text += "." + digits.substr(integer_digits);
  const int shift = exponent + static_cast<int>(digits.size() - integer_digits);
  return shift == 0 ? text : text + "e" + std::to_string(shift);
}

BOOST_AUTO_TEST_CASE(agrees_with_exact_fractions_on_random_decimals) {
  std::mt19937_64 random(20260115);
  const cpp_int limit = cpp_int(1'000'000'000) * 1'000'000'000 * 1'000'000'000;
  int read = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string digits = std::to_string(1 + random() % 9);
    for (std::size_t n = random() % 24; n > 0; --n)
      digits += static_cast<char>('0' + (random() % 3 == 0 ? 0 : random() % 10));
    const int exponent = static_cast<int>(random() % 30) - 22;
    const bool negative = random() % 2 == 0;
    const std::string text = decimal_text(digits, random() % (digits.size() + 1), negative, exponent);
    const Exact exact(negative ? cpp_int(-cpp_int(digits)) : cpp_int(digits), exponent);

    const auto q = Quantity::parse(text);
    const bool fits = exact.whole() && abs(exact.floor()) < limit;
    BOOST_REQUIRE_MESSAGE(q.ok() == fits, text);
    if (q.ok()) BOOST_REQUIRE_MESSAGE(big(q->nanos()) == exact.floor(), text);
    read += q.ok();

    const auto rounded = Quantity::parse_rounding_down(text);
    if (rounded.ok()) BOOST_REQUIRE_MESSAGE(big(rounded->nanos()) == exact.floor(), text);
    if (abs(exact.floor()) < limit) BOOST_REQUIRE_MESSAGE(rounded.ok(), text);
  }
  BOOST_TEST(read > 20'000);
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read_back) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 100'000; ++i) {
    const Int128 limit = Int128(1'000'000'000) * 1'000'000'000 * Quantity::kNanosPerUnit;
    const Int128 raw = static_cast<Int128>((static_cast<Uint128>(random()) << 64 | random()) >> (random() % 127 + 1));
    const Quantity q = Quantity::nanos(random() % 2 == 0 ? raw % limit : -(raw % limit));
    const auto again = Quantity::parse(written(q));
    BOOST_REQUIRE_MESSAGE(again.ok() && *again == q, written(q));
  }
}

BOOST_AUTO_TEST_CASE(a_tenth_and_two_tenths_are_three_tenths) {
  BOOST_TEST((Quantity::parse("0.1")->plus(*Quantity::parse("0.2")) == *Quantity::parse("0.3")));
  BOOST_TEST((Quantity::parse("0.3")->minus(*Quantity::parse("0.1")) == *Quantity::parse("0.2")));
}

BOOST_AUTO_TEST_CASE(a_hundred_billion_of_the_largest_still_add_up) {
  const Quantity largest = *Quantity::parse("999999999999999999.999999999");
  Quantity sum = largest;
  for (int doubling = 0; doubling < 36; ++doubling) sum = sum.plus(sum);
  BOOST_TEST(big(sum.nanos()) == big(largest.nanos()) << 36);
  BOOST_TEST(!sum.in_range());
  BOOST_TEST(written(sum) == "68719476735999999999999999931.280523264");
  BOOST_TEST(written(Quantity().minus(sum)).size() <= Quantity::kMaxText);
}

struct FloorRow {
  const char* text;
  std::int64_t units;
};
std::ostream& operator<<(std::ostream& out, const FloorRow& row) { return out << row.text; }

const FloorRow kFloors[] = {{"0", 0},   {"0.9", 0},  {"1", 1}, {"1.000000001", 1}, {"-0.000000001", -1},
                            {"-1", -1}, {"-1.5", -2}};

BOOST_DATA_TEST_CASE(whole_units_round_towards_minus_infinity, kFloors, row) {
  BOOST_TEST(Quantity::parse(row.text)->floor_units() == row.units);
}

}  // namespace
}  // namespace tollgate
