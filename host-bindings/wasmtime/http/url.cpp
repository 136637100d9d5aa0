#include "host-bindings/wasmtime/http/url.h"

#include "base/text.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace tollgate::http {
namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;
/// What the URL standard percent-encodes in a path and in the query of a web address.
constexpr std::string_view kOddInPath = " \"#<>?`{}^";
constexpr std::string_view kOddInQuery = " \"#<>'";

void append_encoded(std::string& to, std::string_view text, std::string_view odd) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_visible(c) && odd.find(c) == std::string_view::npos) {
      to.push_back(c);
    } else {
      to.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
  }
}

/// `.` in one of its spellings, `n` times.
bool is_dots(std::string_view segment, int n) {
  for (; n > 0; --n) {
    if (segment.starts_with('.')) {
      segment.remove_prefix(1);
    } else if (equal_ignoring_case(segment.substr(0, 3), "%2e")) {
      segment.remove_prefix(3);
    } else {
      return false;
    }
  }
  return segment.empty();
}

/// Without dot segments; backslashes count as slashes.
std::string normal_path(std::string_view text) {
  std::vector<std::string_view> segments;
  text.remove_prefix(1);
  for (bool last = false; !last;) {
    const std::size_t slash = text.find_first_of("/\\");
    const std::string_view segment = text.substr(0, slash);
    last = slash == std::string_view::npos;
    if (!last) text.remove_prefix(slash + 1);
    if (is_dots(segment, 2) && !segments.empty()) segments.pop_back();
    const bool is_dot = is_dots(segment, 1) || is_dots(segment, 2);
    if (!is_dot) segments.push_back(segment);
    // What ends in a dot names the folder.
    if (is_dot && last) segments.emplace_back();
  }
  std::string path;
  for (const std::string_view segment : segments) {
    path.push_back('/');
    append_encoded(path, segment, kOddInPath);
  }
  return path;
}

std::optional<std::uint16_t> read_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  return whole && port > 0 ? std::optional(port) : std::nullopt;
}

bool is_host_char(char c) { return is_alnum(c) || c == '-' || c == '.' || c == '_'; }

/// `host`, `host:port` or `[address]:port`.
bool read_authority(std::string_view text, Origin& origin) {
  origin.port = origin.tls ? kHttpsPort : kHttpPort;
  std::string_view host;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return false;
    host = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
    if (!std::all_of(host.begin(), host.end(), [](char c) { return is_alnum(c) || c == ':' || c == '.'; }))
      return false;
  } else {
    host = text.substr(0, text.find(':'));
    text.remove_prefix(host.size());
    if (!std::all_of(host.begin(), host.end(), is_host_char)) return false;
  }
  if (host.empty() || (!text.empty() && text.front() != ':')) return false;
  std::transform(host.begin(), host.end(), std::back_inserter(origin.host), lower);
  if (text.empty()) return true;
  const auto port = read_port(text.substr(1));
  origin.port = port.value_or(0);
  return port.has_value();
}

}  // namespace

std::string Origin::authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == (tls ? kHttpsPort : kHttpPort) ? name : name + ":" + std::to_string(port);
}

std::optional<Url> parse_url(std::string_view text) {
  Url url;
  const std::size_t scheme = text.find("://");
  if (scheme == std::string_view::npos) return std::nullopt;
  url.origin.tls = equal_ignoring_case(text.substr(0, scheme), "https");
  if (!url.origin.tls && !equal_ignoring_case(text.substr(0, scheme), "http")) return std::nullopt;
  text.remove_prefix(scheme + 3);
  const std::size_t end = std::min(text.find_first_of("/\\?#"), text.size());
  if (!read_authority(text.substr(0, end), url.origin)) return std::nullopt;
  text.remove_prefix(end);
  const std::size_t path_end = std::min(text.find_first_of("?#"), text.size());
  url.path = path_end == 0 ? "/" : normal_path(text.substr(0, path_end));
  url.extra = text.substr(path_end);
  return url;
}

std::optional<Target> parse_target(std::string_view text) {
  text = text.substr(0, text.find('#'));
  // A client may send the whole address (RFC 9112, 3.2.2).
  if (!text.starts_with('/')) {
    const auto url = parse_url(text);
    if (!url) return std::nullopt;
    Target target{url->path, {}};
    append_encoded(target.query, url->extra, kOddInQuery);
    return target;
  }
  const std::size_t query = std::min(text.find('?'), text.size());
  Target target{normal_path(text.substr(0, query)), {}};
  append_encoded(target.query, text.substr(query), kOddInQuery);
  return target;
}

}  // namespace tollgate::http
