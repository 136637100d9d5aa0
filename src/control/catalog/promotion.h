#pragma once

#include "control/catalog/plan_features.h"
#include "control/http/context.h"

namespace tollgate::control {

/// `POST promote {from, dryRun?}` (S10), with the operator's key: brings what another bucket sells into this one, in
/// one transaction. Answers what that is, `dryRun` or not:
/// `{from, to, dryRun, additions, newVersions, updates, unchanged, leftAlone, conflicts}`, lists of
/// `{kind, key, version?, fromVersion?, detail?}`. With conflicts nothing is applied (409 `promotion_conflict`).
Response promote(Context& context, ServableCheck check_servable);

}  // namespace tollgate::control
