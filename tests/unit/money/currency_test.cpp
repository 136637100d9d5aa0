#include "money/currency.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <set>
#include <string>

namespace tollgate::money {
namespace {

struct Row {
  const char* code;
  int minor_digits;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.code; }

const Row kRows[] = {
    {"USD", 2}, {"EUR", 2}, {"CHF", 2}, {"AED", 2}, {"ZWG", 2}, {"MGA", 2}, {"MRU", 2}, {"XCG", 2},
    {"JPY", 0}, {"KRW", 0}, {"VND", 0}, {"CLP", 0}, {"ISK", 0}, {"XPF", 0}, {"UYI", 0}, {"KWD", 3},
    {"BHD", 3}, {"TND", 3}, {"OMR", 3}, {"JOD", 3}, {"IQD", 3}, {"LYD", 3}, {"CLF", 4}, {"UYW", 4},
};

BOOST_DATA_TEST_CASE(minor_units, kRows, row) {
  const auto currency = Currency::of(row.code);
  BOOST_REQUIRE(currency.has_value());
  BOOST_TEST(currency->code() == row.code);
  BOOST_TEST(currency->minor_digits() == row.minor_digits);
  BOOST_TEST(is_currency(row.code));
}

const char* const kNone[] = {"",     "usd", "Usd", "XXX", "XTS", "XAU", "DEM", "US",
                             "USDX", " US", "US ", "D U", "D A", "HRK", "   "};

BOOST_DATA_TEST_CASE(what_is_no_currency, kNone, code) { BOOST_TEST(!is_currency(code)); }

/// All 26^3 codes: each currency once, with as many as the list of ISO 4217 has with a minor unit.
BOOST_AUTO_TEST_CASE(every_code) {
  int by_digits[kMostMinorDigits + 1] = {};
  for (char a = 'A'; a <= 'Z'; ++a) {
    for (char b = 'A'; b <= 'Z'; ++b) {
      for (char c = 'A'; c <= 'Z'; ++c) {
        const char code[] = {a, b, c, '\0'};
        if (const auto currency = Currency::of(code)) ++by_digits[currency->minor_digits()];
      }
    }
  }
  BOOST_TEST(by_digits[0] == 17);
  BOOST_TEST(by_digits[1] == 0);
  BOOST_TEST(by_digits[2] == 139);
  BOOST_TEST(by_digits[3] == 7);
  BOOST_TEST(by_digits[4] == 2);
}

BOOST_AUTO_TEST_CASE(factories_agree_with_the_list) {
  for (const Currency currency : {Currency::usd(), Currency::eur(), Currency::jpy()}) {
    BOOST_TEST((Currency::of(currency.code()) == currency));
  }
  BOOST_TEST(Currency().code() == "XXX");
}

}  // namespace
}  // namespace tollgate::money
