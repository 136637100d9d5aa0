#include "billing/rating.h"

#include "json/document.h"
#include "json/price.h"
#include "json/rating.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

namespace tollgate::billing {
namespace {

catalog::Price price_of(std::string_view text) {
  json::Document document;
  BOOST_REQUIRE_MESSAGE(document.parse(text).ok(), text);
  Violations violations;
  const catalog::Price price = json::read_price(document.root(), "", violations);
  BOOST_REQUIRE_MESSAGE(violations.empty(), text);
  return price;
}

catalog::Discounts discounts(const char* percentage, const char* quantity) {
  catalog::Discounts result;
  if (percentage != nullptr) result.percentage = *Quantity::parse(percentage);
  if (quantity != nullptr) result.quantity = *Quantity::parse(quantity);
  return result;
}

std::string json_of(const Rating& rating) {
  json::Text text;
  json::Writer<json::Text> to(text);
  json::write_rating(to, rating);
  return text.take();
}

constexpr const char* kTiers =
    R"([{"upToAmount":1000,"unitPrice":{"type":"unit","amount":"0.10"}},)"
    R"({"upToAmount":10000,"flatPrice":{"type":"flat","amount":"5"},"unitPrice":{"type":"unit","amount":"0.05"}},)"
    R"({"flatPrice":{"type":"flat","amount":"7.5"}}])";

std::string tiered(const char* mode, const char* commitments = "{}") {
  return std::string(R"({"type":"tiered","mode":")") + mode + R"(","tiers":)" + kTiers + R"(,"commitments":)" +
         commitments + "}";
}

struct Row {
  std::string price;
  const char* percentage;
  const char* free;
  const char* usage;
  const char* rating;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.price << " x " << row.usage; }

const Row kRows[] = {
    {R"({"type":"flat","amount":"29"})", nullptr, nullptr, "5",
     R"({"usage":"5","steps":[{"tier":0,"flatPrice":"29","subtotal":"29"}],"price":"29","beforeRounding":"29","total":"29.00"})"},
    {R"({"type":"unit","amount":"0.000000000001"})", nullptr, nullptr, "4999999999.999999999",
     R"({"usage":"4999999999.999999999","steps":[{"tier":0,"quantity":"4999999999.999999999","unitPrice":"0.000000000001","subtotal":"0.004999999999999999999"}],"price":"0.004999999999999999999","beforeRounding":"0.004999999999999999999","total":"0.00"})"},
    {R"({"type":"unit","amount":"0.000000000001"})", nullptr, nullptr, "5000000000",
     R"({"usage":"5000000000","steps":[{"tier":0,"quantity":"5000000000","unitPrice":"0.000000000001","subtotal":"0.005"}],"price":"0.005","beforeRounding":"0.005","total":"0.01"})"},
    {R"({"type":"dynamic","multiplier":"1.2"})", nullptr, nullptr, "12.34",
     R"({"usage":"12.34","steps":[{"tier":0,"quantity":"12.34","unitPrice":"1.2","subtotal":"14.808"}],"price":"14.808","beforeRounding":"14.808","total":"14.81"})"},
    {R"({"type":"package","amount":"10","quantityPerPackage":"0.3"})", nullptr, nullptr, "0.9",
     R"({"usage":"0.9","steps":[{"tier":0,"quantity":"3","unitPrice":"10","packageSize":"0.3","subtotal":"30"}],"price":"30","beforeRounding":"30","total":"30.00"})"},
    {R"({"type":"package","amount":"10","quantityPerPackage":"0.3"})", nullptr, nullptr, "0.900000001",
     R"({"usage":"0.900000001","steps":[{"tier":0,"quantity":"4","unitPrice":"10","packageSize":"0.3","subtotal":"40"}],"price":"40","beforeRounding":"40","total":"40.00"})"},
    {tiered("graduated"), nullptr, nullptr, "1000",
     R"({"usage":"1000","steps":[{"tier":0,"quantity":"1000","unitPrice":"0.1","subtotal":"100"}],"price":"100","beforeRounding":"100","total":"100.00"})"},
    {tiered("graduated"), nullptr, nullptr, "1000.000000001",
     R"({"usage":"1000.000000001","steps":[{"tier":0,"quantity":"1000","unitPrice":"0.1","subtotal":"100"},{"tier":1,"quantity":"0.000000001","unitPrice":"0.05","flatPrice":"5","subtotal":"5.00000000005"}],"price":"105.00000000005","beforeRounding":"105.00000000005","total":"105.00"})"},
    {tiered("graduated"), nullptr, nullptr, "10001",
     R"({"usage":"10001","steps":[{"tier":0,"quantity":"1000","unitPrice":"0.1","subtotal":"100"},{"tier":1,"quantity":"9000","unitPrice":"0.05","flatPrice":"5","subtotal":"455"},{"tier":2,"quantity":"1","flatPrice":"7.5","subtotal":"7.5"}],"price":"562.5","beforeRounding":"562.5","total":"562.50"})"},
    {tiered("volume"), nullptr, nullptr, "10000",
     R"({"usage":"10000","steps":[{"tier":1,"quantity":"10000","unitPrice":"0.05","flatPrice":"5","subtotal":"505"}],"price":"505","beforeRounding":"505","total":"505.00"})"},
    {tiered("volume"), nullptr, nullptr, "10001",
     R"({"usage":"10001","steps":[{"tier":2,"quantity":"10001","flatPrice":"7.5","subtotal":"7.5"}],"price":"7.5","beforeRounding":"7.5","total":"7.50"})"},
    // Free quantity first, then the price, then the percentage, then the maximum, then the minimum.
    {tiered("graduated", R"({"minimumAmount":"80","maximumAmount":"90"})"), "10", "200", "1200",
     R"({"usage":"1200","freeQuantity":"200","steps":[{"tier":0,"quantity":"1000","unitPrice":"0.1","subtotal":"100"}],"price":"100","discount":"10","beforeRounding":"90","total":"90.00"})"},
    {tiered("graduated", R"({"minimumAmount":"80","maximumAmount":"90"})"), "10", "199.9", "1200",
     R"({"usage":"1200","freeQuantity":"199.9","steps":[{"tier":0,"quantity":"1000","unitPrice":"0.1","subtotal":"100"},{"tier":1,"quantity":"0.1","unitPrice":"0.05","flatPrice":"5","subtotal":"5.005"}],"price":"105.005","discount":"10.5005","commitment":"maximum","beforeRounding":"90","total":"90.00"})"},
    {tiered("graduated", R"({"minimumAmount":"80","maximumAmount":"90"})"), "25", "200", "1200",
     R"({"usage":"1200","freeQuantity":"200","steps":[{"tier":0,"quantity":"1000","unitPrice":"0.1","subtotal":"100"}],"price":"100","discount":"25","commitment":"minimum","beforeRounding":"80","total":"80.00"})"},
    {R"({"type":"unit","amount":"1","commitments":{"minimumAmount":"0.005"}})", "100", "5", "3",
     R"({"usage":"3","freeQuantity":"3","steps":[{"tier":0,"quantity":"0","unitPrice":"1","subtotal":"0"}],"price":"0","commitment":"minimum","beforeRounding":"0.005","total":"0.01"})"},
    {R"({"type":"flat","amount":"33.33"})", "33.333333333", nullptr, "0",
     R"({"usage":"0","steps":[{"tier":0,"flatPrice":"33.33","subtotal":"33.33"}],"price":"33.33","discount":"11.1099999998889","beforeRounding":"22.2200000001111","total":"22.22"})"},
};

BOOST_DATA_TEST_CASE(ratings_say_how_they_came_about, kRows, row) {
  const auto rating = rate(price_of(row.price), discounts(row.percentage, row.free), *Quantity::parse(row.usage),
                           money::Currency::usd());
  BOOST_REQUIRE(rating.ok());
  BOOST_TEST(json_of(*rating) == row.rating);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_rated_is_an_error) {
  const auto error_of = [](const catalog::Price& price, const char* usage, const char* percentage = nullptr) {
    return rate(price, discounts(percentage, nullptr), *Quantity::parse(usage), money::Currency::usd()).error();
  };
  catalog::Price unit = price_of(R"({"type":"unit","amount":"999999999999999999"})");
  BOOST_TEST((error_of(unit, "-0.000000001") == BillingError::negative_usage));
  BOOST_TEST((error_of(unit, "999999999999999999") == BillingError::overflow));
  BOOST_TEST((error_of(unit, "1", "100.000000001") == BillingError::invalid_price));
  BOOST_TEST((error_of(unit, "1", "-1") == BillingError::invalid_price));
  unit.amount = *money::Decimal::parse("-1");
  BOOST_TEST((error_of(unit, "1") == BillingError::invalid_price));

  catalog::Price package = price_of(R"({"type":"package","amount":"1","quantityPerPackage":"0.000000001"})");
  BOOST_TEST(rate(package, {}, *Quantity::parse("999999999999999999"), money::Currency::usd()).ok());
  package.amount = *money::Decimal::parse("999999999999999999");
  BOOST_TEST((error_of(package, "999999999999999999") == BillingError::overflow));
  package.quantity_per_package = Quantity();
  BOOST_TEST((error_of(package, "1") == BillingError::invalid_price));

  for (const auto mode : {catalog::TierMode::graduated, catalog::TierMode::volume}) {
    catalog::Price tiers;
    tiers.type = catalog::PriceType::tiered;
    tiers.mode = mode;
    BOOST_TEST((error_of(tiers, "0") == BillingError::invalid_price));
    tiers.tiers.push_back({Quantity::units(10), std::nullopt, money::Decimal::units(1)});
    BOOST_TEST((error_of(tiers, "10.5") == BillingError::invalid_price));
  }
  catalog::Price disorder;
  disorder.type = catalog::PriceType::tiered;
  disorder.tiers = {{Quantity::units(10), std::nullopt, money::Decimal::units(1)},
                    {Quantity::units(5), std::nullopt, money::Decimal::units(1)},
                    {std::nullopt, std::nullopt, money::Decimal::units(1)}};
  BOOST_TEST((error_of(disorder, "11") == BillingError::invalid_price));
}

/// $4: where a price is linear, rating the parts and rating the whole agree before rounding.
BOOST_AUTO_TEST_CASE(parts_of_a_linear_price_add_up) {
  const catalog::Price price = price_of(R"({"type":"unit","amount":"0.123456789012345678"})");
  const auto exact = [&](std::int64_t nanos) {
    return rate(price, discounts("12.345678901", nullptr), Quantity::nanos(nanos), money::Currency::usd())
        ->before_rounding;
  };
  for (std::int64_t whole = 1; whole < 1'000'000'000'000'000; whole = whole * 3 + 1) {
    for (const std::int64_t part : {std::int64_t{0}, std::int64_t{1}, whole / 3, whole - 1}) {
      BOOST_TEST((*exact(part).plus(exact(whole - part)) == exact(whole)));
    }
  }
}

/// M7: what was billed and what came late are together the bill of all of it.
BOOST_AUTO_TEST_CASE(late_usage_is_the_difference) {
  const money::Currency usd = money::Currency::usd();
  const auto late = [&](const std::string& price, std::int64_t billed, std::int64_t all) {
    const auto rating = rate_late_usage(price_of(price), {}, Quantity::units(billed), Quantity::units(all), usd);
    BOOST_REQUIRE(rating.ok());
    BOOST_TEST((*rating->billed.total.plus(rating->difference) == rating->corrected.total));
    return static_cast<std::int64_t>(rating->difference.minor_units());
  };
  BOOST_TEST(late(tiered("graduated"), 900, 1100) == 2000);            // 90.00, then 100 + 5 + 5
  BOOST_TEST(late(tiered("volume"), 1000, 1001) == -4495);             // 100.00, then 55.05
  BOOST_TEST(late(R"({"type":"unit","amount":"0.004"})", 1, 2) == 1);  // 0.004 and 0.008
  BOOST_TEST(late(R"({"type":"unit","amount":"0.004"})", 2, 3) == 0);  // 0.008 and 0.012
  BOOST_TEST((rate_late_usage(price_of(tiered("volume")), {}, Quantity::units(-1), {}, usd).error() ==
              BillingError::negative_usage));
}

}  // namespace
}  // namespace tollgate::billing
