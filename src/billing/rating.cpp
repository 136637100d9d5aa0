#include "billing/rating.h"

#include "money/round.h"

#include <algorithm>

namespace tollgate::billing {
namespace {

using catalog::Price;
using catalog::PriceType;
using catalog::Tier;
using money::Decimal;
using money::Exact;
using Steps = std::vector<RatedStep>;
/// Nothing: it went well.
using Failure = std::optional<BillingError>;

bool negative(const std::optional<Decimal>& price) { return price.has_value() && price->negative(); }

/// Computes a step's subtotal and appends the step.
Failure add_step(Steps& steps, RatedStep step) {
  if (step.quantity.negative() || negative(step.unit_price) || negative(step.flat_price)) {
    return BillingError::invalid_price;
  }
  if (step.unit_price.has_value()) {
    const auto product = Exact::product(step.quantity, *step.unit_price);
    if (!product.ok()) return BillingError::overflow;
    step.subtotal = *product;
  }
  if (step.flat_price.has_value()) {
    const auto sum = step.subtotal.plus(Exact::of(*step.flat_price));
    if (!sum.ok()) return BillingError::overflow;
    step.subtotal = *sum;
  }
  steps.push_back(step);
  return std::nullopt;
}

/// Each unit at the price of its tier. The first tier is entered by no usage at all.
Failure add_graduated(Steps& steps, const std::vector<Tier>& tiers, Quantity usage) {
  Quantity reached;  // where the tier begins
  for (std::size_t i = 0; i < tiers.size(); ++i) {
    const Tier& tier = tiers[i];
    const bool last = !tier.up_to.has_value() || usage <= *tier.up_to;
    const Quantity end = last ? usage : *tier.up_to;
    const auto failure = add_step(steps, {i, end.minus(reached), tier.unit_price, tier.flat_price, {}, {}});
    if (failure.has_value() || last) return failure;
    reached = end;
  }
  return BillingError::invalid_price;
}

/// All units at the price of the tier that the whole usage falls into.
Failure add_volume(Steps& steps, const std::vector<Tier>& tiers, Quantity usage) {
  for (std::size_t i = 0; i < tiers.size(); ++i) {
    const Tier& tier = tiers[i];
    if (tier.up_to.has_value() && usage > *tier.up_to) continue;
    return add_step(steps, {i, usage, tier.unit_price, tier.flat_price, {}, {}});
  }
  return BillingError::invalid_price;
}

/// Packages that hold the usage; one that was begun counts.
Result<Quantity, BillingError> packages(Quantity usage, Quantity size) {
  if (!size.positive()) return fail(BillingError::invalid_price);
  const Int128 whole = usage.nanos() / size.nanos();
  const Int128 begun = usage.nanos() % size.nanos() != 0 ? 1 : 0;
  Int128 nanos = 0;
  if (__builtin_mul_overflow(whole + begun, Int128(Quantity::kNanosPerUnit), &nanos)) {
    return fail(BillingError::overflow);
  }
  return Quantity::nanos(nanos);
}

Failure add_steps(Steps& steps, const Price& price, Quantity usage) {
  switch (price.type) {
    case PriceType::flat: return add_step(steps, {0, {}, std::nullopt, price.amount, {}, {}});
    case PriceType::unit: return add_step(steps, {0, usage, price.amount, std::nullopt, {}, {}});
    case PriceType::dynamic: return add_step(steps, {0, usage, price.multiplier, std::nullopt, {}, {}});
    case PriceType::tiered:
      return price.mode == catalog::TierMode::graduated ? add_graduated(steps, price.tiers, usage)
                                                        : add_volume(steps, price.tiers, usage);
    case PriceType::package: break;
  }
  const auto count = packages(usage, price.quantity_per_package);
  if (!count.ok()) return count.error();
  return add_step(steps, {0, *count, price.amount, std::nullopt, price.quantity_per_package, {}});
}

/// Sum, percentage, maximum, minimum: in this order.
Failure complete(Rating& rating, const Price& price, const std::optional<Quantity>& percentage) {
  for (const RatedStep& step : rating.steps) {
    const auto sum = rating.price.plus(step.subtotal);
    if (!sum.ok()) return BillingError::overflow;
    rating.price = *sum;
  }
  if (percentage.has_value()) {
    if (percentage->negative() || *percentage > Quantity::units(100)) return BillingError::invalid_price;
    rating.discount = rating.price.percent(*percentage);
  }
  rating.before_rounding = rating.price.minus(rating.discount);
  if (negative(price.maximum_amount) || negative(price.minimum_amount)) return BillingError::invalid_price;
  if (price.maximum_amount.has_value() && Exact::of(*price.maximum_amount) < rating.before_rounding) {
    rating.before_rounding = Exact::of(*price.maximum_amount);
    rating.commitment = Commitment::maximum;
  }
  if (price.minimum_amount.has_value() && rating.before_rounding < Exact::of(*price.minimum_amount)) {
    rating.before_rounding = Exact::of(*price.minimum_amount);
    rating.commitment = Commitment::minimum;
  }
  return std::nullopt;
}

}  // namespace

Result<Rating, BillingError> rate(const Price& price, const catalog::Discounts& discounts, Quantity usage,
                                  money::Currency currency) {
  if (usage.negative()) return fail(BillingError::negative_usage);
  Rating rating;
  rating.usage = usage;
  rating.free_quantity = std::min(usage, discounts.quantity.value_or(Quantity()));
  if (const auto failure = add_steps(rating.steps, price, usage.minus(rating.free_quantity))) return fail(*failure);
  if (const auto failure = complete(rating, price, discounts.percentage)) return fail(*failure);
  const auto total = money::rounded(rating.before_rounding, currency);
  if (!total.ok()) return fail(BillingError::overflow);
  rating.total = *total;
  return rating;
}

Result<LateRating, BillingError> rate_late_usage(const Price& price, const catalog::Discounts& discounts,
                                                 Quantity billed, Quantity all, money::Currency currency) {
  auto before = rate(price, discounts, billed, currency);
  if (!before.ok()) return fail(before.error());
  auto after = rate(price, discounts, all, currency);
  if (!after.ok()) return fail(after.error());
  const auto difference = after->total.minus(before->total);
  if (!difference.ok()) return fail(BillingError::overflow);
  return LateRating{std::move(*before), std::move(*after), *difference};
}

}  // namespace tollgate::billing
