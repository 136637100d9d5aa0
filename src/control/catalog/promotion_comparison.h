#pragma once

#include "control/catalog/export.h"
#include "control/catalog/plan_features.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::control {

/// One thing that a promotion has to say.
struct PromotionItem {
  std::string_view kind;  ///< `meter`, `feature`, `plan`, `configuration`
  std::string key;
  std::optional<std::int64_t> version;       ///< in the target, when it is promoted
  std::optional<std::int64_t> from_version;  ///< in the source
  std::string detail;
};

/// What the target knows of a plan besides the version for sale.
struct PlanHistory {
  std::string key;
  std::int64_t newest = 0;            ///< highest version, in whatever state
  std::optional<std::int64_t> draft;  ///< version of the draft
};

/// What it means to promote one catalog into another: what there is to say, and what there is to do.
struct Promotion {
  std::vector<PromotionItem> additions;
  std::vector<PromotionItem> new_versions;
  std::vector<PromotionItem> updates;
  std::vector<PromotionItem> unchanged;
  std::vector<PromotionItem> left_alone;
  std::vector<PromotionItem> conflicts;

  std::vector<DescribedMeter> new_meters;
  std::vector<DescribedMeter> changed_meters;
  std::vector<catalog::Feature> new_features;
  std::vector<catalog::Plan> plans_to_sell;
  std::vector<Setting> settings;
};

/// Compares what the source sells with the target. Meters are added, or updated where that changes nothing about how
/// recorded usage counts; features are added; a plan that differs from the version for sale becomes a new version;
/// settings are set. Whatever only the target has is left alone, and so are its drafts. What cannot be done by the
/// rules that the routes apply is a conflict.
Promotion compare_catalogs(const Catalog& source, const Catalog& target, const std::vector<PlanHistory>& histories,
                           ServableCheck check_servable);

}  // namespace tollgate::control
