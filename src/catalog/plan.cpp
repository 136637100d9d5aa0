#include "catalog/plan.h"

#include <algorithm>
#include <array>

namespace tollgate::catalog {
namespace {

constexpr std::array<std::string_view, 10> kBillingCadences = {"PT1H", "P1D", "P1W", "P2W",  "P4W",
                                                               "P1M",  "P3M", "P6M", "P12M", "P1Y"};

constexpr std::int32_t kHoursPerDay = 24;

/// Length in the smallest unit of its kind: months, or hours.
std::int32_t length_of(Cadence cadence) {
  return cadence.unit == Cadence::Unit::day ? cadence.count * kHoursPerDay : cadence.count;
}

}  // namespace

bool is_free(const RateCard& card) {
  if (!card.price.has_value() || is_free(*card.price)) return true;
  // The percentage comes off before the minimum is charged (S7.6).
  const bool has_minimum = card.price->minimum_amount.has_value() && card.price->minimum_amount->positive();
  return card.discounts.percentage == Quantity::units(100) && !has_minimum;
}

bool is_free(const Phase& phase) {
  return std::all_of(phase.rate_cards.begin(), phase.rate_cards.end(),
                     [](const RateCard& card) { return is_free(card); });
}

bool is_free(const Plan& plan) {
  return std::all_of(plan.phases.begin(), plan.phases.end(), [](const Phase& phase) { return is_free(phase); });
}

bool is_private(const Plan& plan) {
  return std::any_of(plan.metadata.begin(), plan.metadata.end(), [](const auto& entry) {
    return (entry.first == kPrivatePlanKey || entry.first == kPrivatePlanAlias) && entry.second == "true";
  });
}

bool aligned(Cadence plan, Cadence card) {
  if ((plan.unit == Cadence::Unit::month) != (card.unit == Cadence::Unit::month)) return false;
  const std::int32_t a = length_of(plan);
  const std::int32_t b = length_of(card);
  return std::max(a, b) % std::min(a, b) == 0;
}

bool is_billing_cadence(std::string_view text) {
  return std::find(kBillingCadences.begin(), kBillingCadences.end(), text) != kBillingCadences.end();
}

}  // namespace tollgate::catalog
