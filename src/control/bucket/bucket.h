#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace tollgate::control {

/// The buckets of a project (S6.1). Each is an object with a database of its own.
inline constexpr std::array<std::string_view, 3> kBuckets = {"working-copy", "preview", "production"};

constexpr bool is_bucket(std::string_view name) {
  return std::find(kBuckets.begin(), kBuckets.end(), name) != kBuckets.end();
}

}  // namespace tollgate::control
