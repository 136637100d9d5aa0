#pragma once

#include "catalog/plan.h"
#include "control/http/context.h"
#include "control/http/list.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::control {

/// A version of a plan as it stands in the catalog.
struct StoredPlan {
  std::string id;
  std::int64_t version = 0;
  catalog::PlanState state = catalog::PlanState::draft;
  catalog::Plan plan;
};

/// What is for sale, without the identity that it has in its bucket.
struct PlanVersion {
  std::int64_t version = 0;
  catalog::Plan plan;
};

/// Writes what others name a version of a plan by (`id`, `key`, `name`, `version`) into an object that is open.
void write_plan_reference(JsonWriter& to, const StoredPlan& plan);

std::optional<StoredPlan> find_plan(Sql& sql, std::string_view id);
/// The version of a plan that a customer would get: the one given, or the one for sale.
std::optional<StoredPlan> find_plan_version(Sql& sql, std::string_view key, std::optional<std::int64_t> version);
std::vector<PlanVersion> plans_for_sale(Sql& sql);
/// Whether the key is that of a plan, in whatever state.
bool is_plan_key(Sql& sql, std::string_view key);

/// The definition as it is stored: equal texts are equal plans.
std::string plan_text(const catalog::Plan& plan);
catalog::Plan plan_from(std::string_view definition);

/// Adds the next version of a plan. A draft needs a key that has none, one for sale a key that sells none; its id.
std::string insert_plan(Context& context, const catalog::Plan& plan, catalog::PlanState state);
/// Takes the version of a plan that is for sale off sale; nothing if none is.
void retire_plan(Context& context, std::string_view key);

}  // namespace tollgate::control
