#pragma once

#include "host-bindings/native/sqlite/control_host.h"
#include "json/document.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::test {

inline constexpr std::string_view kAdminKey = "tg_admin_local";

/// A moment as RFC 3339 writes it.
Instant at(std::string_view text);
std::string text_of(Instant instant);

/// What a request was answered, taken apart.
struct Reply {
  control::Response response;
  std::shared_ptr<json::Document> document;

  int status() const { return response.status; }
  /// A member of the body, by a path such as `plan.key` or `items.0.id`; empty where there is none.
  std::string operator[](std::string_view path) const;
  json::Value value(std::string_view path) const;
  std::string header(std::string_view name) const;
  /// `field rule` of every invalid parameter, sorted.
  std::vector<std::string> violations() const;
};

/// The control plane as a caller sees it, with a clock of its own.
struct Plane {
  native::ControlHost host;
  Instant now = at("2026-01-15T10:00:00Z");
  std::string bucket = "working-copy";
  std::string key{kAdminKey};
  bool local = true;
  std::string operator_key{kAdminKey};

  struct Extra {
    std::optional<std::string> content_type = {};
    std::optional<std::string> idempotency_key = {};
    std::optional<std::string> authorization = {};  ///< the whole header
    std::optional<std::string> if_match = {};
  };

  /// `path` is what stands behind `/v3/metering/{bucket}/`.
  Reply call(std::string_view method, std::string_view path, std::string_view body, const Extra& extra);
  Reply call(std::string_view method, std::string_view path, std::string_view body = {}) {
    return call(method, path, body, Extra());
  }
  Reply get(std::string_view path) { return call("GET", path); }
  Reply post(std::string_view path, std::string_view body = {}) { return call("POST", path, body); }
  /// A request to any target.
  Reply raw(std::string_view method, std::string_view target, std::string_view body, const Extra& extra);

  /// Meters and features `api_requests` and `tokens`, feature `export`; plan `starter` (published, free): 20
  /// api_requests, hard, 1000 tokens, soft, export; customer `acme`. The plan's id.
  std::string make_catalog();
  std::string publish_plan(std::string_view definition);
  /// A subscription of acme on `starter`.
  Reply subscribe();
  Reply ingest(std::string_view subscription, std::string_view id, std::string_view type, std::string_view total);
};

/// A plan with one phase and these rate cards.
std::string plan_json(std::string_view key, std::string_view rate_cards, std::string_view more = {});
inline constexpr std::string_view kStarterCards = R"(
  {"type":"flat_fee","key":"api_requests","name":"Requests","featureKey":"api_requests",
   "entitlementTemplate":{"type":"metered","issueAfterReset":20,"isSoftLimit":false}},
  {"type":"flat_fee","key":"tokens","name":"Tokens","featureKey":"tokens",
   "entitlementTemplate":{"type":"metered","issueAfterReset":1000,"isSoftLimit":true}},
  {"type":"flat_fee","key":"export","name":"Export","featureKey":"export","entitlementTemplate":{"type":"boolean"}})";

/// A prepaid pack: 100 api_requests for 10.00.
inline constexpr std::string_view kPackCards = R"(
  {"type":"flat_fee","key":"api_requests","name":"Pack","featureKey":"api_requests",
   "price":{"type":"flat","amount":"10"},
   "entitlementTemplate":{"type":"metered","issueAfterReset":100,"resets":false}})";

/// `sha256` of a key in hexadecimal digits.
std::string digest_of(std::string_view key);

}  // namespace tollgate::test
