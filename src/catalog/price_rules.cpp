#include "catalog/price_rules.h"

namespace tollgate::catalog {
namespace {

void check_tiers(const Price& price, const Place& place) {
  const std::size_t last = price.tiers.size() - 1;
  for (std::size_t i = 0; i < price.tiers.size(); ++i) {
    const Tier& tier = price.tiers[i];
    const Place here = place.at("tiers", i);
    if (!tier.flat_price.has_value() && !tier.unit_price.has_value()) {
      here.refuse("unitPrice", "required", "a tier has a flat price, a unit price, or both");
    }
    if (tier.up_to.has_value() == (i == last)) {
      here.refuse("upToAmount", i == last ? "last_tier_open" : "required",
                  i == last ? "must be absent on the last tier" : "is required on every tier but the last");
    }
    if (!tier.up_to.has_value()) continue;
    const bool ascends = i == 0 || !price.tiers[i - 1].up_to.has_value() || *tier.up_to > *price.tiers[i - 1].up_to;
    if (!ascends || !tier.up_to->positive()) {
      here.refuse("upToAmount", "ascending", "must be above 0 and above that of the tier before");
    }
  }
}

}  // namespace

void check_price(const Price& price, const Place& place) {
  if (price.type == PriceType::tiered && !price.tiers.empty()) check_tiers(price, place);
  if (price.type == PriceType::package && !price.quantity_per_package.positive()) {
    place.refuse("quantityPerPackage", "range", "must be above 0");
  }
  if (price.minimum_amount.has_value() && price.maximum_amount.has_value() &&
      *price.minimum_amount > *price.maximum_amount) {
    place.refuse("commitments.minimumAmount", "range", "must not be above maximumAmount");
  }
}

void check_discounts(const Discounts& discounts, const Place& place) {
  if (discounts.percentage.has_value() && *discounts.percentage > Quantity::units(100)) {
    place.refuse("discounts.percentage", "range", "must be from 0 to 100");
  }
}

}  // namespace tollgate::catalog
