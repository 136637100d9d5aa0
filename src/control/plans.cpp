#include "control/plans.h"

#include "catalog/plan_rules.h"
#include "control/list.h"
#include "control/plan_features.h"
#include "json/plan.h"

namespace tollgate::control {
namespace {

using catalog::PlanState;

constexpr Fragment kSelect =
    "SELECT id, version, state, definition, created_at, updated_at, published_at, archived_at FROM plans ";
constexpr auto kFind = kSelect + "WHERE id = ?";
constexpr auto kFindVersion = kSelect + "WHERE key = ? AND version = ?";
constexpr auto kFindForSale = kSelect + "WHERE key = ? AND state = 'active'";
constexpr auto kList = kSelect +
                       "WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR key = ?2)"
                       " ORDER BY rowid LIMIT ?3 OFFSET ?4";

std::string definition_text(const catalog::Plan& plan) {
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  json::write_plan_members(to, plan);
  to.end_object();
  return text.take();
}

catalog::Plan plan_from(std::string_view definition) {
  json::Document document;
  Violations violations;
  if (!document.parse(definition).ok()) return {};
  return json::read_plan(document.root(), violations);
}

PlanState state_named(std::string_view name) {
  for (std::size_t i = 0; i < std::size(catalog::kPlanStateNames); ++i) {
    if (catalog::kPlanStateNames[i] == name) return static_cast<PlanState>(i);
  }
  return PlanState::draft;
}

std::optional<StoredPlan> stored_plan(const Rows& rows) {
  if (rows.empty()) return std::nullopt;
  const Row row = rows.first();
  return StoredPlan{std::string(row.text(0)), row.number(1), state_named(row.text(2)), plan_from(row.text(3))};
}

void write_warnings(JsonWriter& to, const Violations& warnings) {
  if (warnings.empty()) return;
  to.key("warnings");
  to.begin_array();
  for (const Violation& warning : warnings.all()) {
    to.begin_object();
    to.member("field", std::string_view(warning.field));
    to.member("rule", std::string_view(warning.rule));
    to.member("message", std::string_view(warning.message));
    to.end_object();
  }
  to.end_array();
}

void write_plan(JsonWriter& to, Row row, const Violations& warnings) {
  to.begin_object();
  to.member("id", row.text(0));
  to.member("version", row.number(1));
  to.member("status", row.text(2));
  json::write_plan_members(to, plan_from(row.text(3)));
  write_instant_member(to, "createdAt", row.instant(4));
  write_instant_member(to, "updatedAt", row.instant(5));
  write_instant_member(to, "publishedAt", row.optional_instant(6));
  write_instant_member(to, "archivedAt", row.optional_instant(7));
  write_warnings(to, warnings);
  to.end_object();
}

Response plan_answer(Context& context, int status, std::string_view id, const Violations& warnings = {}) {
  const Rows rows = context.sql.query(kFind, id);
  if (rows.empty()) return context.not_found("plan");
  return item_answer(status, rows.first(), [&](JsonWriter& to, Row row) { write_plan(to, row, warnings); });
}

/// The whole check of a definition; `warnings` gets what would work but probably not as meant (S3.2).
catalog::Plan read_input(Context& context, Violations& warnings) {
  catalog::Plan plan = json::read_plan(context.body, context.violations);
  catalog::check_plan(plan, context.violations);
  check_plan_features(context.sql, plan, context.violations, warnings);
  return plan;
}

Response insert_draft(Context& context, const catalog::Plan& plan, const Violations& warnings) {
  const Rows draft = context.sql.query("SELECT id FROM plans WHERE key = ? AND state = 'draft'", plan.key);
  if (!draft.empty()) {
    return context.conflict("draft_exists", "There is a draft of the plan \"" + plan.key +
                                                "\" already: " + std::string(draft.first().text(0)) + ".");
  }
  const std::string id = context.new_id();
  context.sql.exec(
      "INSERT INTO plans (id, key, version, state, name, definition, created_at, updated_at)"
      " SELECT ?1, ?2, coalesce(max(version), 0) + 1, 'draft', ?3, ?4, ?5, ?5 FROM plans WHERE key = ?2",
      id, plan.key, plan.name, definition_text(plan), context.now());
  return plan_answer(context, 201, id, warnings);
}

/// The plan that the path names, where it is in the state that the route asks for; else the refusal.
std::optional<StoredPlan> plan_in_state(Context& context, PlanState state, Response& refusal) {
  auto plan = find_plan(context.sql, context.parameters[0]);
  if (!plan.has_value()) {
    refusal = context.not_found("plan");
    return std::nullopt;
  }
  if (plan->state != state) {
    const auto name = [](PlanState of) { return std::string(catalog::kPlanStateNames[static_cast<std::size_t>(of)]); };
    refusal = context.conflict("plan_state",
                               "The plan is " + name(plan->state) + "; this needs one that is " + name(state) + ".");
    return std::nullopt;
  }
  return plan;
}

}  // namespace

Response create_plan(Context& context) {
  Violations warnings;
  const catalog::Plan plan = read_input(context, warnings);
  if (!context.violations.empty()) return context.invalid_input();
  return insert_draft(context, plan, warnings);
}

Response list_plans(Context& context) {
  const Page page = read_page(context, {"status", "key"});
  const auto state = query_parameter(context, "status");
  if (state.has_value() && catalog::kPlanStateNames[static_cast<std::size_t>(state_named(*state))] != *state) {
    context.violations.add("status", "one_of", "must be one of draft, active, archived");
  }
  if (!context.violations.empty()) return context.invalid_input();
  const auto key = query_parameter(context, "key");
  const Rows total = context.sql.query(
      "SELECT count(*) FROM plans WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR key = ?2)", state, key);
  return list_answer(page, total, context.sql.query(kList, state, key, page.size, page.offset()),
                     [](JsonWriter& to, Row row) { write_plan(to, row, {}); });
}

Response get_plan(Context& context) { return plan_answer(context, 200, context.parameters[0]); }

Response update_plan(Context& context) {
  Response refusal;
  const auto present = plan_in_state(context, PlanState::draft, refusal);
  if (!present.has_value()) return refusal;
  Violations warnings;
  const catalog::Plan plan = read_input(context, warnings);
  if (plan.key != present->plan.key) {
    context.violations.add("key", "immutable", "cannot be changed: versions of a plan share its key");
  }
  if (!context.violations.empty()) return context.invalid_input();
  context.sql.exec("UPDATE plans SET name = ?, definition = ?, updated_at = ? WHERE id = ?", plan.name,
                   definition_text(plan), context.now(), present->id);
  return plan_answer(context, 200, present->id, warnings);
}

Response delete_plan(Context& context) {
  Response refusal;
  const auto plan = plan_in_state(context, PlanState::draft, refusal);
  if (!plan.has_value()) return refusal;
  context.sql.exec("DELETE FROM plans WHERE id = ?", plan->id);
  return no_content();
}

Response publish_plan(Context& context) {
  Response refusal;
  const auto plan = plan_in_state(context, PlanState::draft, refusal);
  if (!plan.has_value()) return refusal;
  Violations warnings;
  check_plan_features(context.sql, plan->plan, context.violations, warnings);
  if (!context.violations.empty()) return context.invalid_input();
  context.sql.exec(
      "UPDATE plans SET state = 'archived', archived_at = ?1, updated_at = ?1"
      " WHERE key = ?2 AND state = 'active'",
      context.now(), plan->plan.key);
  context.sql.exec("UPDATE plans SET state = 'active', published_at = ?1, updated_at = ?1 WHERE id = ?2", context.now(),
                   plan->id);
  return plan_answer(context, 200, plan->id, warnings);
}

Response archive_plan(Context& context) {
  Response refusal;
  const auto plan = plan_in_state(context, PlanState::active, refusal);
  if (!plan.has_value()) return refusal;
  context.sql.exec("UPDATE plans SET state = 'archived', archived_at = ?1, updated_at = ?1 WHERE id = ?2",
                   context.now(), plan->id);
  return plan_answer(context, 200, plan->id);
}

Response next_plan_version(Context& context) {
  const auto plan = find_plan(context.sql, context.parameters[0]);
  if (!plan.has_value()) return context.not_found("plan");
  return insert_draft(context, plan->plan, {});
}

std::optional<StoredPlan> find_plan(Sql& sql, std::string_view id) { return stored_plan(sql.query(kFind, id)); }

std::optional<StoredPlan> find_plan_version(Sql& sql, std::string_view key, std::optional<std::int64_t> version) {
  if (version.has_value()) return stored_plan(sql.query(kFindVersion, key, *version));
  return stored_plan(sql.query(kFindForSale, key));
}

}  // namespace tollgate::control
