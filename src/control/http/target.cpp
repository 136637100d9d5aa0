#include "control/http/target.h"

#include "base/text.h"

namespace tollgate::control {
namespace {

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char letter = lower(c);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

bool decode(std::string_view text, std::string& decoded) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return false;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return false;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    decoded.push_back(c);
  }
  return !has_control(decoded);
}

/// Cuts the text at the first `separator`: the front is the result, the rest stays in `text`.
std::string_view cut(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  const std::string_view front = text.substr(0, at);
  text.remove_prefix(at == text.npos ? text.size() : at + 1);
  return front;
}

bool read_path(std::string_view path, Target& target) {
  if (!path.starts_with('/')) return false;
  path.remove_prefix(1);
  while (!path.empty()) {
    const std::string_view segment = cut(path, '/');
    if (segment.empty() || !decode(segment, target.segments.emplace_back())) return false;
  }
  return true;
}

/// What cannot be decoded stands for itself: the route names it as a parameter that it does not know.
std::string decoded_or_raw(std::string_view text) {
  std::string decoded;
  return decode(text, decoded) ? decoded : std::string(text);
}

void read_query(std::string_view query, Target& target) {
  while (!query.empty()) {
    std::string_view value = cut(query, '&');
    if (value.empty()) continue;
    const std::string_view name = cut(value, '=');
    target.query.emplace_back(decoded_or_raw(name), decoded_or_raw(value));
  }
}

}  // namespace

std::optional<Target> parse_target(std::string_view text) {
  Target target;
  const std::string_view path = cut(text, '?');
  if (!read_path(path, target)) return std::nullopt;
  read_query(text, target);
  return target;
}

}  // namespace tollgate::control
