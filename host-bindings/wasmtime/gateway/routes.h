#pragma once

#include "base/result.h"
#include "host-bindings/wasmtime/gateway/json_path.h"
#include "host-bindings/wasmtime/http/url.h"

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::gateway {

/// Where a route's requests go: a service of this program, or the address that paths are appended to.
struct Upstream {
  std::string service;  ///< `DEMO_UPSTREAM`; empty: an address
  http::Origin origin;
  std::string base_path;  ///< without a slash at its end
};

/// Where the amount of a meter stands in a response.
struct ResponseMeter {
  std::string meter;
  std::optional<JsonPath> path;  ///< into the JSON body
  std::string header;            ///< or the name of a header
};

/// One entry of `routes.json`.
struct Route {
  std::string path;               ///< the pattern as written, for messages
  std::set<std::string> methods;  ///< upper case; empty: any
  Upstream upstream;
  std::string policy;  ///< name of the policy; empty: open to everybody
  std::vector<ResponseMeter> response_meters;
  bool forwards_credential = false;

  bool takes(const std::string& method) const { return methods.empty() || methods.contains(method); }
};

/// A whole `routes.json`. host-bindings/workers/README.md tells what its members mean.
struct Routes {
  std::string bucket;
  bool checks_key_format = true;  ///< only keys of our own format are looked up at all (S6.3)
  std::uint64_t max_request_bytes = 0;
  std::uint64_t max_metered_response_bytes = 0;  ///< how much of a response is read for a meter
  std::vector<Route> routes;
};

/// Reads a `routes.json`. Fails with a sentence that names route, field, value and rule; nothing of it is in force
/// then.
///
/// @param policies  names of the policies that routes may use
Result<Routes, std::string> parse_routes(std::string_view text, std::span<const std::string> policies);

bool is_bucket(std::string_view name);

}  // namespace tollgate::gateway
