#include "control/features.h"

#include "control/list.h"
#include "control/meters.h"
#include "json/metadata.h"
#include "json/object_reader.h"

namespace tollgate::control {
namespace {

constexpr Fragment kSelect =
    "SELECT id, key, name, meter_slug, metadata, archived_at, created_at, updated_at FROM features ";
// The one in use comes before archived ones of the same key, the newest of these before older ones.
constexpr auto kFind =
    kSelect + "WHERE id = ?1 OR key = ?1 ORDER BY id <> ?1, archived_at IS NOT NULL, rowid DESC LIMIT 1";
constexpr auto kList = kSelect + "WHERE archived_at IS NULL OR ?1 ORDER BY rowid LIMIT ?2 OFFSET ?3";
constexpr auto kFindInUse = kSelect + "WHERE key = ? AND archived_at IS NULL";
constexpr auto kFindEver = kSelect + "WHERE key = ? ORDER BY archived_at IS NOT NULL, rowid DESC LIMIT 1";

void write_feature(JsonWriter& to, Row row) {
  to.begin_object();
  to.member("id", row.text(0));
  to.member("key", row.text(1));
  to.member("name", row.text(2));
  write_optional_member(to, "meterSlug", row, 3);
  json::write_metadata(to, json::metadata_from(row.text(4)));
  write_instant_member(to, "archivedAt", row.optional_instant(5));
  write_instant_member(to, "createdAt", row.instant(6));
  write_instant_member(to, "updatedAt", row.instant(7));
  to.end_object();
}

Response feature_answer(Context& context, int status, std::string_view id_or_key) {
  const Rows rows = context.sql.query(kFind, id_or_key);
  if (rows.empty()) return context.not_found("feature");
  return item_answer(status, rows.first(), write_feature);
}

std::optional<catalog::Feature> feature_from(const Rows& rows) {
  if (rows.empty()) return std::nullopt;
  const Row row = rows.first();
  catalog::Feature feature{std::string(row.text(1)), std::string(row.text(2)), std::nullopt, {}};
  if (!row.is_null(3)) feature.meter_slug = std::string(row.text(3));
  return feature;
}

catalog::Feature read_input(Context& context) {
  json::ObjectReader fields(context.body, "", context.violations);
  catalog::Feature feature;
  feature.key = fields.text("key", json::kKeyText);
  feature.name = fields.text("name", json::kLabelText);
  feature.meter_slug = fields.optional_text("meterSlug", json::kKeyText);
  feature.metadata = json::read_metadata(fields);
  fields.refuse_others();
  if (feature.meter_slug.has_value() && !find_meter(context.sql, *feature.meter_slug).has_value()) {
    fields.refuse("meterSlug", "exists", "names no meter of this bucket");
  }
  return feature;
}

}  // namespace

Response create_feature(Context& context) {
  const catalog::Feature feature = read_input(context);
  if (!context.violations.empty()) return context.invalid_input();
  if (find_feature(context.sql, feature.key).has_value()) {
    return context.conflict("key_taken", "There is a feature with the key \"" + feature.key + "\" already.");
  }
  const std::string id = context.new_id();
  context.sql.exec(
      "INSERT INTO features (id, key, name, meter_slug, metadata, created_at, updated_at)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
      id, feature.key, feature.name, feature.meter_slug, json::metadata_text(feature.metadata), context.now());
  return feature_answer(context, 201, id);
}

Response list_features(Context& context) {
  const Page page = read_page(context, {"includeArchived"});
  const std::string_view archived = query_parameter(context, "includeArchived").value_or("false");
  if (archived != "true" && archived != "false") {
    context.violations.add("includeArchived", "one_of", "must be one of true, false");
  }
  if (!context.violations.empty()) return context.invalid_input();
  const bool all = archived == "true";
  const Rows total = context.sql.query("SELECT count(*) FROM features WHERE archived_at IS NULL OR ?", all);
  return list_answer(page, total, context.sql.query(kList, all, page.size, page.offset()), write_feature);
}

Response get_feature(Context& context) { return feature_answer(context, 200, context.parameters[0]); }

Response archive_feature(Context& context) {
  const Rows rows = context.sql.query(kFind, context.parameters[0]);
  if (rows.empty()) return context.not_found("feature");
  context.sql.exec("UPDATE features SET archived_at = ?1, updated_at = ?1 WHERE id = ?2 AND archived_at IS NULL",
                   context.now(), rows.first().text(0));
  return no_content();
}

std::optional<catalog::Feature> find_feature(Sql& sql, std::string_view key) {
  return feature_from(sql.query(kFindInUse, key));
}

std::optional<catalog::Feature> find_feature_ever(Sql& sql, std::string_view key) {
  return feature_from(sql.query(kFindEver, key));
}

}  // namespace tollgate::control
