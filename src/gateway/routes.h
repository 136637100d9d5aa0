#pragma once

#include "base/limits.h"
#include "base/quantity.h"
#include "base/result.h"
#include "gateway/json_path.h"
#include "gateway/pattern.h"
#include "gateway/token_list.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::gateway {

/// Where a route's requests go: a service of the host, or the address that paths are appended to.
struct Upstream {
  std::string service;    ///< empty: an address
  std::string origin;     ///< `https://api.example.com:8443`: lower case, without the port that the scheme has anyway
  std::string base_path;  ///< without a slash at its end
};

/// What a value that is missing from a metered success counts as (S2.9).
enum class OnMissing : std::uint8_t {
  ignore,  ///< nothing; counted and logged
  refuse,  ///< the response is replaced by a 502 while it can be
  amount,  ///< a fixed amount
};

/// Where the amount of a meter stands in a response.
struct ResponseMeter {
  std::string meter;
  JsonPath path;       ///< into the JSON body
  std::string header;  ///< or, where the path is empty, the name of a header, lower case
  OnMissing on_missing = OnMissing::ignore;
  Quantity amount;

  bool is_in_body() const { return !path.empty(); }
};

/// Which pages of other origins may call (S2.10).
struct Cors {
  TokenList origins;  ///< `https://app.example.com`
  bool any_origin = false;
  TokenList headers;          ///< empty: those that are asked for
  TokenList methods;          ///< empty: those of the path
  std::int64_t max_age = -1;  ///< seconds; −1: nothing is said
  bool with_credentials = false;
};

/// One entry of `routes.json`.
struct Route {
  std::string path;  ///< the pattern as written
  Pattern pattern;
  TokenList methods;  ///< sorted; `["*"]`, which is any of `kMethods`, stands there as they
  Upstream upstream;
  int policy = -1;                ///< index; −1: open to everybody
  std::string credential_header;  ///< of the policy, lower case
  std::vector<ResponseMeter> response_meters;
  std::optional<Cors> cors;  ///< in place of that of the document
  bool forwards_credential = false;
  bool is_raw = false;        ///< `rawPath`: ambiguous paths are passed on as they came
  bool is_open = false;       ///< `open`: may cover paths that other routes guard
  bool shares_cache = false;  ///< `sharedCache`: answers to authenticated requests may be kept for others

  bool reads_body() const;
};

/// A whole `routes.json`. docs/guide/routes.md tells what its members mean.
struct Routes {
  std::string bucket;
  bool checks_key_format = true;  ///< only keys of our own format are looked up at all (S6.3)
  std::int64_t max_request_bytes = limits::kDefaultRequestBytes;
  /// How much of a metered body is read on after its client has gone, and for how long.
  std::int64_t max_metered_response_bytes = limits::kDefaultMeteredBytes;
  std::int64_t drain_seconds = limits::kDefaultDrainSeconds;
  std::optional<Cors> cors;
  std::vector<Route> routes;

  /// What is in force on a route; null where no other origin may call, and `route` may be null.
  const Cors* cors_of(const Route* route) const;
};

/// A policy that routes may use.
struct KnownPolicy {
  std::string name;
  std::string credential_header;
};

/// The methods that are passed on everywhere.
inline constexpr std::string_view kMethods = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";

inline constexpr std::string_view kBuckets = "working-copy, preview, production";
inline constexpr std::string_view kDefaultBucket = "working-copy";

/// Reads a `routes.json`. Fails with a sentence that names route, field, value and rule; nothing of it is in force
/// then.
Result<Routes, std::string> read_routes(std::string_view text, std::span<const KnownPolicy> policies);

}  // namespace tollgate::gateway
