#include "control/catalog/configuration.h"

#include "base/limits.h"
#include "catalog/key.h"
#include "catalog/metadata.h"
#include "control/catalog/plan_store.h"
#include "control/http/list.h"
#include "control/schedule/outbox.h"
#include "json/object_reader.h"

#include <algorithm>
#include <array>
#include <vector>

namespace tollgate::control {
namespace {

constexpr std::string_view kMultiple = "multipleSubscriptionsEnabled";
constexpr std::string_view kPlanOrder = "planOrder";
constexpr std::string_view kPlanSettings = "planSettings";
constexpr std::string_view kOverdueDays = "maxPaymentOverdueDays";

struct Default {
  std::string_view name;
  std::string_view value;  ///< JSON
};

constexpr Default kMultipleDefault = {kMultiple, "false"};
constexpr Default kPlanOrderDefault = {kPlanOrder, "[]"};
constexpr Default kOverdueDaysDefault = {kOverdueDays, "3"};
constexpr std::array<Default, 4> kDefaults = {
    {kMultipleDefault, kPlanOrderDefault, {kPlanSettings, "{}"}, kOverdueDaysDefault}};

/// The setting's JSON.
std::string value_of(Sql& sql, const Default& setting) {
  const Rows rows = sql.query("SELECT value FROM configuration WHERE name = ?", setting.name);
  return std::string(rows.empty() ? setting.value : rows.first().text(0));
}

void check_plan_order(json::ObjectReader& fields) {
  std::vector<std::string_view> keys;
  std::size_t index = 0;
  for (json::Value key : fields.optional_array(kPlanOrder, 0, 1000)) {
    const std::string field = field_path(fields.path(kPlanOrder), index++);
    if (!key.is(json::Kind::string) || !catalog::is_key(key.text())) {
      fields.violations().add(field, "key_format", "must be the key of a plan");
    } else if (std::find(keys.begin(), keys.end(), key.text()) != keys.end()) {
      fields.violations().add(field, "unique", "is listed twice");
    }
    keys.push_back(key.text());
  }
}

void check_plan_settings(json::ObjectReader& fields) {
  for (json::Value settings : fields.optional_object(kPlanSettings)) {
    const std::string field = field_path(fields.path(kPlanSettings), settings.name());
    if (!catalog::is_key(settings.name())) {
      fields.violations().add(field, "key_format", "must be named by the key of a plan");
    } else if (!settings.is(json::Kind::object)) {
      fields.violations().add(field, "type", "must be an object");
    }
  }
}

/// An order may be set before its plans are there: such keys wait for their plans, but may as well be misspelt.
void warn_of_unknown_plans(Context& context) {
  std::size_t index = 0;
  for (json::Value key : context.body.member(kPlanOrder)) {
    const std::string field = field_path(kPlanOrder, index++);
    if (!is_plan_key(context.sql, key.text()))
      context.warnings.add(field, "exists", "names no plan of this bucket yet");
  }
}

}  // namespace

std::vector<Setting> all_settings(Sql& sql) {
  std::vector<Setting> settings;
  settings.reserve(std::size(kDefaults));
  for (const Default& setting : kDefaults) settings.push_back({setting.name, value_of(sql, setting)});
  return settings;
}

std::vector<Setting> read_settings(json::Value body, Violations& violations) {
  json::ObjectReader fields(body, "", violations);
  fields.optional_truth(kMultiple);
  check_plan_order(fields);
  check_plan_settings(fields);
  fields.optional_integer(kOverdueDays, 0, limits::kMaxOverdueDays);
  fields.refuse_others();
  std::vector<Setting> settings;
  for (const Default& setting : kDefaults) {
    if (fields.has(setting.name)) settings.push_back({setting.name, json::compact(body.member(setting.name))});
  }
  if (settings.empty() && violations.empty()) {
    violations.add("", "required",
                   "must set at least one of multipleSubscriptionsEnabled, planOrder, planSettings,"
                   " maxPaymentOverdueDays");
  }
  return settings;
}

void store_settings(Context& context, const std::vector<Setting>& settings) {
  const std::int64_t days = bucket_overdue_days(context.sql);
  for (const Setting& setting : settings) {
    context.sql.exec(
        "INSERT INTO configuration (name, value) VALUES (?1, ?2)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        setting.name, setting.value);
  }
  if (bucket_overdue_days(context.sql) != days) change_all_snapshots(context);
}

Response get_configuration(Context& context) {
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  for (const Setting& setting : all_settings(context.sql)) to.raw_member(setting.name, setting.value);
  to.end_object();
  return json_answer(200, text.take());
}

Response put_configuration(Context& context) {
  const std::vector<Setting> settings = read_settings(context.body, context.violations);
  if (!context.violations.empty()) return context.invalid_input();
  store_settings(context, settings);
  warn_of_unknown_plans(context);
  return get_configuration(context);
}

Response delete_configuration(Context& context) {
  const std::int64_t days = bucket_overdue_days(context.sql);
  context.sql.exec("DELETE FROM configuration");
  if (bucket_overdue_days(context.sql) != days) change_all_snapshots(context);
  return no_content();
}

bool multiple_subscriptions_enabled(Sql& sql) { return value_of(sql, kMultipleDefault) == "true"; }

std::vector<std::string> plan_order(Sql& sql) {
  json::Document document;
  static_cast<void>(document.parse(value_of(sql, kPlanOrderDefault)));
  std::vector<std::string> keys;
  for (json::Value key : document.root()) keys.emplace_back(key.text());
  return keys;
}

std::int64_t bucket_overdue_days(Sql& sql) {
  return catalog::overdue_days(value_of(sql, kOverdueDaysDefault)).value_or(3);
}

}  // namespace tollgate::control
