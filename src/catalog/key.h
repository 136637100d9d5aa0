#pragma once

#include "base/limits.h"
#include "base/text.h"

#include <string_view>

namespace tollgate::catalog {

/// A key of the catalog (meter slug, feature, plan, phase, rate card; S7.2): 1 to 64 lower-case letters, digits and
/// underscores. What a policy calls a meter is such a key too, so it fits the edge's table of names.
constexpr bool is_key(std::string_view text) {
  if (text.empty() || text.size() > limits::kMaxNameLength) return false;
  for (char c : text) {
    if (!(c >= 'a' && c <= 'z') && !is_digit(c) && c != '_') return false;
  }
  return true;
}

}  // namespace tollgate::catalog
