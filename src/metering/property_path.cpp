#include "metering/property_path.h"

#include "base/text.h"

namespace tollgate::metering {
namespace {

/// Nothing in 8 KiB of data has more elements than this.
constexpr std::size_t kMaxIndexDigits = 4;

bool is_name_char(char c) { return is_alnum(c) || c == '_' || c == '-'; }

}  // namespace

PathSteps::PathSteps(std::string_view path) : rest_(path) {
  if (rest_.starts_with('$')) rest_.remove_prefix(1);
}

std::optional<PathStep> PathSteps::next() {
  if (rest_.starts_with('[')) return take_index();
  if (!rest_.starts_with('.')) return std::nullopt;
  std::size_t end = 1;
  while (end < rest_.size() && is_name_char(rest_[end])) ++end;
  const std::string_view name = rest_.substr(1, end - 1);
  if (name.empty()) return std::nullopt;
  rest_.remove_prefix(end);
  return PathStep{name, 0};
}

std::optional<PathStep> PathSteps::take_index() {
  std::size_t index = 0;
  std::size_t end = 1;
  for (; end < rest_.size() && is_digit(rest_[end]); ++end)
    index = index * 10 + static_cast<std::size_t>(rest_[end] - '0');
  const std::size_t digits = end - 1;
  const bool leading_zero = digits > 1 && rest_[1] == '0';
  if (digits == 0 || digits > kMaxIndexDigits || leading_zero || end == rest_.size() || rest_[end] != ']') {
    return std::nullopt;
  }
  rest_.remove_prefix(end + 1);
  return PathStep{{}, index};
}

bool is_property_path(std::string_view text) {
  if (!text.starts_with('$')) return false;
  PathSteps steps(text);
  while (steps.next().has_value()) {
  }
  return steps.ended();
}

}  // namespace tollgate::metering
