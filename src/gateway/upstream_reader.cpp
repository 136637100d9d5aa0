#include "gateway/upstream_reader.h"

#include "base/text.h"
#include "gateway/path.h"

#include <algorithm>

namespace tollgate::gateway {
namespace {

constexpr std::size_t kMostPortDigits = 5;
constexpr int kMostPort = 65'535;

bool take(std::string_view& rest, std::string_view text) {
  if (!rest.starts_with(text)) return false;
  rest.remove_prefix(text.size());
  return true;
}

bool is_word(std::string_view text) {
  return !text.empty() && !is_digit(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_alnum(c) || c == '_'; });
}

/// A name, an IPv4 address, or an IPv6 address in brackets.
bool is_host(std::string_view host) {
  if (host.starts_with('[')) {
    return host.size() > 3 && host.ends_with(']') && std::all_of(host.begin() + 1, host.end() - 1, [](char c) {
             return is_digit(c) || (c >= 'a' && c <= 'f') || c == ':' || c == '.';
           });
  }
  return !host.empty() && host.front() != '.' && host.front() != '-' &&
         std::all_of(host.begin(), host.end(), [](char c) { return is_alnum(c) || c == '-' || c == '.' || c == '_'; });
}

bool is_port(std::string_view port) {
  int number = 0;
  for (const char c : port) {
    if (!is_digit(c) || port.size() > kMostPortDigits) return false;
    number = number * 10 + (c - '0');
  }
  return number > 0 && number <= kMostPort;
}

struct Authority {
  std::string_view host;
  std::string_view port;  ///< with its colon; empty where there is none
};

std::optional<Authority> parse_authority(std::string_view text) {
  const std::size_t bracket = text.find(']');
  const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const Authority parts{text.substr(0, colon), text.substr(std::min(colon, text.size()))};
  if (!is_host(parts.host) || (!parts.port.empty() && !is_port(parts.port.substr(1)))) return std::nullopt;
  return parts;
}

bool is_this_machine(std::string_view host) { return host == "localhost" || host == "127.0.0.1" || host == "[::1]"; }

}  // namespace

std::optional<Upstream> parse_upstream(std::string_view text) {
  Upstream upstream;
  if (take(text, "service:")) {
    upstream.service = text;
    return is_word(text) ? std::optional(upstream) : std::nullopt;
  }
  const bool is_secure = take(text, "https://");
  if (!is_secure && !take(text, "http://")) return std::nullopt;
  const std::size_t slash = std::min(text.find('/'), text.size());
  std::string host(text.substr(0, slash));
  std::transform(host.begin(), host.end(), host.begin(), lower);
  const auto authority = parse_authority(host);
  if (!authority || (!is_secure && !is_this_machine(authority->host))) return std::nullopt;
  const bool is_usual_port = authority->port == (is_secure ? ":443" : ":80");
  upstream.origin = is_secure ? "https://" : "http://";
  upstream.origin.append(authority->host).append(is_usual_port ? std::string_view() : authority->port);
  if (text.find_first_of("?#\\") != std::string_view::npos) return std::nullopt;
  const auto path = normalise(slash < text.size() ? text.substr(slash) : "/");
  if (!path || path->is_ambiguous) return std::nullopt;
  upstream.base_path = path->path;
  if (upstream.base_path.ends_with('/')) upstream.base_path.pop_back();
  return upstream;
}

bool is_origin(std::string_view text) {
  if (!take(text, "https://") && !take(text, "http://")) return false;
  const bool has_upper = std::any_of(text.begin(), text.end(), [](char c) { return c != lower(c); });
  return !has_upper && parse_authority(text).has_value();
}

}  // namespace tollgate::gateway
