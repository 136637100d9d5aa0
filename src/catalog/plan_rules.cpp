#include "catalog/plan_rules.h"

#include "catalog/price_rules.h"
#include "catalog/rule_place.h"

#include <algorithm>
#include <string>

namespace tollgate::catalog {
namespace {

/// What has no periods has neither their length nor anything to carry from one to the next.
void check_unreset(const EntitlementTemplate& entitlement, const Place& place) {
  if (entitlement.is_soft_limit) {
    place.refuse("entitlementTemplate.isSoftLimit", "hard_limit_only", "must be false where nothing resets");
  }
  if (entitlement.preserve_overage_at_reset) {
    place.refuse("entitlementTemplate.preserveOverageAtReset", "not_allowed", "has no meaning where nothing resets");
  }
  if (entitlement.usage_period.has_value()) {
    place.refuse("entitlementTemplate.usagePeriod", "not_allowed", "has no meaning where nothing resets");
  }
}

void check_entitlement(const RateCard& card, const Place& place) {
  const EntitlementTemplate& entitlement = *card.entitlement;
  if (!card.feature_key.has_value()) {
    place.refuse("entitlementTemplate", "feature_required", "an entitlement needs a featureKey");
  }
  if (entitlement.type != EntitlementType::metered) return;
  if (!entitlement.is_soft_limit && !entitlement.issue_after_reset.has_value()) {
    place.refuse("entitlementTemplate.issueAfterReset", "required", "is required for a hard limit");
  }
  if (!entitlement.resets) check_unreset(entitlement, place);
}

void check_flat_fee(const RateCard& card, const Place& place) {
  if (card.price.has_value() && card.price->type != PriceType::flat) {
    place.refuse("price.type", "flat_only", "a flat fee has a flat price");
  }
  if (card.discounts.quantity.has_value()) {
    place.refuse("discounts.usage", "not_allowed", "only a usage-based card can give usage free");
  }
}

void check_usage_based(const RateCard& card, const Place& place) {
  if (!card.feature_key.has_value()) {
    place.refuse("featureKey", "required", "a usage-based card needs a metered feature");
  }
  if (!card.billing_cadence.has_value()) {
    place.refuse("billingCadence", "required", "a usage-based card needs a billing cadence");
  }
  if (card.price.has_value() && card.price->payment_term == PaymentTerm::in_advance) {
    place.refuse("price.paymentTerm", "in_arrears_only", "usage is paid in arrears");
  }
}

void check_card(const Plan& plan, const RateCard& card, const Place& place) {
  if (card.feature_key.has_value() && *card.feature_key != card.key) {
    place.refuse("key", "equals_feature_key", "must equal featureKey");
  }
  const bool comparable = card.billing_cadence.has_value() && !plan.billing_cadence.text.empty();
  if (comparable && !aligned(plan.billing_cadence.cadence, card.billing_cadence->cadence)) {
    place.refuse("billingCadence", "cadence_alignment",
                 "must equal the plan's " + plan.billing_cadence.text + ", divide it, or be a multiple of it");
  }
  check_discounts(card.discounts, place);
  if (card.price.has_value()) check_price(*card.price, place.at("price"));
  if (card.entitlement.has_value()) check_entitlement(card, place);
  if (card.type == RateCardType::flat_fee) {
    check_flat_fee(card, place);
  } else {
    check_usage_based(card, place);
  }
}

/// Adds a violation for each element whose key an earlier one has.
template <class Keyed>
void check_distinct(const std::vector<Keyed>& list, std::string_view name, const Place& place) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto end = list.begin() + static_cast<std::ptrdiff_t>(i);
    const bool taken = std::any_of(list.begin(), end, [&](const Keyed& other) { return other.key == list[i].key; });
    if (taken && !list[i].key.empty()) {
      place.at(name, i).refuse("key", "unique", "\"" + list[i].key + "\" is used twice");
    }
  }
}

void check_phase(const Plan& plan, std::size_t index, const Place& place) {
  const Phase& phase = plan.phases[index];
  const bool last = index + 1 == plan.phases.size();
  if (phase.duration.has_value() == last) {
    place.refuse("duration", last ? "last_phase_open" : "required",
                 last ? "must be absent on the last phase" : "is required on every phase but the last");
  }
  check_distinct(phase.rate_cards, "rateCards", place);
  for (std::size_t i = 0; i < phase.rate_cards.size(); ++i) {
    check_card(plan, phase.rate_cards[i], place.at("rateCards", i));
  }
}

}  // namespace

void check_plan(const Plan& plan, Violations& violations) {
  const Place top{"", violations};
  check_distinct(plan.phases, "phases", top);
  for (std::size_t i = 0; i < plan.phases.size(); ++i) check_phase(plan, i, top.at("phases", i));
}

}  // namespace tollgate::catalog
