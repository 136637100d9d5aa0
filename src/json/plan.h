#pragma once

#include "catalog/plan.h"
#include "json/object_reader.h"

#include <string_view>

namespace tollgate::json {

/// Reads a plan's definition (S7.3 to S7.6) from a body: shapes and types of all its members; unknown ones are refused.
/// What members mean to each other is the business of `catalog::check_plan`.
catalog::Plan read_plan(Value body, Violations& violations);

/// Writes the same members into an object that is open.
void write_plan_members(Writer<Text>& to, const catalog::Plan& plan);

}  // namespace tollgate::json
