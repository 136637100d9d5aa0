#include "control/catalog/meters.h"

#include "control/catalog/meter_store.h"
#include "control/http/list.h"

namespace tollgate::control {
namespace {

constexpr Fragment kSelect = "SELECT definition, name, description, id, created_at, updated_at FROM meters ";
constexpr Fragment kMatching = "WHERE ?1 IS NULL OR event_type = ?1 ";
constexpr auto kFind = kSelect + "WHERE id = ?1 OR slug = ?1";
constexpr auto kList = kSelect + kMatching + "ORDER BY rowid LIMIT ?2 OFFSET ?3";
constexpr auto kCount = Fragment("SELECT count(*) FROM meters ") + kMatching;

void write_meter(JsonWriter& to, Row row) {
  to.begin_object();
  to.member("id", row.text(3));
  write_described_meter(to, described_meter(row));
  write_instant_member(to, "createdAt", row.instant(4));
  write_instant_member(to, "updatedAt", row.instant(5));
  to.end_object();
}

Response meter_answer(Context& context, int status, std::string_view id_or_slug) {
  const Rows rows = context.sql.query(kFind, id_or_slug);
  if (rows.empty()) return context.not_found("meter");
  return item_answer(status, rows.first(), write_meter);
}

}  // namespace

Response create_meter(Context& context) {
  const DescribedMeter meter = read_described_meter(context.body, context.violations);
  if (!context.violations.empty()) return context.invalid_input();
  const std::string& slug = meter.meter.slug;
  if (find_meter(context.sql, slug).has_value()) {
    return context.conflict("slug_taken", "There is a meter with the slug \"" + slug + "\" already.");
  }
  return meter_answer(context, 201, insert_meter(context, meter));
}

Response list_meters(Context& context) {
  const Page page = read_page(context, {"eventType"});
  if (!context.violations.empty()) return context.invalid_input();
  const auto type = query_parameter(context, "eventType");
  return list_answer(page, context.sql.query(kCount, type), context.sql.query(kList, type, page.size, page.offset()),
                     write_meter);
}

Response get_meter(Context& context) { return meter_answer(context, 200, context.parameters[0]); }

Response update_meter(Context& context) {
  const auto present = find_meter(context.sql, context.parameters[0]);
  if (!present.has_value()) return context.not_found("meter");
  const DescribedMeter meter = read_described_meter(context.body, context.violations);
  refuse_other_counting(*present, meter.meter, context.violations);
  if (!context.violations.empty()) return context.invalid_input();
  replace_meter(context, meter);
  return meter_answer(context, 200, present->slug);
}

Response delete_meter(Context& context) {
  const auto meter = find_meter(context.sql, context.parameters[0]);
  if (!meter.has_value()) return context.not_found("meter");
  // Archived features count: plans that people are subscribed to still name them.
  const Rows features = context.sql.query("SELECT key FROM features WHERE meter_slug = ? LIMIT 1", meter->slug);
  if (!features.empty()) {
    return context.conflict("meter_in_use", "The feature \"" + std::string(features.first().text(0)) + "\" uses it.");
  }
  context.sql.exec("DELETE FROM meters WHERE slug = ?", meter->slug);
  return no_content();
}

}  // namespace tollgate::control
