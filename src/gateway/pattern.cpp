#include "gateway/pattern.h"

#include "base/text.h"
#include "gateway/path.h"

namespace tollgate::gateway {
namespace {

bool is_parameter(std::string_view segment) {
  if (segment.size() < 3 || segment.front() != '{' || segment.back() != '}') return false;
  segment = segment.substr(1, segment.size() - 2);
  for (const char c : segment) {
    if (!is_alnum(c) && c != '_') return false;
  }
  return !is_digit(segment.front());
}

/// A literal segment in the form that paths are compared in; empty where it may not stand in a pattern.
std::string literal_segment(std::string_view text) {
  if (text == "*" || text.find_first_of("{}?#") != std::string_view::npos) return {};
  const auto normal = normalise(std::string("/").append(text));
  const std::string_view path = normal->path;
  if (normal->is_ambiguous || path.size() < 2 || path.back() == '/') return {};
  return folded(path.substr(1));
}

/// Takes `/segment` off the front of what is not empty.
std::string_view take_segment(std::string_view& rest) {
  rest.remove_prefix(1);
  const std::string_view segment = rest.substr(0, rest.find('/'));
  rest.remove_prefix(segment.size());
  return segment;
}

bool is_equal(std::string_view one, std::string_view other, Case letters) {
  return letters == Case::ignored ? equal_ignoring_case(one, other) : one == other;
}

}  // namespace

std::optional<Pattern> parse_pattern(std::string_view text) {
  Pattern pattern;
  if (!text.starts_with('/')) return std::nullopt;
  if (text == "/") return pattern;
  while (!text.empty()) {
    const std::string_view segment = take_segment(text);
    if (segment == "*" && text.empty()) {
      pattern.is_open = true;
      break;
    }
    const std::string literal = literal_segment(segment);
    if (literal.empty() && !is_parameter(segment)) return std::nullopt;
    pattern.segments.append("/").append(literal);
    pattern.has_parameter = pattern.has_parameter || literal.empty();
    ++pattern.count;
  }
  return pattern;
}

bool fits(const Pattern& pattern, std::string_view path, Case letters) {
  if (path == "/") return pattern.count == 0;
  for (std::string_view rest = pattern.segments; !rest.empty();) {
    if (path.empty()) return false;
    const std::string_view wanted = take_segment(rest);
    const std::string_view segment = take_segment(path);
    if (wanted.empty() ? segment.empty() : !is_equal(wanted, segment, letters)) return false;
  }
  return path.empty() != pattern.is_open;
}

bool overlap(const Pattern& one, const Pattern& other) {
  const auto reaches = [](const Pattern& open, const Pattern& closed) {
    return closed.count > open.count || closed.count == 0;
  };
  if (one.is_open && !other.is_open && !reaches(one, other)) return false;
  if (other.is_open && !one.is_open && !reaches(other, one)) return false;
  if (!one.is_open && !other.is_open && one.count != other.count) return false;
  std::string_view rest = one.segments;
  std::string_view other_rest = other.segments;
  while (!rest.empty() && !other_rest.empty()) {
    const std::string_view segment = take_segment(rest);
    const std::string_view other_segment = take_segment(other_rest);
    if (segment.empty() || other_segment.empty()) continue;
    if (!equal_ignoring_case(segment, other_segment)) return false;
  }
  return true;
}

bool is_same(const Pattern& one, const Pattern& other) {
  return one.is_open == other.is_open && one.segments == other.segments;
}

}  // namespace tollgate::gateway
