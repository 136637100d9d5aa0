#pragma once

#include "base/violations.h"
#include "catalog/plan.h"
#include "control/catalog/feature_store.h"

namespace tollgate::control {

/// Adds a violation for what of a plan that is valid otherwise cannot be served to those who buy it. Whoever knows what
/// they are served gives it to those routes that need it (control/usage/snapshot_text.h): the catalog does not.
using ServableCheck = void (*)(const catalog::Plan& plan, Violations& violations);

/// All that a plan must fulfil (S7.3 to S7.6): that it does not contradict itself (`catalog::check_plan`), that every
/// `featureKey` names a feature in use, and that metered cards and entitlements name metered ones. Where the names of
/// feature, meter and events differ, so that the policy, the plan and the usage would not meet (S3.2), `warnings` says
/// so.
void check_whole_plan(const FeatureLookup& lookup, const catalog::Plan& plan, Violations& violations,
                      Violations& warnings);

}  // namespace tollgate::control
