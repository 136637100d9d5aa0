#include "control/meters.h"

#include "base/limits.h"
#include "control/entitlements.h"
#include "control/list.h"
#include "control/meter_answer.h"
#include "control/meter_query.h"
#include "control/subscription_store.h"
#include "json/meter.h"
#include "json/object_reader.h"

namespace tollgate::control {
namespace {

constexpr Fragment kSelect = "SELECT id, definition, name, description, created_at, updated_at FROM meters ";
constexpr auto kFind = kSelect + "WHERE id = ?1 OR slug = ?1";
constexpr auto kList = kSelect + "ORDER BY rowid LIMIT ? OFFSET ?";

struct MeterInput {
  catalog::Meter meter;
  std::string name;
  std::optional<std::string> description;
};

MeterInput read_input(Context& context) {
  json::ObjectReader fields(context.body, "", context.violations);
  MeterInput input;
  input.meter = json::read_meter(fields);
  input.name = fields.optional_text("name", json::kLabelText).value_or(input.meter.slug);
  input.description = fields.optional_text("description", json::kDescriptionText);
  fields.refuse_others();
  return input;
}

std::string definition_text(const catalog::Meter& meter) {
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  json::write_meter_members(to, meter);
  to.end_object();
  return text.take();
}

catalog::Meter meter_from(std::string_view definition) {
  json::Document document;
  Violations violations;
  if (!document.parse(definition).ok()) return {};
  return json::read_meter(document.root(), "", violations);
}

void write_meter(JsonWriter& to, Row row) {
  to.begin_object();
  to.member("id", row.text(0));
  json::write_meter_members(to, meter_from(row.text(1)));
  to.member("name", row.text(2));
  write_optional_member(to, "description", row, 3);
  write_instant_member(to, "createdAt", row.instant(4));
  write_instant_member(to, "updatedAt", row.instant(5));
  to.end_object();
}

Response meter_answer(Context& context, int status, std::string_view id_or_slug) {
  const Rows rows = context.sql.query(kFind, id_or_slug);
  if (rows.empty()) return context.not_found("meter");
  return item_answer(status, rows.first(), write_meter);
}

void refuse_change(Context& context, std::string_view field, bool changes) {
  if (changes) {
    context.violations.add(field, "immutable", "cannot be changed: it decides what recorded usage means");
  }
}

}  // namespace

Response create_meter(Context& context) {
  const MeterInput input = read_input(context);
  if (!context.violations.empty()) return context.invalid_input();
  if (find_meter(context.sql, input.meter.slug).has_value()) {
    return context.conflict("slug_taken", "There is a meter with the slug \"" + input.meter.slug + "\" already.");
  }
  const std::string id = context.new_id();
  context.sql.exec(
      "INSERT INTO meters (id, slug, event_type, name, description, definition, created_at, updated_at)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
      id, input.meter.slug, input.meter.event_type, input.name, input.description, definition_text(input.meter),
      context.now());
  return meter_answer(context, 201, id);
}

Response list_meters(Context& context) {
  const Page page = read_page(context);
  if (!context.violations.empty()) return context.invalid_input();
  const Rows total = context.sql.query("SELECT count(*) FROM meters");
  return list_answer(page, total, context.sql.query(kList, page.size, page.offset()), write_meter);
}

Response get_meter(Context& context) { return meter_answer(context, 200, context.parameters[0]); }

Response update_meter(Context& context) {
  const auto present = find_meter(context.sql, context.parameters[0]);
  if (!present.has_value()) return context.not_found("meter");
  const MeterInput input = read_input(context);
  refuse_change(context, "slug", input.meter.slug != present->slug);
  refuse_change(context, "eventType", input.meter.event_type != present->event_type);
  refuse_change(context, "aggregation", input.meter.aggregation != present->aggregation);
  refuse_change(context, "valueProperty", input.meter.value_property != present->value_property);
  if (!context.violations.empty()) return context.invalid_input();
  context.sql.exec("UPDATE meters SET name = ?, description = ?, definition = ?, updated_at = ? WHERE slug = ?",
                   input.name, input.description, definition_text(input.meter), context.now(), present->slug);
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

std::optional<catalog::Meter> find_meter(Sql& sql, std::string_view id_or_slug) {
  const Rows rows = sql.query(kFind, id_or_slug);
  if (rows.empty()) return std::nullopt;
  return meter_from(rows.first().text(1));
}

std::vector<catalog::Meter> meters_of_type(Sql& sql, std::string_view event_type) {
  std::vector<catalog::Meter> meters;
  const Rows rows = sql.query("SELECT definition FROM meters WHERE event_type = ? ORDER BY rowid", event_type);
  for (Row row : rows) meters.push_back(meter_from(row.text(0)));
  return meters;
}

namespace {

/// The subscriptions whose ledgers are asked: those that the query names, else all. Too many, or one that is not there,
/// is refused.
std::vector<std::string> ledgers_asked(Context& context, const MeterQuery& query) {
  std::vector<std::string> ids = query.subscriptions;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (subscription_exists(context.sql, ids[i])) continue;
    context.violations.add(field_path("filterSubscription", i), "exists", "names no subscription of this bucket");
  }
  if (ids.empty()) {
    const Rows rows = context.sql.query("SELECT id FROM subscriptions ORDER BY rowid LIMIT ?",
                                        static_cast<std::int64_t>(limits::kMaxLedgersPerRequest + 1));
    for (Row row : rows) ids.emplace_back(row.text(0));
  }
  if (ids.size() > limits::kMaxLedgersPerRequest) {
    context.violations.add(
        "filterSubscription", "length",
        "must name at most " + std::to_string(limits::kMaxLedgersPerRequest) + " subscriptions; the bucket has more");
  }
  return ids;
}

}  // namespace

Response query_meter(Context& context) {
  const auto meter = find_meter(context.sql, context.parameters[0]);
  if (!meter.has_value()) return context.not_found("meter");
  const MeterQuery query = read_meter_query(context.body, context.now(), *meter, context.violations);
  const std::vector<std::string> ids = ledgers_asked(context, query);
  if (!context.violations.empty()) return context.invalid_input();
  json::Text body;
  JsonWriter to(body);
  write_meter_query(to, query, *meter);
  const std::string text = body.take();
  std::vector<std::string_view> answers;
  for (const std::string& id : ids) {
    const Answer* answer = context.ledgers.ask(ledger_name(context, id), "/ledger/query", text);
    if (answer != nullptr && answer->status == 200) answers.push_back(answer->body);
  }
  if (context.ledgers.waiting()) return context.ledgers.suspended();
  auto merged = answers.size() == ids.size() ? merge_meter_answers(query, *meter, answers) : std::nullopt;
  if (!merged.has_value()) return ledger_unavailable(context);
  return json_answer(200, std::move(*merged));
}

}  // namespace tollgate::control
