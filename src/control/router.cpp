#include "control/router.h"

#include "base/limits.h"
#include "base/text.h"
#include "control/body.h"
#include "control/configuration.h"
#include "control/customers.h"
#include "control/dead_letters.h"
#include "control/events.h"
#include "control/features.h"
#include "control/idempotency.h"
#include "control/meters.h"
#include "control/plans.h"
#include "control/snapshots.h"
#include "control/subscriptions.h"

#include <algorithm>
#include <cstdint>

namespace tollgate::control {
namespace {

using Handler = Response (*)(Context&);
using enum ServiceRole;

struct Route {
  std::string_view method;
  std::string_view pattern;  ///< behind `/v3/metering/{bucket}/`; `{}` stands for one segment
  std::uint8_t roles;
  BodyKind body;
  bool creates;  ///< accepts Idempotency-Key
  Handler handler;
};

constexpr std::uint8_t kAdmin = static_cast<std::uint8_t>(admin);
constexpr std::uint8_t kReaders = admin | read_only;
constexpr std::uint8_t kPortalReaders = kReaders | portal;
constexpr std::uint8_t kPortalWriters = admin | portal;
constexpr std::uint8_t kEdge = admin | edge;

constexpr Route kRoutes[] = {
    {"POST", "meters", kAdmin, BodyKind::json, true, create_meter},
    {"GET", "meters", kReaders, BodyKind::none, false, list_meters},
    {"GET", "meters/{}", kReaders, BodyKind::none, false, get_meter},
    {"PUT", "meters/{}", kAdmin, BodyKind::json, false, update_meter},
    {"DELETE", "meters/{}", kAdmin, BodyKind::none, false, delete_meter},
    {"POST", "meters/{}/query", kPortalReaders, BodyKind::optional_json, false, query_meter},
    {"POST", "features", kAdmin, BodyKind::json, true, create_feature},
    {"GET", "features", kPortalReaders, BodyKind::none, false, list_features},
    {"GET", "features/{}", kPortalReaders, BodyKind::none, false, get_feature},
    {"DELETE", "features/{}", kAdmin, BodyKind::none, false, archive_feature},
    {"POST", "plans", kAdmin, BodyKind::json, true, create_plan},
    {"GET", "plans", kPortalReaders, BodyKind::none, false, list_plans},
    {"GET", "plans/{}", kPortalReaders, BodyKind::none, false, get_plan},
    {"PUT", "plans/{}", kAdmin, BodyKind::json, false, update_plan},
    {"DELETE", "plans/{}", kAdmin, BodyKind::none, false, delete_plan},
    {"POST", "plans/{}/publish", kAdmin, BodyKind::none, false, publish_plan},
    {"POST", "plans/{}/archive", kAdmin, BodyKind::none, false, archive_plan},
    {"POST", "plans/{}/next", kAdmin, BodyKind::none, true, next_plan_version},
    {"POST", "customers", kPortalWriters, BodyKind::json, true, create_customer},
    {"GET", "customers", kReaders, BodyKind::none, false, list_customers},
    {"GET", "customers/{}", kPortalReaders, BodyKind::none, false, get_customer},
    {"PUT", "customers/{}", kPortalWriters, BodyKind::json, false, update_customer},
    {"DELETE", "customers/{}", kAdmin, BodyKind::none, false, delete_customer},
    {"GET", "customers/{}/subscriptions", kPortalReaders, BodyKind::none, false, list_customer_subscriptions},
    {"POST", "subscriptions", kPortalWriters, BodyKind::json, true, create_subscription},
    {"GET", "subscriptions", kReaders, BodyKind::none, false, list_subscriptions},
    {"GET", "subscriptions/{}", kPortalReaders, BodyKind::none, false, get_subscription},
    {"GET", "subscriptions/{}/access", kPortalReaders, BodyKind::none, false, get_subscription_access},
    {"POST", "subscriptions/{}/cancel", kPortalWriters, BodyKind::optional_json, false, cancel_subscription},
    {"POST", "subscriptions/{}/unschedule-cancelation", kPortalWriters, BodyKind::none, false, unschedule_cancelation},
    {"POST", "subscriptions/{}/unschedule-cancellation", kPortalWriters, BodyKind::none, false, unschedule_cancelation},
    {"POST", "events", kEdge, BodyKind::events, false, ingest_events},
    {"GET", "snapshots/{}", kEdge, BodyKind::none, false, get_snapshot},
    {"POST", "dead-letters", kEdge, BodyKind::json, false, add_dead_letter},
    {"GET", "dead-letters", kReaders | edge, BodyKind::none, false, list_dead_letters},
    {"GET", "monetization-configuration", kPortalReaders, BodyKind::none, false, get_configuration},
    {"PUT", "monetization-configuration", kAdmin, BodyKind::json, false, put_configuration},
    {"DELETE", "monetization-configuration", kAdmin, BodyKind::none, false, delete_configuration},
    {"POST", "service-keys", kAdmin, BodyKind::json, true, create_service_key},
    {"GET", "service-keys", kAdmin, BodyKind::none, false, list_service_keys},
    {"DELETE", "service-keys/{}", kAdmin, BodyKind::none, false, delete_service_key},
};

/// `v3`, `metering`, and the bucket stand before what a pattern is about.
constexpr std::size_t kSegmentsBefore = 3;

bool is_below_bucket(const Context& context) {
  const auto& segments = context.target.segments;
  return segments.size() > kSegmentsBefore && segments[0] == "v3" && segments[1] == "metering" &&
         segments[2] == context.bucket();
}

/// Whether the pattern fits; what its `{}` stand for goes to `parameters`.
bool matches(std::string_view pattern, const Target& target, std::vector<std::string_view>& parameters) {
  parameters.clear();
  for (std::size_t i = kSegmentsBefore; i < target.segments.size(); ++i) {
    const std::size_t end = pattern.find('/');
    const std::string_view part = pattern.substr(0, end);
    if (part == "{}") {
      parameters.push_back(target.segments[i]);
    } else if (part != target.segments[i]) {
      return false;
    }
    const bool last = i + 1 == target.segments.size();
    if (last != (end == pattern.npos)) return false;
    if (!last) pattern.remove_prefix(end + 1);
  }
  return true;
}

Response no_such_route(const Context& context) {
  return problem(context.request, 404, "unknown_route", "There is nothing at this path.");
}

/// The route, or the refusal.
const Route* find_route(Context& context, Response& refusal) {
  std::string allowed;
  if (is_below_bucket(context)) {
    for (const Route& route : kRoutes) {
      if (!matches(route.pattern, context.target, context.parameters)) continue;
      if (route.method == context.request.method) return &route;
      allowed.append(allowed.empty() ? "" : ", ").append(route.method);
    }
  }
  if (allowed.empty()) {
    refusal = no_such_route(context);
  } else {
    refusal = problem(context.request, 405, "method_not_allowed", "This path takes " + allowed + ".");
    refusal.headers.emplace_back("allow", allowed);
  }
  return nullptr;
}

Response perform_route(Context& context, const Route& route) {
  if (!route.creates) return route.handler(context);
  Idempotency idempotency(context);
  if (auto answer = idempotency.answer(); answer.has_value()) return std::move(*answer);
  Response response = route.handler(context);
  idempotency.keep(response);
  return response;
}

}  // namespace

Response perform(const Request& request, Sql& sql, Random& random, ServiceRole role) {
  Context context(request, sql, random);
  auto target = parse_target(request.target);
  if (!target.has_value()) return no_such_route(context);
  context.target = std::move(*target);
  Response refusal;
  const Route* const route = find_route(context, refusal);
  if (route == nullptr) return refusal;
  if ((route->roles & static_cast<std::uint8_t>(role)) == 0) {
    return problem(request, 403, "role", "The role of the service key does not allow this.");
  }
  json::Document document;
  if (auto bad_body = read_body(request, route->body, document); bad_body.has_value()) return std::move(*bad_body);
  context.body = document.root();
  return perform_route(context, *route);
}

}  // namespace tollgate::control
