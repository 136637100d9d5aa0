#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::gateway {

/// One step into a JSON value: to the member of this name, or to the element at this index.
struct JsonStep {
  std::string name;  ///< empty for an index
  std::size_t index = 0;
};

/// Where a value stands in a JSON body: `$.usage.total_tokens`, `$.choices[0].cost`, `$['a b'].c`. Names and indices,
/// nothing else, so that it leads to one value or to none.
using JsonPath = std::vector<JsonStep>;

/// The path of a text; nothing where it is no such path, leads to the whole body (`$`), or has more than
/// `limits::kMaxMeterPathSteps` steps.
std::optional<JsonPath> parse_json_path(std::string_view text);

}  // namespace tollgate::gateway
