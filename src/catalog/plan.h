#pragma once

#include "catalog/entitlement.h"
#include "catalog/metadata.h"
#include "catalog/price.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::catalog {

enum class RateCardType : std::uint8_t { flat_fee, usage_based };
inline constexpr std::string_view kRateCardTypeNames[] = {"flat_fee", "usage_based"};

/// One line of a phase: what it costs and what it entitles to (S7.4).
struct RateCard {
  RateCardType type = RateCardType::flat_fee;
  std::string key;
  std::string name;
  std::optional<std::string> description;
  std::optional<std::string> feature_key;       ///< equals `key` where present
  std::optional<NamedCadence> billing_cadence;  ///< none: a flat fee that is due once per phase
  std::optional<Price> price;                   ///< none: free
  std::optional<EntitlementTemplate> entitlement;
  Discounts discounts;
};

/// No price, a price of 0, or a discount of 100 % (S7.4).
bool is_free(const RateCard& card);

/// A span of a subscription with rate cards of its own; a trial is a first phase with a duration.
struct Phase {
  std::string key;
  std::string name;
  std::optional<std::string> description;
  std::optional<NamedCadence> duration;  ///< none on the last phase only
  std::vector<RateCard> rate_cards;
};

/// None of its cards ever costs anything: a trial, or a phase of a free plan.
bool is_free(const Phase& phase);

/// What is sold (S7.3): the definition, without identity, version and state, which its row holds.
struct Plan {
  std::string key;
  std::string name;
  std::optional<std::string> description;
  std::string currency;
  NamedCadence billing_cadence;
  std::vector<Phase> phases;
  Metadata metadata;
  std::optional<bool> proration_enabled;
  std::optional<bool> payment_method_required;
};

/// Nothing in any phase ever costs anything.
bool is_free(const Plan& plan);

/// Shown and sold only to those who are invited (S7.9).
bool is_private(const Plan& plan);

/// Whether bills of the two cadences come together: equal, or one divides the other without remainder (S7.4). Months
/// never align with hours, days and weeks.
bool aligned(Cadence plan, Cadence card);

/// One of the ten cadences at which a plan may bill (S7.3).
bool is_billing_cadence(std::string_view text);

enum class PlanState : std::uint8_t {
  draft,     ///< editable, not for sale
  active,    ///< published: for sale, frozen
  archived,  ///< not for sale; its subscriptions go on
};
inline constexpr std::string_view kPlanStateNames[] = {"draft", "active", "archived"};

}  // namespace tollgate::catalog
