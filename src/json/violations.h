#pragma once

#include "base/violations.h"

#include <string>

namespace tollgate::json {

/// What is wrong with an input, in the form of every answer that says so: `[{"field", "rule", "message"}]`.
std::string violations_text(const Violations& violations);

}  // namespace tollgate::json
