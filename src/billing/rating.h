#pragma once

#include "base/quantity.h"
#include "base/result.h"
#include "billing/error.h"
#include "catalog/price.h"
#include "money/amount.h"
#include "money/exact.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tollgate::billing {

/// One step of a rating: so many units at a price, and what is owed for entering a tier.
struct RatedStep {
  std::size_t tier = 0;                      ///< of `Price::tiers`; 0 for prices without tiers
  Quantity quantity;                         ///< units, packages, or the amount that the events carried
  std::optional<money::Decimal> unit_price;  ///< for each of them; of a dynamic price the multiplier
  std::optional<money::Decimal> flat_price;
  std::optional<Quantity> package_size;  ///< units in a package
  money::Exact subtotal;
};

/// Which commitment decided, if one did.
enum class Commitment : std::uint8_t { none, minimum, maximum };
inline constexpr std::string_view kCommitmentNames[] = {"none", "minimum", "maximum"};

/// What a line comes to and how it came about, in the order in which it was computed, so that anybody can do it again
/// by hand: usage, less what is free, step by step through the price, less a percentage, within the commitments,
/// rounded once (S7.6).
struct Rating {
  Quantity usage;
  Quantity free_quantity;  ///< given free: the usage discount, at most the usage
  std::vector<RatedStep> steps;
  money::Exact price;     ///< sum of the steps
  money::Exact discount;  ///< taken off by the percentage
  Commitment commitment = Commitment::none;
  money::Exact before_rounding;
  money::Amount total;
};

/// Rates usage (S7.6). `price` and `discounts` are such as catalog/price_rules.h lets pass.
///
///     tiers 1 000 at 0.10, 10 000 at 0.05, rest at 0.01; usage 15 000: graduated 600.00, volume 150.00
///
/// Fails with `negative_usage`, `overflow` of the total, or `invalid_price` where the price does not cover the usage.
Result<Rating, BillingError> rate(const catalog::Price& price, const catalog::Discounts& discounts, Quantity usage,
                                  money::Currency currency);

/// What usage that became known after its period was billed comes to: the difference between the bill as it should have
/// been and as it was, so that both together are exactly the bill of all usage. Negative where more usage is cheaper.
struct LateRating {
  Rating billed;     ///< of the usage that was billed
  Rating corrected;  ///< of all usage
  money::Amount difference;
};
Result<LateRating, BillingError> rate_late_usage(const catalog::Price& price, const catalog::Discounts& discounts,
                                                 Quantity billed, Quantity all, money::Currency currency);

}  // namespace tollgate::billing
