#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::catalog {

/// How the events of a window become one value (S3.2).
enum class Aggregation : std::uint8_t { sum, count, min, max, avg, unique_count, latest };

/// As JSON writes them, in the order of the enumerators.
inline constexpr std::string_view kAggregationNames[] = {"SUM", "COUNT", "MIN", "MAX", "AVG", "UNIQUE_COUNT", "LATEST"};

constexpr std::string_view name(Aggregation aggregation) {
  return kAggregationNames[static_cast<std::size_t>(aggregation)];
}

/// Whether the values of two windows give that of both together by addition.
constexpr bool adds_up(Aggregation aggregation) {
  return aggregation == Aggregation::sum || aggregation == Aggregation::count;
}

/// A way to break usage down: the name that a query uses, and where in the event's data the value stands.
struct Dimension {
  std::string name;
  std::string path;  ///< JSONPath: `$.model`
};

/// What is counted, and how (S3.2).
struct Meter {
  std::string slug;        ///< a key (catalog/key.h)
  std::string event_type;  ///< the `type` of the CloudEvents that it counts
  Aggregation aggregation = Aggregation::sum;
  std::string value_property;  ///< JSONPath into `data`, normally `$.total`; empty for `count`
  std::vector<Dimension> group_by;
};

}  // namespace tollgate::catalog
