#pragma once

#include "base/violations.h"
#include "catalog/plan.h"

namespace tollgate::catalog {

/// Adds every way in which the members of a plan contradict each other: phases and their durations, cards and their
/// types, cadences that do not align, tiers out of order, entitlements that no card of their kind can give (S7.3 to
/// S7.6). That features and meters exist is checked by whoever has them.
void check_plan(const Plan& plan, Violations& violations);

}  // namespace tollgate::catalog
