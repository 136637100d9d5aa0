#include "control/catalog/promotion_comparison.h"

#include "control/catalog/feature_store.h"

#include <algorithm>

namespace tollgate::control {
namespace {

constexpr std::string_view kOnlyHere = "only this bucket has it";

const std::string& key_of(const DescribedMeter& meter) { return meter.meter.slug; }
const std::string& key_of(const catalog::Feature& feature) { return feature.key; }
const std::string& key_of(const PlanVersion& plan) { return plan.plan.key; }
const std::string& key_of(const PlanHistory& history) { return history.key; }
std::string_view key_of(const Setting& setting) { return setting.name; }

/// The element with this key, or null.
template <class Keyed>
const Keyed* find(const std::vector<Keyed>& list, std::string_view key) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const Keyed& item) { return key_of(item) == key; });
  return found == list.end() ? nullptr : &*found;
}

/// What is wrong, in one line.
std::string reason(const Violations& violations) {
  std::string text;
  for (const Violation& violation : violations.all()) {
    if (!text.empty()) text += "; ";
    text.append(violation.field).append(" ").append(violation.message);
  }
  return text;
}

bool same(const DescribedMeter& a, const DescribedMeter& b) {
  const auto text = [](const DescribedMeter& meter) {
    json::Text members;
    JsonWriter to(members);
    write_described_meter(to, meter);
    return members.take();
  };
  return text(a) == text(b);
}

class Comparison final : public FeatureLookup {
 public:
  Comparison(const Catalog& source, const Catalog& target, const std::vector<PlanHistory>& histories,
             ServableCheck check_servable)
      : source_(source), target_(target), histories_(histories), check_servable_(check_servable) {}

  Promotion take() {
    for (const DescribedMeter& meter : source_.meters) compare(meter);
    for (const catalog::Feature& feature : source_.features) compare(feature);
    for (const PlanVersion& plan : source_.plans) compare(plan);
    for (const Setting& setting : source_.settings) compare(setting);
    leave_others_alone("meter", source_.meters, target_.meters);
    leave_others_alone("feature", source_.features, target_.features);
    leave_plans_alone();
    return std::move(promotion_);
  }

  // The target as it would be: what it has stays.
  std::optional<catalog::Feature> feature(std::string_view key) const override {
    const catalog::Feature* found = find(target_.features, key);
    if (found == nullptr) found = find(source_.features, key);
    return found == nullptr ? std::nullopt : std::optional(*found);
  }
  std::optional<catalog::Meter> meter(std::string_view slug) const override {
    const DescribedMeter* found = find(target_.meters, slug);
    if (found == nullptr) found = find(source_.meters, slug);
    return found == nullptr ? std::nullopt : std::optional(found->meter);
  }

 private:
  using Items = std::vector<PromotionItem>;

  static void say(Items& items, std::string_view kind, std::string_view key, std::string_view detail = {}) {
    items.push_back({kind, std::string(key), std::nullopt, std::nullopt, std::string(detail)});
  }

  void compare(const DescribedMeter& meter) {
    const DescribedMeter* present = find(target_.meters, key_of(meter));
    if (present == nullptr) {
      say(promotion_.additions, "meter", key_of(meter));
      promotion_.new_meters.push_back(meter);
      return;
    }
    Violations violations;
    refuse_other_counting(present->meter, meter.meter, violations);
    if (!violations.empty()) return say(promotion_.conflicts, "meter", key_of(meter), reason(violations));
    if (same(*present, meter)) return say(promotion_.unchanged, "meter", key_of(meter));
    say(promotion_.updates, "meter", key_of(meter), "name, description or dimensions");
    promotion_.changed_meters.push_back(meter);
  }

  void compare(const catalog::Feature& feature) {
    const catalog::Feature* present = find(target_.features, feature.key);
    if (present == nullptr) return add(feature);
    if (present->meter_slug != feature.meter_slug) {
      return say(promotion_.conflicts, "feature", feature.key,
                 "counts on " + (present->meter_slug.has_value() ? "meter " + *present->meter_slug : "no meter") +
                     " here: archive it first");
    }
    const bool same = present->name == feature.name && present->metadata == feature.metadata;
    if (same) return say(promotion_.unchanged, "feature", feature.key);
    say(promotion_.left_alone, "feature", feature.key, "name or metadata differ, but a feature is never updated");
  }

  void add(const catalog::Feature& feature) {
    Violations violations;
    check_feature(*this, feature, violations);
    if (!violations.empty()) return say(promotion_.conflicts, "feature", feature.key, reason(violations));
    say(promotion_.additions, "feature", feature.key);
    promotion_.new_features.push_back(feature);
  }

  void compare(const PlanVersion& plan) {
    const std::string& key = key_of(plan);
    const PlanVersion* present = find(target_.plans, key);
    if (present != nullptr && plan_text(present->plan) == plan_text(plan.plan)) {
      promotion_.unchanged.push_back({"plan", key, present->version, plan.version, {}});
      return;
    }
    Violations violations;
    Violations warnings;
    check_whole_plan(*this, plan.plan, violations, warnings);
    if (violations.empty()) check_servable_(plan.plan, violations);
    if (!violations.empty()) {
      promotion_.conflicts.push_back({"plan", key, std::nullopt, plan.version, reason(violations)});
      return;
    }
    const PlanHistory* history = find(histories_, key);
    const std::int64_t next = history == nullptr ? 1 : history->newest + 1;
    Items& items = present == nullptr ? promotion_.additions : promotion_.new_versions;
    items.push_back({"plan", key, next, plan.version, reason(warnings)});
    promotion_.plans_to_sell.push_back(plan.plan);
  }

  void compare(const Setting& setting) {
    const Setting* present = find(target_.settings, setting.name);
    if (present != nullptr && present->value == setting.value) {
      return say(promotion_.unchanged, "configuration", setting.name);
    }
    say(promotion_.updates, "configuration", setting.name);
    promotion_.settings.push_back(setting);
  }

  template <class Keyed>
  void leave_others_alone(std::string_view kind, const std::vector<Keyed>& source, const std::vector<Keyed>& target) {
    for (const Keyed& item : target) {
      if (find(source, key_of(item)) == nullptr) say(promotion_.left_alone, kind, key_of(item), kOnlyHere);
    }
  }

  void leave_plans_alone() {
    for (const PlanVersion& plan : target_.plans) {
      if (find(source_.plans, key_of(plan)) != nullptr) continue;
      promotion_.left_alone.push_back(
          {"plan", key_of(plan), plan.version, std::nullopt, "the other bucket does not sell it"});
    }
    for (const PlanHistory& history : histories_) {
      if (!history.draft.has_value()) continue;
      promotion_.left_alone.push_back({"plan", history.key, history.draft, std::nullopt, "a draft"});
    }
  }

  const Catalog& source_;
  const Catalog& target_;
  const std::vector<PlanHistory>& histories_;
  ServableCheck check_servable_;
  Promotion promotion_;
};

}  // namespace

Promotion compare_catalogs(const Catalog& source, const Catalog& target, const std::vector<PlanHistory>& histories,
                           ServableCheck check_servable) {
  return Comparison(source, target, histories, check_servable).take();
}

}  // namespace tollgate::control
