#include "gateway/json_path.h"

#include "base/limits.h"
#include "base/text.h"

namespace tollgate::gateway {
namespace {

constexpr std::size_t kMostIndexDigits = 9;

bool begins_name(char c) { return is_alpha(c) || c == '_'; }
bool is_in_name(char c) { return begins_name(c) || is_digit(c) || c == '-'; }
bool is_in_quotes(char c) { return c != '\'' && c != '\\'; }

/// Takes the front part whose characters all are as `is` says.
std::string_view take(std::string_view& rest, bool (*is)(char)) {
  std::size_t n = 0;
  while (n < rest.size() && is(rest[n])) ++n;
  const std::string_view taken = rest.substr(0, n);
  rest.remove_prefix(n);
  return taken;
}

bool take(std::string_view& rest, std::string_view text) {
  if (!rest.starts_with(text)) return false;
  rest.remove_prefix(text.size());
  return true;
}

/// Takes `.name`, `[0]` or `['name']` off the front.
std::optional<JsonStep> take_step(std::string_view& rest) {
  JsonStep step;
  if (take(rest, ".")) {
    if (rest.empty() || !begins_name(rest.front())) return std::nullopt;
    step.name = take(rest, is_in_name);
    return step;
  }
  if (take(rest, "['")) {
    step.name = take(rest, is_in_quotes);
    return !step.name.empty() && take(rest, "']") ? std::optional(step) : std::nullopt;
  }
  if (!take(rest, "[")) return std::nullopt;
  const std::string_view digits = take(rest, is_digit);
  if (digits.empty() || digits.size() > kMostIndexDigits || !take(rest, "]")) return std::nullopt;
  for (const char c : digits) step.index = step.index * 10 + static_cast<std::size_t>(c - '0');
  return step;
}

}  // namespace

std::optional<JsonPath> parse_json_path(std::string_view text) {
  JsonPath path;
  if (!take(text, "$") || text.empty()) return std::nullopt;
  while (!text.empty()) {
    const auto step = take_step(text);
    if (!step || path.size() == limits::kMaxMeterPathSteps) return std::nullopt;
    path.push_back(*step);
  }
  return path;
}

}  // namespace tollgate::gateway
