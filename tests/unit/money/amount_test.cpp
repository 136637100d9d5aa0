#include "money/amount.h"

#include "money/decimal.h"
#include "money/exact.h"
#include "money/round.h"
#include "tests/reference/cases.h"
#include "tests/reference/rating_reference.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <random>
#include <string>

namespace tollgate::money {
namespace {

template <class Number>
std::string text_of(const Number& number) {
  char text[Number::kMaxText];
  const std::size_t length = number.write(text);
  BOOST_REQUIRE_LE(length, sizeof text);
  return {text, length};
}

Decimal decimal(std::string_view text) { return *Decimal::parse(text); }
Quantity quantity(std::string_view text) { return *Quantity::parse(text); }

struct Written {
  const char* text;
  const char* written;
};
std::ostream& operator<<(std::ostream& out, const Written& row) { return out << row.text; }

const Written kDecimals[] = {
    {"0", "0"},
    {"-0", "0"},
    {"29.00", "29"},
    {"0.0005", "0.0005"},
    {"1e-18", "0.000000000000000001"},
    {"1.5e3", "1500"},
    {"0.000000000000000001000", "0.000000000000000001"},
    {"999999999999999999.999999999999999999", "999999999999999999.999999999999999999"},
    {"-999999999999999999.999999999999999999", "-999999999999999999.999999999999999999"},
    {"0e999999", "0"},
    {"0.0e-999999", "0"},
    {"0.00000000000000000000000000000000000001e30", "0.00000001"},
};

BOOST_DATA_TEST_CASE(decimals_are_read_exactly, kDecimals, row) {
  const auto value = Decimal::parse(row.text);
  BOOST_REQUIRE(value.ok());
  BOOST_TEST(text_of(*value) == row.written);
  BOOST_TEST((*Decimal::parse(row.written) == *value));
}

struct Refused {
  const char* text;
  MoneyError error;
};
std::ostream& operator<<(std::ostream& out, const Refused& row) { return out << row.text; }

const Refused kRefused[] = {
    {"", MoneyError::not_a_decimal},
    {"1e", MoneyError::not_a_decimal},
    {"+1", MoneyError::not_a_decimal},
    {"01", MoneyError::not_a_decimal},
    {".5", MoneyError::not_a_decimal},
    {"5.", MoneyError::not_a_decimal},
    {"1,5", MoneyError::not_a_decimal},
    {"NaN", MoneyError::not_a_decimal},
    {"Infinity", MoneyError::not_a_decimal},
    {"0x10", MoneyError::not_a_decimal},
    {" 1", MoneyError::not_a_decimal},
    {"1e-19", MoneyError::too_many_digits},
    {"0.0000000000000000001", MoneyError::too_many_digits},
    {"1000000000000000000", MoneyError::out_of_range},
    {"-1000000000000000000", MoneyError::out_of_range},
    {"1e18", MoneyError::out_of_range},
    {"1e99999999999999999999", MoneyError::out_of_range},
    {"99999999999999999999999999999999999999999999", MoneyError::out_of_range},
};

BOOST_DATA_TEST_CASE(decimals_that_are_refused, kRefused, row) {
  const auto value = Decimal::parse(row.text);
  BOOST_REQUIRE(!value.ok());
  BOOST_TEST((value.error() == row.error));
}

BOOST_AUTO_TEST_CASE(amounts_have_the_digits_of_their_currency) {
  BOOST_TEST(text_of(Amount::minor(1999, Currency::usd())) == "19.99");
  BOOST_TEST(text_of(Amount::minor(1990, Currency::usd())) == "19.90");
  BOOST_TEST(text_of(Amount::minor(-5, Currency::usd())) == "-0.05");
  BOOST_TEST(text_of(Amount::minor(2, Currency::jpy())) == "2");
  BOOST_TEST(text_of(Amount::minor(4, *Currency::of("KWD"))) == "0.004");
  BOOST_TEST(text_of(Amount::minor(-10'000, *Currency::of("CLF"))) == "-1.0000");
  BOOST_TEST(text_of(Amount::zero(Currency::eur())) == "0.00");
}

BOOST_AUTO_TEST_CASE(amounts_are_read_without_rounding) {
  BOOST_TEST((*Amount::parse("19.99", Currency::usd()) == Amount::minor(1999, Currency::usd())));
  BOOST_TEST((*Amount::parse("-3", Currency::usd()) == Amount::minor(-300, Currency::usd())));
  BOOST_TEST((*Amount::parse("1.0", Currency::jpy()) == Amount::minor(1, Currency::jpy())));
  BOOST_TEST((Amount::parse("0.005", Currency::usd()).error() == MoneyError::too_many_digits));
  BOOST_TEST((Amount::parse("0.5", Currency::jpy()).error() == MoneyError::too_many_digits));
  BOOST_TEST((Amount::parse("", Currency::jpy()).error() == MoneyError::not_a_decimal));
}

// What is written is what the control plane keeps of an invoice: it has to be read again whatever it comes to.
BOOST_AUTO_TEST_CASE(every_amount_that_is_written_is_read_again) {
  for (const char* code : {"USD", "JPY", "KWD", "CLF"}) {
    const Currency currency = *Currency::of(code);
    const Amount most = *Amount::wide_minor(Amount::kMostMinor, currency);
    for (const Amount& amount : {most, most.negated(), *most.minus(Amount::minor(1, currency))}) {
      BOOST_TEST((*Amount::parse(text_of(amount), currency) == amount));
    }
  }
  BOOST_TEST(
      (Amount::parse("1000000000000000000000000000000000001", Currency::jpy()).error() == MoneyError::out_of_range));
}

BOOST_AUTO_TEST_CASE(amounts_beyond_the_range_are_errors) {
  const Currency usd = Currency::usd();
  const Amount most = *Amount::wide_minor(Amount::kMostMinor, usd);
  BOOST_TEST((most.plus(Amount::minor(1, usd)).error() == MoneyError::overflow));
  BOOST_TEST((most.negated().minus(Amount::minor(1, usd)).error() == MoneyError::overflow));
  BOOST_TEST((most.plus(most).error() == MoneyError::overflow));
  BOOST_TEST((*most.minus(most) == Amount::zero(usd)));
  BOOST_TEST((Amount::wide_minor(Amount::kMostMinor + 1, usd).error() == MoneyError::overflow));
  BOOST_TEST((most.decimal().error() == MoneyError::out_of_range));
  BOOST_TEST(text_of(most.negated()).size() == Amount::kMaxText);
}

BOOST_AUTO_TEST_CASE(amounts_and_decimals) {
  BOOST_TEST(text_of(*Amount::minor(2905, Currency::usd()).decimal()) == "29.05");
  BOOST_TEST(text_of(*Amount::minor(-2905, Currency::jpy()).decimal()) == "-2905");
  const Amount below = *Amount::parse("999999999999999999.99", Currency::usd());
  BOOST_TEST(text_of(*below.decimal()) == "999999999999999999.99");
  BOOST_TEST(!(*below.plus(Amount::minor(1, Currency::usd()))).decimal().ok());
}

BOOST_AUTO_TEST_CASE(products_overflow_as_errors) {
  const Quantity most = *Quantity::parse("999999999999999999.999999999");
  const auto product = Exact::product(most, decimal("999999999999999999.999999999999999999"));
  BOOST_REQUIRE(product.ok());  // 10^36 has room, in 256 bits
  BOOST_TEST(text_of(*product) == "999999999999999999999999998999999999.000000000000000000000000001");
  BOOST_TEST((rounded(*product, Currency::usd()).error() == MoneyError::overflow));
  BOOST_TEST(rounded(*product, Currency::jpy()).ok());
  const auto beyond = Exact::product(Quantity::nanos(most.nanos() * 1'000'000'000), decimal("999999999999999999"));
  BOOST_TEST((beyond.error() == MoneyError::overflow));
  Exact sum = *product;
  int steps = 0;
  for (auto next = sum.plus(sum); next.ok(); next = sum.plus(sum), ++steps) sum = *next;
  BOOST_TEST(steps == 10);  // 2^256 ≈ 1.16 × 10^77 = 1 158 × (10^36 × 10^38)
}

BOOST_AUTO_TEST_CASE(percentages_are_exact) {
  const Exact base = *Exact::product(quantity("0.000000001"), decimal("0.000000000000000001"));
  BOOST_TEST(text_of(base.percent(quantity("0.000000001"))) == "0.00000000000000000000000000000000000001");
  BOOST_TEST(text_of(Exact::of(decimal("10")).percent(quantity("12.5"))) == "1.25");
  BOOST_TEST(text_of(Exact::of(decimal("10")).percent(Quantity::units(100))) == "10");
  BOOST_TEST(text_of(Exact::of(decimal("10")).percent(Quantity())) == "0");
  BOOST_TEST(text_of(Exact::of(decimal("10")).minus(Exact::of(decimal("0.000000000000000001")))) ==
             "9.999999999999999999");
}

BOOST_AUTO_TEST_CASE(what_is_exact_is_read_as_it_was_written) {
  const Exact most = *Exact::product(quantity("999999999999999999.999999999"), decimal("999999999999999999.9"));
  const Exact least = Exact::of(decimal("0.000000000000000001")).percent(quantity("0.000000001"));
  for (const Exact& exact : {most, least, Exact(), Exact::of(decimal("29"))}) {
    BOOST_TEST((Exact::parse(text_of(exact)).value() == exact));
  }
  BOOST_TEST(text_of(*Exact::parse("1.2e3")) == "1200");
  BOOST_TEST((Exact::parse("1e-39").error() == MoneyError::too_many_digits));
  BOOST_TEST((Exact::parse("1e40").error() == MoneyError::out_of_range));
  BOOST_TEST((Exact::parse("-1").error() == MoneyError::out_of_range));
  BOOST_TEST((Exact::parse("1,5").error() == MoneyError::not_a_decimal));
}

struct RoundRow {
  const char* value;
  const char* currency;
  const char* total;
};
std::ostream& operator<<(std::ostream& out, const RoundRow& row) { return out << row.value << ' ' << row.currency; }

const RoundRow kRounded[] = {
    {"0.004", "USD", "0.00"},
    {"0.005", "USD", "0.01"},
    {"0.004999999999999999", "USD", "0.00"},
    {"0.015", "USD", "0.02"},
    {"0.025", "USD", "0.03"},
    {"1.5", "JPY", "2"},
    {"0.5", "JPY", "1"},
    {"0.499999999999999999", "JPY", "0"},
    {"0.0035", "KWD", "0.004"},
    {"0.00005", "CLF", "0.0001"},
    {"999.995", "USD", "1000.00"},
    {"0", "USD", "0.00"},
};

BOOST_DATA_TEST_CASE(half_goes_away_from_zero, kRounded, row) {
  const auto currency = Currency::of(row.currency);
  BOOST_TEST(text_of(*rounded(Exact::of(decimal(row.value)), *currency)) == row.total);
}

/// Against a pencil: the decimal text is cut, and one is carried up.
BOOST_AUTO_TEST_CASE(rounding_agrees_with_paper) {
  std::mt19937_64 random(4);
  const Currency currencies[] = {Currency::jpy(), Currency::usd(), *Currency::of("KWD"), *Currency::of("CLF")};
  const int count = reference::cases(1'000'000);
  for (int i = 0; i < count; ++i) {
    const auto nanos = static_cast<std::int64_t>(random() >> (random() % 50 + 2));
    // Digits that are 4, 5 and 9 more often than others are where roundings go wrong.
    std::string price = std::to_string(random() % (random() % 2 == 0 ? 10 : 1'000'000)) + ".";
    for (auto digits = 1 + random() % 18; digits > 0; --digits) price += "0123456789454594599"[random() % 19];
    const Exact value = *Exact::product(Quantity::nanos(nanos), decimal(price));
    const Currency currency = currencies[random() % 4];
    const std::string paper =
        reference::rounded_on_paper(text_of(value), static_cast<std::size_t>(currency.minor_digits()));
    const std::string got = text_of(*rounded(value, currency));
    if (got != paper) BOOST_FAIL(nanos << " nanos x " << price << " " << currency.code() << ": " << got);
  }
  reference::report_cases("rounding", count);
}

BOOST_AUTO_TEST_CASE(shares_of_a_fee) {
  const Currency usd = Currency::usd();
  const auto share = [&](const char* fee, Int128 part, Int128 whole) {
    return text_of(rounded_share(decimal(fee), Fraction::of(part, whole), usd));
  };
  BOOST_TEST(share("29.00", 3, 10) == "8.70");
  BOOST_TEST(share("29.00", 1, 3) == "9.67");
  BOOST_TEST(share("0.01", 1, 2) == "0.01");
  BOOST_TEST(share("0.01", 499'999'999, 1'000'000'000) == "0.00");
  BOOST_TEST(share("999999999999999999.999999999999999999", 1, 1) == "1000000000000000000.00");
  BOOST_TEST(share("999999999999999999.999999999999999999", Amount::kMostMinor - 1, Amount::kMostMinor) ==
             "1000000000000000000.00");
  BOOST_TEST(share("5", 7, 3) == "5.00");
  BOOST_TEST(share("5", -7, 3) == "0.00");
}

BOOST_AUTO_TEST_CASE(fractions_compare_exactly) {
  const Int128 huge = Amount::kMostMinor;
  BOOST_TEST((Fraction::of(huge - 1, huge) < Fraction::of(1, 1)));
  BOOST_TEST((Fraction::of(huge - 2, huge - 1) < Fraction::of(huge - 1, huge)));
  BOOST_TEST(!(Fraction::of(1, 2) < Fraction::of(huge / 2, huge)));
  BOOST_TEST(!(Fraction::of(huge / 2, huge) < Fraction::of(1, 2)));
  BOOST_TEST((Fraction() < Fraction::of(1, huge)));
}

}  // namespace
}  // namespace tollgate::money
