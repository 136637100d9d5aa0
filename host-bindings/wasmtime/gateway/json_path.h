#pragma once

#include "json/document.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tollgate::gateway {

/// A path such as `$.usage.total_tokens`, `$.choices[0].cost` or `$['a b'].c`: names and indices, nothing else.
using JsonPath = std::vector<std::variant<std::string, std::size_t>>;

/// Nothing when the text is none of this form.
std::optional<JsonPath> parse_json_path(std::string_view text);

/// What stands at the path; absent when nothing does.
json::Value value_at(json::Value value, const JsonPath& path);

}  // namespace tollgate::gateway
