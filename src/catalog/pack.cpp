#include "catalog/pack.h"

#include <algorithm>

namespace tollgate::catalog {
namespace {

bool is_one_time_fee(const RateCard& card) {
  const bool in_advance = !card.price.has_value() || card.price->payment_term != PaymentTerm::in_arrears;
  return card.type == RateCardType::flat_fee && !card.billing_cadence.has_value() && in_advance;
}

bool is_prepaid(const EntitlementTemplate& entitlement) {
  return entitlement.type == EntitlementType::metered && !entitlement.resets;
}

}  // namespace

std::optional<std::string_view> why_no_pack(const Plan& plan) {
  if (plan.phases.size() != 1) return "has more than one phase";
  const auto& cards = plan.phases.front().rate_cards;
  for (const RateCard& card : cards) {
    if (!is_one_time_fee(card)) return "has a rate card that is no one-time fee in advance";
    if (card.entitlement.has_value() && !is_prepaid(*card.entitlement)) {
      return "has an entitlement that is not metered, or resets";
    }
  }
  const bool gives =
      std::any_of(cards.begin(), cards.end(), [](const RateCard& card) { return card.entitlement.has_value(); });
  if (!gives) return "has no metered entitlement";
  return std::nullopt;
}

}  // namespace tollgate::catalog
