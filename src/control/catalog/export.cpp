#include "control/catalog/export.h"

#include "base/limits.h"
#include "control/catalog/feature_store.h"
#include "control/http/list.h"
#include "json/plan.h"

namespace tollgate::control {
namespace {

constexpr std::int64_t kMostVersions = std::int64_t{1} << 53;

/// Writes the member `name`: an array of objects, each of which `write_members(item)` fills.
template <class Item, class WriteMembers>
void write_objects(JsonWriter& to, std::string_view name, const std::vector<Item>& items, WriteMembers write_members) {
  to.key(name);
  to.begin_array();
  for (const Item& item : items) {
    to.begin_object();
    write_members(item);
    to.end_object();
  }
  to.end_array();
}

PlanVersion read_plan_version(json::Value object, Violations& violations) {
  json::ObjectReader fields(object, "plans", violations);
  const std::int64_t version = fields.optional_integer("version", 1, kMostVersions).value_or(0);
  return {version, json::read_plan(fields.optional_object("definition"), violations)};
}

}  // namespace

Catalog read_catalog(Sql& sql) {
  return {all_meters(sql), features_in_use(sql), plans_for_sale(sql), all_settings(sql)};
}

std::optional<Catalog> parse_catalog(std::string_view text) {
  json::Document document;
  if (!document.parse(text).ok()) return std::nullopt;
  const json::Value root = document.root();
  Violations violations;
  Catalog catalog;
  for (json::Value meter : root.member("meters")) catalog.meters.push_back(read_described_meter(meter, violations));
  for (json::Value feature : root.member("features")) catalog.features.push_back(read_feature(feature, violations));
  for (json::Value plan : root.member("plans")) catalog.plans.push_back(read_plan_version(plan, violations));
  catalog.settings = read_settings(root.member("settings"), violations);
  if (!violations.empty()) return std::nullopt;
  return catalog;
}

Response export_catalog(Context& context) {
  const Catalog catalog = read_catalog(context.sql);
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  write_objects(to, "meters", catalog.meters, [&](const DescribedMeter& meter) { write_described_meter(to, meter); });
  write_objects(to, "features", catalog.features,
                [&](const catalog::Feature& feature) { write_feature_members(to, feature); });
  write_objects(to, "plans", catalog.plans, [&](const PlanVersion& plan) {
    to.member("version", plan.version);
    to.raw_member("definition", plan_text(plan.plan));
  });
  to.key("settings");
  to.begin_object();
  for (const Setting& setting : catalog.settings) to.raw_member(setting.name, setting.value);
  to.end_object();
  to.end_object();
  if (text.view().size() > limits::kMaxDocumentBytes) {
    return problem(context.request, 413, "catalog_too_large", "The catalog is too large to be handed over.");
  }
  return json_answer(200, text.take());
}

}  // namespace tollgate::control
