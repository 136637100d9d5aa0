#pragma once

#include "tests/conformance/policy_case.h"

namespace tollgate::conformance {

/// A case of the suite `status-codes` as the policy case that decides it: one allowed request for each code, which
/// records an event or does not.
PolicyCase read_status_code_case(json::Value value, Mistakes& mistakes);

}  // namespace tollgate::conformance
