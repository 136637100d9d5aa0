#include "control/catalog/feature_store.h"

#include "control/catalog/meter_store.h"
#include "json/metadata.h"
#include "json/object_reader.h"

namespace tollgate::control {
namespace {

constexpr Fragment kSelect = "SELECT key, name, meter_slug, metadata FROM features ";
constexpr auto kFindInUse = kSelect + "WHERE key = ? AND archived_at IS NULL";
constexpr auto kFindEver = kSelect + "WHERE key = ? ORDER BY archived_at IS NOT NULL, rowid DESC LIMIT 1";
constexpr auto kInUse = kSelect + "WHERE archived_at IS NULL ORDER BY rowid";

std::optional<catalog::Feature> only_feature(const Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return feature_from(rows.first());
}

}  // namespace

std::optional<catalog::Feature> StoredFeatures::feature(std::string_view key) const { return find_feature(sql_, key); }
std::optional<catalog::Meter> StoredFeatures::meter(std::string_view slug) const { return find_meter(sql_, slug); }

catalog::Feature read_feature(json::Value body, Violations& violations) {
  json::ObjectReader fields(body, "", violations);
  catalog::Feature feature;
  feature.key = fields.text("key", json::kKeyText);
  feature.name = fields.text("name", json::kLabelText);
  feature.meter_slug = fields.optional_text("meterSlug", json::kKeyText);
  feature.metadata = json::read_metadata(fields);
  fields.refuse_others();
  return feature;
}

void write_feature_members(JsonWriter& to, const catalog::Feature& feature) {
  to.member("key", std::string_view(feature.key));
  to.member("name", std::string_view(feature.name));
  if (feature.meter_slug.has_value()) to.member("meterSlug", std::string_view(*feature.meter_slug));
  json::write_metadata(to, feature.metadata);
}

void check_feature(const FeatureLookup& lookup, const catalog::Feature& feature, Violations& violations) {
  if (feature.meter_slug.has_value() && !lookup.meter(*feature.meter_slug).has_value()) {
    violations.add("meterSlug", "exists", "names no meter of this bucket");
  }
}

std::optional<catalog::Feature> find_feature(Sql& sql, std::string_view key) {
  return only_feature(sql.query(kFindInUse, key));
}

std::optional<catalog::Feature> find_feature_ever(Sql& sql, std::string_view key) {
  return only_feature(sql.query(kFindEver, key));
}

std::vector<catalog::Feature> features_in_use(Sql& sql) {
  std::vector<catalog::Feature> features;
  const Rows rows = sql.query(kInUse);
  for (Row row : rows) features.push_back(feature_from(row));
  return features;
}

catalog::Feature feature_from(Row row) {
  return {std::string(row.text(0)), std::string(row.text(1)), row.optional_text(2), json::metadata_from(row.text(3))};
}

std::string insert_feature(Context& context, const catalog::Feature& feature) {
  std::string id = context.new_id();
  context.sql.exec(
      "INSERT INTO features (id, key, name, meter_slug, metadata, created_at, updated_at)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
      id, feature.key, feature.name, feature.meter_slug, json::metadata_text(feature.metadata), context.now());
  return id;
}

}  // namespace tollgate::control
