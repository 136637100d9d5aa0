#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tollgate::control {

/// A request target taken apart (RFC 3986): segments of the path and parameters of the query, percent-decoded.
struct Target {
  std::vector<std::string> segments;
  std::vector<std::pair<std::string, std::string>> query;
};

/// Nothing where the path is none: no leading slash, an empty segment, a broken percent sign, a control character or a
/// null byte behind one. Such a thing in the query stays as it was written.
std::optional<Target> parse_target(std::string_view text);

}  // namespace tollgate::control
