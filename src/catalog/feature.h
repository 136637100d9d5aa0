#pragma once

#include "catalog/metadata.h"

#include <optional>
#include <string>

namespace tollgate::catalog {

/// What a plan can entitle to (S7.2). With a meter it is metered; without, a capability or a line on the bill.
struct Feature {
  std::string key;
  std::string name;
  std::optional<std::string> meter_slug;
  Metadata metadata;
};

}  // namespace tollgate::catalog
