#include "billing/rating.h"
#include "tests/reference/cases.h"
#include "tests/reference/rating_reference.h"

#include <boost/test/unit_test.hpp>

#include <random>
#include <sstream>
#include <string>

namespace tollgate::billing {
namespace {

using catalog::PriceType;
using reference::BigInt;
using reference::Digits;
using reference::PlainLine;

constexpr int kUsageDigits = 9;
constexpr int kPriceDigits = 18;

/// How large a case may be: digits behind the point, and the greatest whole numbers that stand for usage and prices.
struct Sizes {
  Digits digits;
  std::uint64_t most_usage;
  std::uint64_t most_price;
};

/// A price and usage in plain numbers, and the same in ours.
template <class Int>
struct Case {
  PlainLine<Int> plain;
  catalog::Price price;
  catalog::Discounts discounts;
};

template <class Int>
class Maker {
 public:
  Maker(std::uint64_t seed, Sizes sizes) : random_(seed), sizes_(sizes) {}

  Case<Int> next_price() {
    Case<Int> made;
    PlainLine<Int>& plain = made.plain;
    plain.digits = sizes_.digits;
    plain.type = made.price.type = static_cast<PriceType>(below(5));
    if (plain.type == PriceType::tiered) add_tiers(made);
    plain.amount = amount();
    made.price.amount = made.price.multiplier = decimal(plain.amount);
    plain.package = Int(1 + below(sizes_.most_usage / 4 + 1));
    made.price.quantity_per_package = quantity(plain.package);
    if (below(3) == 0) made.discounts.percentage = percentage(plain);
    if (below(3) == 0) {
      plain.free = usage();
      made.discounts.quantity = quantity(plain.free);
    }
    add_commitments(made);
    return made;
  }

  /// Tier bounds, packages and the free quantity, and one to either side of them, as often as anything else.
  Int usage_for(const PlainLine<Int>& plain) {
    Int base = usage();
    if (below(2) == 0 && !plain.tiers.empty()) base = plain.tiers[below(plain.tiers.size())].up_to.value_or(base);
    if (below(6) == 0) base = plain.package * Int(below(5));
    if (below(3) == 0) base += plain.free;
    base += Int(below(3));
    return base > 0 && below(2) == 0 ? Int(base - 1) : base;
  }

  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

  money::Decimal decimal(const Int& plain) const {
    return *money::Decimal::of_attos(static_cast<Int128>(plain) *
                                     reference::ten_to<Int128>(kPriceDigits - sizes_.digits.price));
  }
  Quantity quantity(const Int& plain) const {
    return Quantity::nanos(static_cast<Int128>(plain) * reference::ten_to<Int128>(kUsageDigits - sizes_.digits.usage));
  }

 private:
  std::uint64_t some(std::uint64_t most) { return (below(2) == 0 ? random_() : random_() >> below(60)) % (most + 1); }
  Int usage() { return Int(some(sizes_.most_usage)); }
  Int amount() { return Int(below(8) == 0 ? 0 : some(sizes_.most_price)); }

  std::optional<Quantity> percentage(PlainLine<Int>& plain) {
    const std::uint64_t hundred = 100 * reference::ten_to<std::uint64_t>(sizes_.digits.percentage);
    const std::uint64_t percent = below(5) == 0 ? hundred : below(hundred + 1);
    plain.percentage = Int(percent);
    return Quantity::nanos(Int128(percent) * reference::ten_to<Int128>(9 - sizes_.digits.percentage));
  }

  void add_tiers(Case<Int>& made) {
    made.plain.mode = made.price.mode = static_cast<catalog::TierMode>(below(2));
    const std::uint64_t count = 1 + below(5);
    Int bound = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
      reference::PlainTier<Int> tier;
      if (i + 1 < count) tier.up_to = bound += Int(1 + some(sizes_.most_usage / count));
      if (below(3) != 0) tier.unit = amount();
      if (!tier.unit.has_value() || below(3) == 0) tier.flat = amount();
      catalog::Tier ours;
      if (tier.up_to.has_value()) ours.up_to = quantity(*tier.up_to);
      if (tier.unit.has_value()) ours.unit_price = decimal(*tier.unit);
      if (tier.flat.has_value()) ours.flat_price = decimal(*tier.flat);
      made.plain.tiers.push_back(tier);
      made.price.tiers.push_back(ours);
    }
  }

  void add_commitments(Case<Int>& made) {
    if (below(3) == 0) made.plain.maximum = amount() * Int(1 + below(50));
    if (below(3) == 0) made.plain.minimum = amount();
    if (made.plain.maximum.has_value()) made.price.maximum_amount = decimal(*made.plain.maximum);
    if (made.plain.minimum.has_value()) made.price.minimum_amount = decimal(*made.plain.minimum);
  }

