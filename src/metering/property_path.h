#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tollgate::metering {

/// The part of JSONPath (RFC 9535) that finds one value in an event's data: `$`, then member names of letters, digits,
/// underscores and hyphens, and array indices. No wildcards, filters, slices or quoted names, so that a path has one
/// value or none.
///
///     $.total
///     $.usage.total_tokens
///     $.choices[0].model
bool is_property_path(std::string_view text);

/// One step of a path: into the member of this name, or into the element at this index.
struct PathStep {
  std::string_view name;  ///< empty for an index
  std::size_t index = 0;
};

/// The steps of a path, from the root on. For a text that is no path it ends where the text stops being one.
///
///     PathSteps steps("$.usage.total_tokens");
///     while (const auto step = steps.next()) value = step->name.empty() ? … : value.member(step->name);
class PathSteps {
 public:
  explicit PathSteps(std::string_view path);
  std::optional<PathStep> next();
  /// Whether all of the text was read.
  bool ended() const { return rest_.empty(); }

 private:
  std::optional<PathStep> take_index();

  std::string_view rest_;
};

}  // namespace tollgate::metering
