#include "control/configuration.h"

#include "base/limits.h"
#include "catalog/key.h"
#include "catalog/metadata.h"
#include "control/list.h"
#include "control/outbox.h"
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

struct Setting {
  std::string_view name;
  std::string_view initially;  ///< JSON
};

constexpr std::array<Setting, 4> kSettings = {
    {{kMultiple, "false"}, {kPlanOrder, "[]"}, {kPlanSettings, "{}"}, {kOverdueDays, "3"}}};

/// The setting's JSON.
std::string value_of(Sql& sql, const Setting& setting) {
  const Rows rows = sql.query("SELECT value FROM configuration WHERE name = ?", setting.name);
  return std::string(rows.empty() ? setting.initially : rows.first().text(0));
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

void check_input(Context& context) {
  json::ObjectReader fields(context.body, "", context.violations);
  fields.optional_truth(kMultiple);
  check_plan_order(fields);
  check_plan_settings(fields);
  fields.optional_integer(kOverdueDays, 0, limits::kMaxOverdueDays);
  fields.refuse_others();
  const bool something =
      std::any_of(kSettings.begin(), kSettings.end(), [&](const Setting& setting) { return fields.has(setting.name); });
  if (!something && context.violations.empty()) {
    context.violations.add("", "required",
                           "must set at least one of multipleSubscriptionsEnabled, planOrder, "
                           "planSettings, maxPaymentOverdueDays");
  }
}

}  // namespace

Response get_configuration(Context& context) {
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  for (const Setting& setting : kSettings) to.raw_member(setting.name, value_of(context.sql, setting));
  to.end_object();
  return json_answer(200, text.take());
}

Response put_configuration(Context& context) {
  check_input(context);
  if (!context.violations.empty()) return context.invalid_input();
  const std::int64_t days = bucket_overdue_days(context.sql);
  for (json::Value value : context.body) {
    if (value.is(json::Kind::null)) continue;
    context.sql.exec(
        "INSERT INTO configuration (name, value) VALUES (?1, ?2)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        value.name(), json::compact(value));
  }
  if (bucket_overdue_days(context.sql) != days) change_all_snapshots(context);
  return get_configuration(context);
}

Response delete_configuration(Context& context) {
  const std::int64_t days = bucket_overdue_days(context.sql);
  context.sql.exec("DELETE FROM configuration");
  if (bucket_overdue_days(context.sql) != days) change_all_snapshots(context);
  return no_content();
}

bool multiple_subscriptions_enabled(Sql& sql) { return value_of(sql, kSettings[0]) == "true"; }

std::int64_t bucket_overdue_days(Sql& sql) { return catalog::overdue_days(value_of(sql, kSettings[3])).value_or(3); }

}  // namespace tollgate::control
