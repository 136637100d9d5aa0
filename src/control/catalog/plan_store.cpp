#include "control/catalog/plan_store.h"

#include "json/plan.h"

#include <algorithm>

namespace tollgate::control {
namespace {

using catalog::PlanState;

constexpr Fragment kSelect = "SELECT id, version, state, definition FROM plans ";
constexpr auto kFind = kSelect + "WHERE id = ?";
constexpr auto kFindVersion = kSelect + "WHERE key = ? AND version = ?";
constexpr auto kFindForSale = kSelect + "WHERE key = ? AND state = 'active'";

PlanState state_from(std::string_view name) {
  const auto found = std::find(std::begin(catalog::kPlanStateNames), std::end(catalog::kPlanStateNames), name);
  return static_cast<PlanState>(found - std::begin(catalog::kPlanStateNames));
}

StoredPlan stored_plan(Row row) {
  return {std::string(row.text(0)), row.number(1), state_from(row.text(2)), plan_from(row.text(3))};
}

std::optional<StoredPlan> only_plan(const Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return stored_plan(rows.first());
}

}  // namespace

void write_plan_reference(JsonWriter& to, const StoredPlan& plan) {
  to.member("id", std::string_view(plan.id));
  to.member("key", std::string_view(plan.plan.key));
  to.member("name", std::string_view(plan.plan.name));
  to.member("version", plan.version);
}

std::optional<StoredPlan> find_plan(Sql& sql, std::string_view id) { return only_plan(sql.query(kFind, id)); }

std::optional<StoredPlan> find_plan_version(Sql& sql, std::string_view key, std::optional<std::int64_t> version) {
  if (version.has_value()) return only_plan(sql.query(kFindVersion, key, *version));
  return only_plan(sql.query(kFindForSale, key));
}

std::vector<PlanVersion> plans_for_sale(Sql& sql) {
  std::vector<PlanVersion> plans;
  const Rows rows = sql.query("SELECT version, definition FROM plans WHERE state = 'active' ORDER BY rowid");
  for (Row row : rows) plans.push_back({row.number(0), plan_from(row.text(1))});
  return plans;
}

bool is_plan_key(Sql& sql, std::string_view key) {
  return !sql.query("SELECT 1 FROM plans WHERE key = ? LIMIT 1", key).empty();
}

std::string plan_text(const catalog::Plan& plan) {
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

std::string insert_plan(Context& context, const catalog::Plan& plan, PlanState state) {
  std::string id = context.new_id();
  const auto published_at = state == PlanState::active ? std::optional(context.now()) : std::nullopt;
  context.sql.exec(
      "INSERT INTO plans (id, key, version, state, name, definition, created_at, updated_at, published_at)"
      " SELECT ?1, ?2, coalesce(max(version), 0) + 1, ?3, ?4, ?5, ?6, ?6, ?7 FROM plans WHERE key = ?2",
      id, plan.key, catalog::kPlanStateNames[static_cast<std::size_t>(state)], plan.name, plan_text(plan),
      context.now(), published_at);
  return id;
}

void retire_plan(Context& context, std::string_view key) {
  context.sql.exec(
      "UPDATE plans SET state = 'archived', archived_at = ?1, updated_at = ?1 WHERE key = ?2 AND state = 'active'",
      context.now(), key);
}

}  // namespace tollgate::control
