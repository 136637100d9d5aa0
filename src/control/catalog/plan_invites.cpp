#include "control/catalog/plan_invites.h"

#include "control/bucket/email.h"
#include "control/http/list.h"
#include "json/object_reader.h"

namespace tollgate::control {
namespace {

constexpr Fragment kSelect = "SELECT id, email, plan_id, plan_key, created_at FROM plan_invites ";
// Whichever version of the plan is named, the invitation is to its key.
constexpr Fragment kMatching =
    "WHERE (?1 IS NULL OR email = ?1) AND (?2 IS NULL OR plan_key = (SELECT key FROM plans WHERE id = ?2)) ";
constexpr auto kFind = kSelect + "WHERE id = ?";
constexpr auto kList = kSelect + kMatching + "ORDER BY rowid LIMIT ?3 OFFSET ?4";
constexpr auto kCount = Fragment("SELECT count(*) FROM plan_invites ") + kMatching;

void write_invite(JsonWriter& to, Row row) {
  to.begin_object();
  to.member("id", row.text(0));
  to.member("email", row.text(1));
  to.member("planId", row.text(2));
  to.member("planKey", row.text(3));
  write_instant_member(to, "createdAt", row.instant(4));
  to.end_object();
}

bool is_invited(Sql& sql, std::string_view folded, std::string_view plan_key) {
  return !sql.query("SELECT 1 FROM plan_invites WHERE email = ? AND plan_key = ?", folded, plan_key).empty();
}

}  // namespace

Response create_plan_invite(Context& context) {
  json::ObjectReader fields(context.body, "", context.violations);
  const std::string email = folded_email(fields.text("email", kEmailText));
  const std::string plan_id = fields.text("planId", json::kUlidText);
  fields.refuse_others();
  const auto plan = find_plan(context.sql, plan_id);
  if (!plan_id.empty() && !plan.has_value()) fields.refuse("planId", "exists", "names no plan of this bucket");
  if (!context.violations.empty()) return context.invalid_input();
  if (is_invited(context.sql, email, plan->plan.key)) {
    return context.conflict("invited", email + " is invited to the plan \"" + plan->plan.key + "\" already.");
  }
  const std::string id = context.new_id();
  context.sql.exec("INSERT INTO plan_invites (id, email, plan_key, plan_id, created_at) VALUES (?, ?, ?, ?, ?)", id,
                   email, plan->plan.key, plan->id, context.now());
  return item_answer(201, context.sql.query(kFind, id).first(), write_invite);
}

Response list_plan_invites(Context& context) {
  const Page page = read_page(context, {"email", "planId"});
  const auto email = folded_email_parameter(context);
  // The portal asks in somebody's name; who else is invited is none of his business.
  if (context.caller.role == ServiceRole::portal && !email.has_value()) {
    context.violations.add("email", "required", "is required of the portal");
  }
  if (!context.violations.empty()) return context.invalid_input();
  const auto plan_id = query_parameter(context, "planId");
  return list_answer(page, context.sql.query(kCount, email, plan_id),
                     context.sql.query(kList, email, plan_id, page.size, page.offset()), write_invite);
}

Response delete_plan_invite(Context& context) {
  const Rows rows = context.sql.query("DELETE FROM plan_invites WHERE id = ? RETURNING id", context.parameters[0]);
  return rows.empty() ? context.not_found("invitation") : no_content();
}

bool may_subscribe(Context& context, const StoredCustomer& customer, const StoredPlan& plan) {
  if (context.caller.role == ServiceRole::admin || !catalog::is_private(plan.plan)) return true;
  return customer.primary_email.has_value() &&
         is_invited(context.sql, folded_email(*customer.primary_email), plan.plan.key);
}

Response private_plan(const Context& context) {
  return problem(context.request, 403, "plan_private", "The plan is private, and this customer is not invited to it.");
}

PlanViewer plan_viewer(const Context& context) {
  PlanViewer viewer;
  viewer.email = folded_email_parameter(context);
  viewer.sees_all = context.caller.role != ServiceRole::portal && !viewer.email.has_value();
  return viewer;
}

bool may_see(Context& context, const PlanViewer& viewer, const StoredPlan& plan) {
  if (viewer.sees_all) return true;
  if (plan.state == catalog::PlanState::draft) return false;
  if (!catalog::is_private(plan.plan)) return true;
  return viewer.email.has_value() && is_invited(context.sql, *viewer.email, plan.plan.key);
}

void release_invites(Sql& sql, const StoredPlan& draft) {
  sql.exec(
      "UPDATE plan_invites SET plan_id = (SELECT id FROM plans WHERE key = ?1 AND id <> ?2 ORDER BY version DESC LIMIT "
      "1)"
      " WHERE plan_id = ?2 AND EXISTS (SELECT 1 FROM plans WHERE key = ?1 AND id <> ?2)",
      draft.plan.key, draft.id);
  sql.exec("DELETE FROM plan_invites WHERE plan_id = ?", draft.id);
}

}  // namespace tollgate::control
