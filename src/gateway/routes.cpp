#include "gateway/routes.h"

#include "base/limits.h"
#include "base/text.h"
#include "gateway/route_reader.h"
#include "json/scanned_document.h"

#include <algorithm>

namespace tollgate::gateway {
namespace {

std::string where(const Routes& routes, std::size_t index) {
  std::string text = "route ";
  append_number(text, index + 1);
  return text.append(" (").append(routes.routes[index].path).append(")");
}

/// Two routes that could both be meant by one request, with neither more exact, are a mistake.
bool refuse_double(const Routes& routes, std::size_t index, std::size_t earlier, ConfigurationReader& reader) {
  const Route& route = routes.routes[index];
  if (!is_same(route.pattern, routes.routes[earlier].pattern)) return true;
  bool is_unique = true;
  route.methods.each([&](std::string_view method) {
    if (!is_unique || !routes.routes[earlier].methods.contains(method)) return;
    std::string rule = "not also served by route ";
    append_number(rule, earlier + 1);
    is_unique = reader.refuse("methods", std::string("\"").append(method).append("\""), rule);
  });
  return is_unique;
}

/// An open route beside a guarded one on the same paths is a hole, unless it says that it is meant.
bool refuse_hole(const Routes& routes, std::size_t index, std::size_t other, ConfigurationReader& reader) {
  const Route& open = routes.routes[index];
  const Route& guarded = routes.routes[other];
  if (open.policy >= 0 || open.is_open || guarded.policy < 0 || !overlap(open.pattern, guarded.pattern)) return true;
  return reader.refuse("policies", "[]",
                       std::string("of a route that covers no path of ")
                           .append(where(routes, other))
                           .append(", which has a policy; \"open\": true says that it may"));
}

bool refuse_clashes(const Routes& routes, ConfigurationReader& reader) {
  for (std::size_t i = 0; i < routes.routes.size(); ++i) {
    reader.enter(where(routes, i));
    for (std::size_t other = 0; other < routes.routes.size(); ++other) {
      if (other < i && !refuse_double(routes, i, other, reader)) return false;
      if (!refuse_hole(routes, i, other, reader)) return false;
    }
  }
  return true;
}

bool read_all_routes(json::Value entries, std::span<const KnownPolicy> policies, ConfigurationReader& reader,
                     Routes& routes) {
  if (!entries.is(json::Kind::array) || entries.size() == 0) {
    return reader.refuse("routes", entries, "a list of at least one route");
  }
  if (entries.size() > limits::kMaxRoutes) return reader.refuse("routes", "longer", "a list of at most 256 routes");
  routes.routes = std::vector<Route>(entries.size());
  RouteReader route_reader(reader, policies);
  std::size_t number = 0;
  for (const json::Value entry : entries) {
    Route& route = routes.routes[number];
    if (!route_reader.read(entry, ++number, route)) return false;
  }
  return refuse_clashes(routes, reader);
}

/// All but the routes.
bool read_settings(json::Value document, ConfigurationReader& reader, Routes& routes) {
  const json::Value bucket = document.member("bucket");
  routes.bucket = bucket.absent() ? kDefaultBucket : bucket.text();
  if (!is_listed(kBuckets, routes.bucket)) {
    return reader.refuse("bucket", bucket, std::string("one of ").append(kBuckets));
  }
  const json::Value format = document.member("keyFormat");
  routes.checks_key_format = format.text() != "any";
  if (!format.absent() && format.text() != "any" && format.text() != "tgk") {
    return reader.refuse("keyFormat", format, "one of tgk, any");
  }
  return reader.read_integer(document, "maxRequestBytes", 1, limits::kMaxRequestBytes, routes.max_request_bytes) &&
         reader.read_integer(document, "maxMeteredResponseBytes", 1, limits::kMaxMeteredBytes,
                             routes.max_metered_response_bytes) &&
         reader.read_integer(document, "drainSeconds", 0, limits::kMaxDrainSeconds, routes.drain_seconds) &&
         read_cors(document.member("cors"), reader, routes.cors);
}

bool read_document(json::Value document, std::span<const KnownPolicy> policies, ConfigurationReader& reader,
                   Routes& routes) {
  reader.enter("the document");
  if (!reader.is_object(document)) return false;
  if (!reader.knows(document,
                    "bucket, keyFormat, maxRequestBytes, maxMeteredResponseBytes, drainSeconds, cors, routes")) {
    return false;
  }
  return read_settings(document, reader, routes) &&
         read_all_routes(document.member("routes"), policies, reader, routes);
}

}  // namespace

bool Route::reads_body() const {
  return std::any_of(response_meters.begin(), response_meters.end(),
                     [](const auto& meter) { return meter.is_in_body(); });
}

const Cors* Routes::cors_of(const Route* route) const {
  const std::optional<Cors>& own = route != nullptr && route->cors ? route->cors : cors;
  return own ? &*own : nullptr;
}

Result<Routes, std::string> read_routes(std::string_view text, std::span<const KnownPolicy> policies) {
  json::ScannedDocument document;
  if (text.size() > limits::kMaxRoutesBytes) return fail(std::string("config/routes.json is longer than 65536 bytes"));
  if (const auto parsed = document.parse(text); !parsed.ok()) {
    const bool is_double = parsed.error() == json::DocumentError::duplicate_name;
    return fail(std::string(is_double ? "config/routes.json names a member of an object twice"
                                      : "config/routes.json is not JSON"));
  }
  ConfigurationReader reader;
  Routes routes;
  if (!read_document(document.root(), policies, reader, routes)) return fail(reader.error());
  return routes;
}

}  // namespace tollgate::gateway
