#include "control/catalog/meter_store.h"

#include "control/catalog/feature_store.h"
#include "json/meter.h"
#include "json/object_reader.h"

namespace tollgate::control {
namespace {

catalog::Meter meter_from(std::string_view definition) {
  json::Document document;
  Violations violations;
  if (!document.parse(definition).ok()) return {};
  return json::read_meter(document.root(), "", violations);
}

}  // namespace

DescribedMeter read_described_meter(json::Value body, Violations& violations) {
  json::ObjectReader fields(body, "", violations);
  DescribedMeter described;
  described.meter = json::read_meter(fields);
  described.name = fields.optional_text("name", json::kLabelText).value_or(described.meter.slug);
  described.description = fields.optional_text("description", json::kDescriptionText);
  fields.refuse_others();
  return described;
}

void write_described_meter(JsonWriter& to, const DescribedMeter& meter) {
  json::write_meter_members(to, meter.meter);
  to.member("name", std::string_view(meter.name));
  if (meter.description.has_value()) to.member("description", std::string_view(*meter.description));
}

void refuse_other_counting(const catalog::Meter& present, const catalog::Meter& wanted, Violations& violations) {
  const auto refuse = [&](std::string_view field, bool changes) {
    if (changes) violations.add(field, "immutable", "cannot be changed: it decides what recorded usage means");
  };
  refuse("slug", wanted.slug != present.slug);
  refuse("eventType", wanted.event_type != present.event_type);
  refuse("aggregation", wanted.aggregation != present.aggregation);
  refuse("valueProperty", wanted.value_property != present.value_property);
}

std::optional<catalog::Meter> find_meter(Sql& sql, std::string_view id_or_slug) {
  const Rows rows = sql.query("SELECT definition FROM meters WHERE id = ?1 OR slug = ?1", id_or_slug);
  if (rows.empty()) return std::nullopt;
  return meter_from(rows.first().text(0));
}

std::optional<catalog::Meter> meter_of_feature(Sql& sql, std::string_view feature_key) {
  const auto feature = find_feature_ever(sql, feature_key);
  if (!feature.has_value() || !feature->meter_slug.has_value()) return std::nullopt;
  return find_meter(sql, *feature->meter_slug);
}

std::optional<std::string> meter_text_of_feature(Sql& sql, std::string_view feature_key) {
  const auto meter = meter_of_feature(sql, feature_key);
  if (!meter.has_value()) return std::nullopt;
  return json::meter_text(*meter);
}

std::vector<catalog::Meter> meters_of_type(Sql& sql, std::string_view event_type) {
  std::vector<catalog::Meter> meters;
  const Rows rows = sql.query("SELECT definition FROM meters WHERE event_type = ? ORDER BY rowid", event_type);
  for (Row row : rows) meters.push_back(meter_from(row.text(0)));
  return meters;
}

std::vector<DescribedMeter> all_meters(Sql& sql) {
  std::vector<DescribedMeter> meters;
  const Rows rows = sql.query("SELECT definition, name, description FROM meters ORDER BY rowid");
  for (Row row : rows) meters.push_back(described_meter(row));
  return meters;
}

DescribedMeter described_meter(Row row) {
  return {meter_from(row.text(0)), std::string(row.text(1)), row.optional_text(2)};
}

std::string insert_meter(Context& context, const DescribedMeter& meter) {
  std::string id = context.new_id();
  context.sql.exec(
      "INSERT INTO meters (id, slug, event_type, name, description, definition, created_at, updated_at)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
      id, meter.meter.slug, meter.meter.event_type, meter.name, meter.description, json::meter_text(meter.meter),
      context.now());
  return id;
}

void replace_meter(Context& context, const DescribedMeter& meter) {
  context.sql.exec("UPDATE meters SET name = ?, description = ?, definition = ?, updated_at = ? WHERE slug = ?",
                   meter.name, meter.description, json::meter_text(meter.meter), context.now(), meter.meter.slug);
}

}  // namespace tollgate::control
