#pragma once

#include "catalog/plan.h"

#include <optional>
#include <string_view>

namespace tollgate::catalog {

/// A prepaid pack is a plan that can be bought on top of a running subscription (S7.10): one phase, in it only one-time
/// fees in advance and metered entitlements that do not reset, at least one of them. Why the plan is none, as a
/// continuation of "the plan …"; nothing where it is one.
std::optional<std::string_view> why_no_pack(const Plan& plan);

}  // namespace tollgate::catalog
