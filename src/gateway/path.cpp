#include "gateway/path.h"

#include "base/text.h"

#include <vector>

namespace tollgate::gateway {
namespace {

constexpr bool is_unreserved(char c) { return is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~'; }

/// RFC 3986's pchar but for `;`, which servers cut off, and escapes.
constexpr bool is_plain(char c) {
  return is_unreserved(c) || std::string_view("!$&'()*+,=:@").find(c) != std::string_view::npos;
}

/// The byte of the escape at the front, −1 where there is none.
constexpr int escaped_byte(std::string_view text) {
  if (text.size() < 3 || text[0] != '%') return -1;
  const int high = hex_value(text[1]);
  const int low = hex_value(text[2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/// Decodes the escapes of those characters that `decodes` names; other escapes stay, in upper case.
NormalPath decoded(std::string_view text, bool (*decodes)(char)) {
  NormalPath to;
  while (!text.empty()) {
    const char c = text.front();
    const int byte = escaped_byte(text);
    if (byte >= 0) {
      const char meant = static_cast<char>(byte);
      to.is_ambiguous = to.is_ambiguous || meant == '/' || meant == '\\' || meant == ';' || is_control(meant);
      if (decodes(meant)) {
        to.path.push_back(meant);
      } else {
        append_escape(to.path, meant);
      }
      text.remove_prefix(3);
      continue;
    }
    to.is_ambiguous = to.is_ambiguous || c == '\\' || c == ';' || c == '%' || is_control(c);
    if (is_plain(c) || c == '/' || c == ';') {
      to.path.push_back(c);
    } else {
      append_escape(to.path, c);
    }
    text.remove_prefix(1);
  }
  return to;
}

/// RFC 3986, 5.2.4; then empty segments go.
std::string without_dots(std::string_view path) {
  std::vector<std::string_view> segments;
  bool ends_in_slash = true;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    ends_in_slash = segment.empty() || segment == "." || segment == "..";
    if (segment == ".." && !segments.empty()) segments.pop_back();
    if (!ends_in_slash || segment.empty()) segments.push_back(segment);
  }
  std::string result;
  for (const std::string_view segment : segments) {
    if (!segment.empty()) result.append("/").append(segment);
  }
  if (ends_in_slash) result.push_back('/');
  return result;
}

}  // namespace

std::optional<NormalPath> normalise(std::string_view raw) {
  if (!raw.starts_with('/')) return std::nullopt;
  NormalPath normal = decoded(raw, is_unreserved);
  normal.path = without_dots(normal.path);
  return normal;
}

std::string folded(std::string_view path) { return decoded(path, is_plain).path; }

}  // namespace tollgate::gateway
