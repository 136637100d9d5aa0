#include "control/catalog/features.h"

#include "control/catalog/feature_store.h"
#include "control/http/list.h"

namespace tollgate::control {
namespace {

constexpr Fragment kSelect =
    "SELECT key, name, meter_slug, metadata, id, archived_at, created_at, updated_at FROM features ";
// The one in use comes before archived ones of the same key, the newest of these before older ones.
constexpr auto kFind =
    kSelect + "WHERE id = ?1 OR key = ?1 ORDER BY id <> ?1, archived_at IS NOT NULL, rowid DESC LIMIT 1";
constexpr Fragment kMatching =
    "WHERE (archived_at IS NULL OR ?1) AND (?2 IS NULL OR key = ?2) AND (?3 IS NULL OR meter_slug = ?3) ";
constexpr auto kList = kSelect + kMatching + "ORDER BY rowid LIMIT ?4 OFFSET ?5";
constexpr auto kCount = Fragment("SELECT count(*) FROM features ") + kMatching;

void write_feature(JsonWriter& to, Row row) {
  to.begin_object();
  to.member("id", row.text(4));
  write_feature_members(to, feature_from(row));
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

}  // namespace

Response create_feature(Context& context) {
  const catalog::Feature feature = read_feature(context.body, context.violations);
  check_feature(StoredFeatures(context.sql), feature, context.violations);
  if (!context.violations.empty()) return context.invalid_input();
  if (find_feature(context.sql, feature.key).has_value()) {
    return context.conflict("key_taken", "There is a feature with the key \"" + feature.key + "\" already.");
  }
  return feature_answer(context, 201, insert_feature(context, feature));
}

Response list_features(Context& context) {
  const Page page = read_page(context, {"includeArchived", "key", "meterSlug"});
  const bool all = truth_parameter(context, "includeArchived").value_or(false);
  if (!context.violations.empty()) return context.invalid_input();
  const auto key = query_parameter(context, "key");
  const auto meter = query_parameter(context, "meterSlug");
  return list_answer(page, context.sql.query(kCount, all, key, meter),
                     context.sql.query(kList, all, key, meter, page.size, page.offset()), write_feature);
}

Response get_feature(Context& context) { return feature_answer(context, 200, context.parameters[0]); }

Response archive_feature(Context& context) {
  const Rows rows = context.sql.query(kFind, context.parameters[0]);
  if (rows.empty()) return context.not_found("feature");
  context.sql.exec("UPDATE features SET archived_at = ?1, updated_at = ?1 WHERE id = ?2 AND archived_at IS NULL",
                   context.now(), rows.first().text(4));
  return no_content();
}

}  // namespace tollgate::control
