#include "control/bucket/billing_profiles.h"

#include "base/limits.h"
#include "calendar/duration.h"
#include "control/http/list.h"
#include "json/object_reader.h"

namespace tollgate::control {
namespace {

constexpr Fragment kSelect = "SELECT id, name, is_default, definition, created_at, updated_at FROM billing_profiles ";
constexpr auto kFind = kSelect + "WHERE id = ?";
constexpr auto kList = kSelect + "ORDER BY rowid LIMIT ? OFFSET ?";

constexpr std::string_view kBehaviors[] = {"exclusive", "inclusive"};

bool is_draft_period(std::string_view text) {
  const auto duration = parse_duration(text);
  return duration.ok() && duration->months == 0 && duration->ms <= limits::kMaxDraftPeriodMs;
}

const json::TextRule kDraftPeriodText = {2, 32, is_draft_period, "duration",
                                         "an ISO 8601 duration of at most a week, such as P3D or PT1H"};

struct ProfileInput {
  std::string name;
  std::optional<bool> is_default;
  bool tax_enabled = false;
  bool tax_enforced = false;
  std::string draft_period = "PT0S";
  std::size_t tax_behavior = 0;  ///< of `kBehaviors`
};

void read_workflow(json::ObjectReader& fields, ProfileInput& input) {
  const json::Value object = fields.optional_object("workflow");
  if (object.absent()) return;
  json::ObjectReader workflow(object, fields.path("workflow"), fields.violations());
  if (const json::Value tax = workflow.optional_object("tax"); !tax.absent()) {
    json::ObjectReader taxes(tax, workflow.path("tax"), fields.violations());
    input.tax_enabled = taxes.optional_truth("enabled").value_or(false);
    input.tax_enforced = taxes.optional_truth("enforced").value_or(false);
    if (input.tax_enforced && !input.tax_enabled) {
      taxes.refuse("enforced", "tax_enabled", "needs enabled: a tax that is not computed cannot be enforced");
    }
    taxes.refuse_others();
  }
  workflow.refuse_others();
}

void read_invoicing(json::ObjectReader& fields, ProfileInput& input) {
  const json::Value object = fields.optional_object("invoicing");
  if (object.absent()) return;
  json::ObjectReader invoicing(object, fields.path("invoicing"), fields.violations());
  input.draft_period = invoicing.optional_text("draftPeriod", kDraftPeriodText).value_or(input.draft_period);
  if (const json::Value tax = invoicing.optional_object("defaultTaxConfig"); !tax.absent()) {
    json::ObjectReader taxes(tax, invoicing.path("defaultTaxConfig"), fields.violations());
    input.tax_behavior = taxes.optional_word("behavior", kBehaviors).value_or(0);
    taxes.refuse_others();
  }
  invoicing.refuse_others();
}

ProfileInput read_input(Context& context) {
  json::ObjectReader fields(context.body, "", context.violations);
  ProfileInput input;
  input.name = fields.text("name", json::kLabelText);
  input.is_default = fields.optional_truth("default");
  read_workflow(fields, input);
  read_invoicing(fields, input);
  fields.refuse_others();
  return input;
}

/// `workflow` and `invoicing`, as they are stored and answered.
std::string definition_text(const ProfileInput& input) {
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  to.key("workflow");
  to.begin_object();
  to.key("tax");
  to.begin_object();
  to.member("enabled", input.tax_enabled);
  to.member("enforced", input.tax_enforced);
  to.end_object();
  to.end_object();
  to.key("invoicing");
  to.begin_object();
  to.member("draftPeriod", std::string_view(input.draft_period));
  to.key("defaultTaxConfig");
  to.begin_object();
  to.member("behavior", kBehaviors[input.tax_behavior]);
  to.end_object();
  to.end_object();
  to.end_object();
  return text.take();
}

void write_profile(JsonWriter& to, Row row) {
  to.begin_object();
  to.member("id", row.text(0));
  to.member("name", row.text(1));
  to.member("default", row.truth(2));
  json::Document definition;
  if (definition.parse(row.text(3)).ok()) {
    for (json::Value member : definition.root()) to.raw_member(member.name(), json::compact(member));
  }
  write_instant_member(to, "createdAt", row.instant(4));
  write_instant_member(to, "updatedAt", row.instant(5));
  to.end_object();
}

Response profile_answer(Context& context, int status, std::string_view id) {
  const Rows rows = context.sql.query(kFind, id);
  if (rows.empty()) return context.not_found("billing profile");
  return item_answer(status, rows.first(), write_profile);
}

std::optional<std::string> default_profile(Sql& sql) {
  const Rows rows = sql.query("SELECT id FROM billing_profiles WHERE is_default = 1");
  if (rows.empty()) return std::nullopt;
  return std::string(rows.first().text(0));
}

void take_default_from_others(Context& context, std::string_view id) {
  context.sql.exec("UPDATE billing_profiles SET is_default = 0, updated_at = ? WHERE is_default = 1 AND id <> ?",
                   context.now(), id);
}

}  // namespace

Response create_billing_profile(Context& context) {
  const ProfileInput input = read_input(context);
  if (!context.violations.empty()) return context.invalid_input();
  const bool is_default = input.is_default.value_or(false) || !default_profile(context.sql).has_value();
  const std::string id = context.new_id();
  if (is_default) take_default_from_others(context, id);
  context.sql.exec(
      "INSERT INTO billing_profiles (id, name, is_default, definition, created_at, updated_at)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
      id, input.name, is_default, definition_text(input), context.now());
  return profile_answer(context, 201, id);
}

Response list_billing_profiles(Context& context) {
  const Page page = read_page(context);
  if (!context.violations.empty()) return context.invalid_input();
  const Rows total = context.sql.query("SELECT count(*) FROM billing_profiles");
  return list_answer(page, total, context.sql.query(kList, page.size, page.offset()), write_profile);
}

Response get_billing_profile(Context& context) { return profile_answer(context, 200, context.parameters[0]); }

Response update_billing_profile(Context& context) {
  const Rows rows = context.sql.query(kFind, context.parameters[0]);
  if (rows.empty()) return context.not_found("billing profile");
  const std::string_view id = rows.first().text(0);
  const bool was_default = rows.first().truth(2);
  const ProfileInput input = read_input(context);
  if (!context.violations.empty()) return context.invalid_input();
  const bool is_default = input.is_default.value_or(was_default);
  if (was_default && !is_default) {
    return context.conflict("default_profile", "This is the default profile; make another one the default instead.");
  }
  if (is_default) take_default_from_others(context, id);
  context.sql.exec("UPDATE billing_profiles SET name = ?, is_default = ?, definition = ?, updated_at = ? WHERE id = ?",
                   input.name, is_default, definition_text(input), context.now(), id);
  return profile_answer(context, 200, id);
}

Response delete_billing_profile(Context& context) {
  const Rows rows = context.sql.query(kFind, context.parameters[0]);
  if (rows.empty()) return context.not_found("billing profile");
  const std::string_view id = rows.first().text(0);
  const bool is_last = context.sql.query("SELECT 1 FROM billing_profiles WHERE id <> ? LIMIT 1", id).empty();
  if (rows.first().truth(2) && !is_last) {
    return context.conflict("default_profile", "This is the default profile; make another one the default first.");
  }
  context.sql.exec("DELETE FROM billing_profiles WHERE id = ?", id);
  return no_content();
}

Response get_billing_readiness(Context& context) {
  const auto profile = default_profile(context.sql);
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  // No payment provider can be connected yet.
  to.member("hasStripeApp", false);
  to.key("stripeAppId");
  to.null();
  to.member("hasDefaultBillingProfile", profile.has_value());
  to.key("defaultBillingProfileId");
  profile.has_value() ? to.value(std::string_view(*profile)) : to.null();
  to.end_object();
  return json_answer(200, text.take());
}

}  // namespace tollgate::control
