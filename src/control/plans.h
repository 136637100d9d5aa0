#pragma once

#include "catalog/plan.h"
#include "control/context.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tollgate::control {

// The routes of S10 under `plans`. A draft is editable; publishing freezes it, puts it up for sale and archives the
// version that was for sale before; a change to a published plan is a new version under the same key (S7.3).
Response create_plan(Context& context);
Response list_plans(Context& context);
Response get_plan(Context& context);
Response update_plan(Context& context);
Response delete_plan(Context& context);
Response publish_plan(Context& context);
Response archive_plan(Context& context);
Response next_plan_version(Context& context);

/// A version of a plan as it stands in the catalog.
struct StoredPlan {
  std::string id;
  std::int64_t version = 0;
  catalog::PlanState state = catalog::PlanState::draft;
  catalog::Plan plan;
};

std::optional<StoredPlan> find_plan(Sql& sql, std::string_view id);
/// The version of a plan that a customer would get: the one given, or the one for sale.
std::optional<StoredPlan> find_plan_version(Sql& sql, std::string_view key, std::optional<std::int64_t> version);

}  // namespace tollgate::control
