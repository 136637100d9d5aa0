#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tollgate::http {

/// Where requests go.
struct Origin {
  bool tls = false;
  std::string host;  ///< of an IPv6 address without the brackets
  std::uint16_t port = 0;

  /// As the `host` field says it: without the port where that is the scheme's own.
  std::string authority() const;
  std::string text() const { return (tls ? "https://" : "http://") + authority(); }
  bool is_this_machine() const { return host == "127.0.0.1" || host == "localhost" || host == "::1"; }
};

/// An address such as `https://api.example.com:8443/base?x#y`.
struct Url {
  Origin origin;
  std::string path;   ///< "/" at least
  std::string extra;  ///< query and fragment, with their marks
};

/// Nothing where it is no `http` or `https` address, or names a user.
std::optional<Url> parse_url(std::string_view text);

/// The target of a request, as the URL standard reads it: what routes are compared with is what upstreams are sent.
struct Target {
  std::string path;   ///< begins with "/"; no `.` and `..` segments; odd characters percent-encoded
  std::string query;  ///< with its "?", or empty
};

/// Nothing for a target that is no path (`*`, `CONNECT`'s).
std::optional<Target> parse_target(std::string_view text);

}  // namespace tollgate::http
