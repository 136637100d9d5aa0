#include "gateway/table.h"

#include "gateway/path.h"
#include "json/scanned_document.h"
#include "json/text.h"
#include "json/writer.h"

namespace tollgate::gateway {
namespace {

using Json = json::Writer<json::Text>;

void write_upstream(const Upstream& upstream, Json& json) {
  json.key("upstream");
  json.begin_object();
  if (!upstream.service.empty()) {
    json.member("service", std::string_view(upstream.service));
  } else {
    json.member("origin", std::string_view(upstream.origin));
    json.member("basePath", std::string_view(upstream.base_path));
  }
  json.end_object();
}

void write_route(const Routes& routes, const Route& route, Json& json) {
  json.begin_object();
  json.member("path", std::string_view(route.path));
  json.member("policy", route.policy);
  write_upstream(route.upstream, json);
  json.member("readsBody", route.reads_body());
  json.member("meters", static_cast<std::int64_t>(route.response_meters.size()));
  json.member("sharedCache", route.policy < 0 || route.shares_cache);
  json.member("cors", routes.cors_of(&route) != nullptr);
  json.end_object();
}

/// The requests that need no `match`: `METHOD /path` as received, and the index of the route.
void write_exact(const Routes& routes, Json& json) {
  json.key("exact");
  json.begin_object();
  for (const Route& route : routes.routes) {
    const auto normal = normalise(route.path);
    if (!route.pattern.is_literal() || normal->path != route.path) continue;
    route.methods.each([&](std::string_view method) {
      const std::string request = std::string(method).append(" ").append(route.path);
      json.member(std::string_view(request), static_cast<std::int64_t>(&route - routes.routes.data()));
    });
  }
  json.end_object();
}

}  // namespace

Result<std::vector<KnownPolicy>, std::string> read_known_policies(std::string_view text) {
  json::ScannedDocument document;
  const bool is_list = document.parse(text).ok() && document.root().is(json::Kind::array);
  if (!is_list) return fail(std::string("the policies are no list"));
  std::vector<KnownPolicy> policies;
  for (const json::Value policy : document.root()) {
    policies.push_back({std::string(policy.member("name").text()), std::string(policy.member("authHeader").text())});
  }
  return policies;
}

std::string table_text(const Routes& routes) {
  json::Text text;
  Json json(text);
  json.begin_object();
  json.member("bucket", std::string_view(routes.bucket));
  json.member("keyFormat", routes.checks_key_format ? "tgk" : "any");
  json.member("maxRequestBytes", routes.max_request_bytes);
  json.member("maxMeteredResponseBytes", routes.max_metered_response_bytes);
  json.member("drainSeconds", routes.drain_seconds);
  json.member("cors", routes.cors.has_value());
  json.key("buckets");
  json.begin_array();
  TokenList(kBuckets).each([&](std::string_view bucket) { json.value(bucket); });
  json.end_array();
  write_exact(routes, json);
  json.key("routes");
  json.begin_array();
  for (const Route& route : routes.routes) write_route(routes, route, json);
  json.end_array();
  json.end_object();
  return text.take();
}

}  // namespace tollgate::gateway
