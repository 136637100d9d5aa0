#include "catalog/price.h"

namespace tollgate::catalog {
namespace {

bool is_free(const std::optional<money::Decimal>& amount) { return !amount.has_value() || amount->zero(); }

bool tiers_are_free(const std::vector<Tier>& tiers) {
  for (const Tier& tier : tiers) {
    if (!is_free(tier.flat_price) || !is_free(tier.unit_price)) return false;
  }
  return true;
}

}  // namespace

bool is_free(const Price& price) {
  if (price.maximum_amount.has_value() && price.maximum_amount->zero()) return true;
  if (!is_free(price.minimum_amount)) return false;
  switch (price.type) {
    case PriceType::tiered: return tiers_are_free(price.tiers);
    case PriceType::dynamic: return price.multiplier.zero();
    case PriceType::flat:
    case PriceType::unit:
    case PriceType::package: break;
  }
  return price.amount.zero();
}

}  // namespace tollgate::catalog