  std::mt19937_64 random_;
  Sizes sizes_;
};

std::string text(const BigInt& n) { return n.str(); }
std::string text(Int128 n) { return BigInt(n).str(); }
std::string text(std::int64_t n) { return std::to_string(n); }

/// Everything that is needed to do it again by hand.
template <class Int>
std::string replay(std::uint64_t seed, int price, const Case<Int>& one, const Int& usage, int minor_digits) {
  std::ostringstream out;
  out << "seed " << seed << ", price " << price << ": type " << int(one.plain.type) << ", mode " << int(one.plain.mode)
      << ", amount " << text(one.plain.amount) << ", package " << text(one.plain.package) << ", percentage "
      << text(one.plain.percentage) << ", free " << text(one.plain.free);
  if (one.plain.maximum.has_value()) out << ", maximum " << text(*one.plain.maximum);
  if (one.plain.minimum.has_value()) out << ", minimum " << text(*one.plain.minimum);
  for (const auto& tier : one.plain.tiers) {
    out << ", tier to " << (tier.up_to.has_value() ? text(*tier.up_to) : "-") << " unit "
        << (tier.unit.has_value() ? text(*tier.unit) : "-") << " flat "
        << (tier.flat.has_value() ? text(*tier.flat) : "-");
  }
  out << ", usage " << text(usage) << ", " << minor_digits << " minor digits";
  return out.str();
}

/// `price_of(plain, usage)` is the reference's way to a price.
template <class Int, class PriceOf>
void compare(std::string_view what, std::uint64_t seed, Sizes sizes, int prices, PriceOf price_of) {
  constexpr int kUsagesOfAPrice = 20;
  const money::Currency currencies[] = {*money::Currency::of("JPY"), money::Currency::usd(),
                                        *money::Currency::of("KWD"), *money::Currency::of("CLF")};
  Maker<Int> maker(seed, sizes);
  long count = 0;
  for (int price = 0; price < prices; ++price) {
    const Case<Int> one = maker.next_price();
    const money::Currency currency = currencies[maker.below(4)];
    for (int i = 0; i < kUsagesOfAPrice; ++i, ++count) {
      const Int usage = maker.usage_for(one.plain);
      const Int expected = reference::total_minor(one.plain, usage, currency.minor_digits(), price_of);
      const auto rating = rate(one.price, one.discounts, maker.quantity(usage), currency);
      if (rating.ok() && rating->total.minor_units() == static_cast<Int128>(expected)) continue;
      BOOST_FAIL(what << ": " << replay(seed, price, one, usage, currency.minor_digits()) << ": expected "
                      << text(expected) << ", got "
                      << (rating.ok() ? text(rating->total.minor_units()) : std::string(name(rating.error()))));
    }
  }
  reference::report_cases(what, count);
}

BOOST_AUTO_TEST_CASE(unit_by_unit) {
  compare<std::int64_t>("rating, unit by unit", 1, {{0, 6, 2}, 60, 1'000'000'000}, reference::cases(250'000),
                        [](const auto& line, std::int64_t usage) { return price_unit_by_unit(line, usage); });
}

BOOST_AUTO_TEST_CASE(tier_by_tier) {
  compare<Int128>("rating, tier by tier", 2, {{4, 12, 4}, 10'000'000'000, 10'000'000'000'000},
                  reference::cases(350'000),
                  [](const auto& line, Int128 usage) { return price_by_overlap(line, usage); });
}

/// Numbers as long as the types take, for which no machine integer is wide enough.
BOOST_AUTO_TEST_CASE(with_arbitrary_precision) {
  compare<BigInt>("rating, arbitrary precision", 3, {{9, 18, 9}, UINT64_MAX / 8, UINT64_MAX / 8},
                  reference::cases(15'000),
                  [](const auto& line, const BigInt& usage) { return price_by_overlap(line, usage); });
}

/// $3, in the small: the steps are the price, and the total is what is left of it.
BOOST_AUTO_TEST_CASE(steps_add_up) {
  Maker<std::int64_t> maker(5, {{4, 12, 4}, 1'000'000, 1'000'000'000'000});
  for (int price = 0; price < reference::cases(100'000); ++price) {
    const auto one = maker.next_price();
    const auto rating =
        rate(one.price, one.discounts, maker.quantity(maker.usage_for(one.plain)), money::Currency::usd());
    BOOST_REQUIRE(rating.ok());
    money::Exact sum;
    Quantity units;
    for (const RatedStep& step : rating->steps) {
      sum = *sum.plus(step.subtotal);
      units = units.plus(step.quantity);
    }
    BOOST_REQUIRE((sum == rating->price));
    if (one.price.type == PriceType::tiered || one.price.type == PriceType::unit) {
      BOOST_REQUIRE((units == rating->usage.minus(rating->free_quantity)));
    }
    if (rating->commitment == Commitment::none) {
      BOOST_REQUIRE((rating->before_rounding == rating->price.minus(rating->discount)));
    }
  }
}

}  // namespace
}  // namespace tollgate::billing
