#include "host-bindings/wasmtime/gateway/json_path.h"

#include "base/text.h"

#include <algorithm>
#include <charconv>

namespace tollgate::gateway {
namespace {

constexpr std::size_t kMostIndexDigits = 9;

bool begins_name(char c) { return is_alpha(c) || c == '_'; }
bool is_in_name(char c) { return begins_name(c) || is_digit(c) || c == '-'; }

/// The length of the front part whose characters all are as `is` says.
template <class Is>
std::size_t span_of(std::string_view text, Is is) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is) - text.begin());
}

/// Takes `.name` off the front.
bool take_name(std::string_view& rest, JsonPath& path) {
  if (rest.size() < 2 || rest[0] != '.' || !begins_name(rest[1])) return false;
  const std::size_t length = span_of(rest.substr(1), is_in_name);
  path.emplace_back(std::string(rest.substr(1, length)));
  rest.remove_prefix(1 + length);
  return true;
}

/// Takes `[0]` off the front.
bool take_index(std::string_view& rest, JsonPath& path) {
  if (!rest.starts_with('[')) return false;
  const std::size_t length = span_of(rest.substr(1), is_digit);
  if (length == 0 || length > kMostIndexDigits || rest.substr(1 + length, 1) != "]") return false;
  std::size_t index = 0;
  std::from_chars(rest.data() + 1, rest.data() + 1 + length, index);
  path.emplace_back(index);
  rest.remove_prefix(length + 2);
  return true;
}

/// Takes `['name']` off the front.
bool take_quoted(std::string_view& rest, JsonPath& path) {
  if (!rest.starts_with("['")) return false;
  const std::size_t length = span_of(rest.substr(2), [](char c) { return c != '\'' && c != '\\'; });
  if (length == 0 || rest.substr(2 + length, 2) != "']") return false;
  path.emplace_back(std::string(rest.substr(2, length)));
  rest.remove_prefix(length + 4);
  return true;
}

}  // namespace

std::optional<JsonPath> parse_json_path(std::string_view text) {
  if (!text.starts_with('$') || text.size() < 2) return std::nullopt;
  JsonPath path;
  std::string_view rest = text.substr(1);
  while (!rest.empty()) {
    if (!take_name(rest, path) && !take_index(rest, path) && !take_quoted(rest, path)) return std::nullopt;
  }
  return path;
}

json::Value value_at(json::Value value, const JsonPath& path) {
  for (const auto& step : path) {
    const auto* const index = std::get_if<std::size_t>(&step);
    if (index != nullptr) {
      value = value.is(json::Kind::array) && *index < value.size() ? value.element(*index) : json::Value();
    } else {
      value = value.is(json::Kind::object) ? value.member(std::get<std::string>(step)) : json::Value();
    }
  }
  return value;
}

}  // namespace tollgate::gateway
