#pragma once

#include "base/violations.h"
#include "catalog/plan.h"
#include "control/sql.h"

namespace tollgate::control {

/// Checks a plan against the bucket's features and meters: every `featureKey` names a feature in use, and metered cards
/// and entitlements name metered ones (S7.4, S7.5). Where the names of feature, meter and events differ, so that the
/// policy, the plan and the usage would not meet (S3.2), `warnings` says so.
void check_plan_features(Sql& sql, const catalog::Plan& plan, Violations& violations, Violations& warnings);

}  // namespace tollgate::control
