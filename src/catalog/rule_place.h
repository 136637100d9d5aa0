#pragma once

#include "base/violations.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace tollgate::catalog {

/// Where a rule looks: the path of what it checks, and where it reports.
struct Place {
  std::string path;
  Violations& violations;

  void refuse(std::string_view name, std::string_view rule, std::string_view message) const {
    violations.add(field_path(path, name), rule, message);
  }
  Place at(std::string_view name) const { return {field_path(path, name), violations}; }
  Place at(std::string_view name, std::size_t index) const {
    return {field_path(field_path(path, name), index), violations};
  }
};

}  // namespace tollgate::catalog
