#include "control/catalog/plans.h"

#include "control/catalog/plan_features.h"
#include "control/catalog/plan_invites.h"
#include "control/catalog/plan_store.h"
#include "control/http/list.h"
#include "json/plan.h"

#include <algorithm>

namespace tollgate::control {
namespace {

using catalog::PlanState;

constexpr Fragment kSelect =
    "SELECT id, version, state, definition, created_at, updated_at, published_at, archived_at FROM plans ";
// A viewer who does not see all (?3) sees no drafts, and private plans only where his address (?5) is invited (S7.9).
constexpr Fragment kMatching =
    "WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR key = ?2)"
    " AND (?3 OR (state <> 'draft' AND ('true' NOT IN (coalesce(json_extract(definition, ?4), ''),"
    " coalesce(json_extract(definition, ?6), ''))"
    " OR key IN (SELECT plan_key FROM plan_invites WHERE email = ?5)))) ";
constexpr auto kFind = kSelect + "WHERE id = ?";
constexpr auto kList = kSelect + kMatching + "ORDER BY rowid LIMIT ?7 OFFSET ?8";
constexpr auto kCount = Fragment("SELECT count(*) FROM plans ") + kMatching;

std::string_view name_of(PlanState state) { return catalog::kPlanStateNames[static_cast<std::size_t>(state)]; }

void write_plan(JsonWriter& to, Row row) {
  to.begin_object();
  to.member("id", row.text(0));
  to.member("version", row.number(1));
  to.member("status", row.text(2));
  json::write_plan_members(to, plan_from(row.text(3)));
  write_instant_member(to, "createdAt", row.instant(4));
  write_instant_member(to, "updatedAt", row.instant(5));
  write_instant_member(to, "publishedAt", row.optional_instant(6));
  write_instant_member(to, "archivedAt", row.optional_instant(7));
  to.end_object();
}

Response plan_answer(Context& context, int status, std::string_view id) {
  const Rows rows = context.sql.query(kFind, id);
  if (rows.empty()) return context.not_found("plan");
  return item_answer(status, rows.first(), write_plan);
}

catalog::Plan read_input(Context& context, ServableCheck check_servable) {
  catalog::Plan plan = json::read_plan(context.body, context.violations);
  check_whole_plan(StoredFeatures(context.sql), plan, context.violations, context.warnings);
  if (context.violations.empty()) check_servable(plan, context.warnings);
  return plan;
}

Response insert_draft(Context& context, const catalog::Plan& plan) {
  const Rows draft = context.sql.query("SELECT id FROM plans WHERE key = ? AND state = 'draft'", plan.key);
  if (!draft.empty()) {
    return context.conflict("draft_exists", "There is a draft of the plan \"" + plan.key +
                                                "\" already: " + std::string(draft.first().text(0)) + ".");
  }
  return plan_answer(context, 201, insert_plan(context, plan, PlanState::draft));
}

/// The plan that the path names, where it is in the state that the route asks for; else the refusal.
std::optional<StoredPlan> plan_in_state(Context& context, PlanState state, Response& refusal) {
  auto plan = find_plan(context.sql, context.parameters[0]);
  if (!plan.has_value()) {
    refusal = context.not_found("plan");
    return std::nullopt;
  }
  if (plan->state != state) {
    refusal = context.conflict("plan_state", std::string("The plan is ")
                                                 .append(name_of(plan->state))
                                                 .append("; this needs one that is ")
                                                 .append(name_of(state))
                                                 .append("."));
    return std::nullopt;
  }
  return plan;
}

}  // namespace

Response create_plan(Context& context, ServableCheck check_servable) {
  const catalog::Plan plan = read_input(context, check_servable);
  if (!context.violations.empty()) return context.invalid_input();
  return insert_draft(context, plan);
}

Response list_plans(Context& context) {
  const Page page = read_page(context, {"status", "key", "email"});
  const auto state = query_parameter(context, "status");
  if (state.has_value() && std::find(std::begin(catalog::kPlanStateNames), std::end(catalog::kPlanStateNames),
                                     *state) == std::end(catalog::kPlanStateNames)) {
    context.violations.add("status", "one_of", "must be one of draft, active, archived");
  }
  if (!context.violations.empty()) return context.invalid_input();
  const auto key = query_parameter(context, "key");
  const PlanViewer viewer = plan_viewer(context);
  const std::string path = std::string("$.metadata.").append(catalog::kPrivatePlanKey);
  const std::string alias = std::string("$.metadata.").append(catalog::kPrivatePlanAlias);
  const Rows total = context.sql.query(kCount, state, key, viewer.sees_all, path, viewer.email, alias);
  return list_answer(
      page, total,
      context.sql.query(kList, state, key, viewer.sees_all, path, viewer.email, alias, page.size, page.offset()),
      write_plan);
}

Response get_plan(Context& context) {
  const PlanViewer viewer = plan_viewer(context);
  if (!viewer.sees_all) {
    const auto plan = find_plan(context.sql, context.parameters[0]);
    if (!plan.has_value() || !may_see(context, viewer, *plan)) return context.not_found("plan");
  }
  return plan_answer(context, 200, context.parameters[0]);
}

Response update_plan(Context& context, ServableCheck check_servable) {
  Response refusal;
  const auto present = plan_in_state(context, PlanState::draft, refusal);
  if (!present.has_value()) return refusal;
  const catalog::Plan plan = read_input(context, check_servable);
  if (plan.key != present->plan.key) {
    context.violations.add("key", "immutable", "cannot be changed: versions of a plan share its key");
  }
  if (!context.violations.empty()) return context.invalid_input();
  context.sql.exec("UPDATE plans SET name = ?, definition = ?, updated_at = ? WHERE id = ?", plan.name, plan_text(plan),
                   context.now(), present->id);
  return plan_answer(context, 200, present->id);
}

Response delete_plan(Context& context) {
  Response refusal;
  const auto plan = plan_in_state(context, PlanState::draft, refusal);
  if (!plan.has_value()) return refusal;
  release_invites(context.sql, *plan);
  context.sql.exec("DELETE FROM plans WHERE id = ?", plan->id);
  return no_content();
}

Response publish_plan(Context& context, ServableCheck check_servable) {
  Response refusal;
  const auto plan = plan_in_state(context, PlanState::draft, refusal);
  if (!plan.has_value()) return refusal;
  check_whole_plan(StoredFeatures(context.sql), plan->plan, context.violations, context.warnings);
  if (context.violations.empty()) check_servable(plan->plan, context.violations);
  if (!context.violations.empty()) return context.invalid_input();
  retire_plan(context, plan->plan.key);
  context.sql.exec("UPDATE plans SET state = 'active', published_at = ?1, updated_at = ?1 WHERE id = ?2", context.now(),
                   plan->id);
  return plan_answer(context, 200, plan->id);
}

Response archive_plan(Context& context) {
  Response refusal;
  const auto plan = plan_in_state(context, PlanState::active, refusal);
  if (!plan.has_value()) return refusal;
  retire_plan(context, plan->plan.key);
  return plan_answer(context, 200, plan->id);
}

Response next_plan_version(Context& context) {
  const auto plan = find_plan(context.sql, context.parameters[0]);
  if (!plan.has_value()) return context.not_found("plan");
  return insert_draft(context, plan->plan);
}

}  // namespace tollgate::control
