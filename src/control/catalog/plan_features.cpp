#include "control/catalog/plan_features.h"

#include "catalog/plan_rules.h"

namespace tollgate::control {
namespace {

bool is_metered(const catalog::RateCard& card) {
  return card.type == catalog::RateCardType::usage_based ||
         (card.entitlement.has_value() && card.entitlement->type == catalog::EntitlementType::metered);
}

void warn_of_names(const FeatureLookup& lookup, const catalog::Feature& feature, std::string_view field,
                   Violations& warnings) {
  const auto meter = lookup.meter(*feature.meter_slug);
  if (!meter.has_value()) return;
  if (meter->slug != feature.key) {
    warnings.add(field, "names_differ",
                 "feature \"" + feature.key + "\" counts on meter \"" + meter->slug +
                     "\": a policy that meters the one does not spend the other");
  } else if (meter->event_type != feature.key) {
    warnings.add(field, "names_differ",
                 "meter \"" + meter->slug + "\" counts events of type \"" + meter->event_type +
                     "\", but a policy sends type \"" + feature.key + "\"");
  }
}

void check_card(const FeatureLookup& lookup, const catalog::RateCard& card, std::string_view path,
                Violations& violations, Violations& warnings) {
  if (!card.feature_key.has_value()) return;
  const std::string field = field_path(path, "featureKey");
  const auto feature = lookup.feature(*card.feature_key);
  if (!feature.has_value()) {
    violations.add(field, "exists", "names no feature that is in use in this bucket");
  } else if (is_metered(card) && !feature->meter_slug.has_value()) {
    violations.add(field, "metered_feature", "must name a feature that has a meter");
  } else if (is_metered(card)) {
    warn_of_names(lookup, *feature, field, warnings);
  }
}

}  // namespace

void check_whole_plan(const FeatureLookup& lookup, const catalog::Plan& plan, Violations& violations,
                      Violations& warnings) {
  catalog::check_plan(plan, violations);
  for (std::size_t i = 0; i < plan.phases.size(); ++i) {
    const std::string cards = field_path(field_path("phases", i), "rateCards");
    for (std::size_t j = 0; j < plan.phases[i].rate_cards.size(); ++j) {
      check_card(lookup, plan.phases[i].rate_cards[j], field_path(cards, j), violations, warnings);
    }
  }
}

}  // namespace tollgate::control
