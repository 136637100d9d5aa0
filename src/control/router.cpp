#include "control/router.h"

#include "base/limits.h"
#include "base/text.h"
#include "control/bucket/billing_profiles.h"
#include "control/bucket/customers.h"
#include "control/bucket/dead_letters.h"
#include "control/bucket/service_keys.h"
#include "control/bucket/test_clock.h"
#include "control/catalog/configuration.h"
#include "control/catalog/features.h"
#include "control/catalog/meters.h"
#include "control/catalog/plan_invites.h"
#include "control/catalog/plans.h"
#include "control/catalog/promotion.h"
#include "control/http/body.h"
#include "control/http/entity_tags.h"
#include "control/http/idempotency.h"
#include "control/invoice/plan_simulation.h"
#include "control/invoice/routes.h"
#include "control/lifecycle/change.h"
#include "control/lifecycle/subscriptions.h"
#include "control/lifecycle/top_ups.h"
#include "control/subscription/api_key_routes.h"
#include "control/subscription/payment_status.h"
#include "control/usage/events.h"
#include "control/usage/grant_routes.h"
#include "control/usage/meter_usage.h"
#include "control/usage/snapshot_text.h"
#include "control/usage/snapshots.h"
#include "json/violations.h"

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
  Handler represent = nullptr;  ///< of a resource with entity tags: what GET answers there
};

constexpr std::uint8_t kAdmin = static_cast<std::uint8_t>(admin);
constexpr std::uint8_t kReaders = admin | read_only;
constexpr std::uint8_t kPortalReaders = kReaders | portal;
constexpr std::uint8_t kPortalWriters = admin | portal;
constexpr std::uint8_t kEdge = admin | edge;

/// A route that may put a plan up for sale, with what it must know of how plans are served.
template <Response (*route)(Context&, ServableCheck)>
Response checking(Context& context) {
  return route(context, check_servable);
}

constexpr Route kRoutes[] = {
    {"POST", "meters", kAdmin, BodyKind::json, true, create_meter},
    {"GET", "meters", kReaders, BodyKind::none, false, list_meters},
    {"GET", "meters/{}", kReaders, BodyKind::none, false, get_meter, get_meter},
    {"PUT", "meters/{}", kAdmin, BodyKind::json, false, update_meter, get_meter},
    {"DELETE", "meters/{}", kAdmin, BodyKind::none, false, delete_meter, get_meter},
    {"POST", "meters/{}/query", kPortalReaders, BodyKind::optional_json, false, query_meter},
    {"POST", "features", kAdmin, BodyKind::json, true, create_feature},
    {"GET", "features", kPortalReaders, BodyKind::none, false, list_features},
    {"GET", "features/{}", kPortalReaders, BodyKind::none, false, get_feature},
    {"DELETE", "features/{}", kAdmin, BodyKind::none, false, archive_feature},
    {"POST", "plans", kAdmin, BodyKind::json, true, checking<create_plan>},
    {"GET", "plans", kPortalReaders, BodyKind::none, false, list_plans},
    {"GET", "plans/{}", kPortalReaders, BodyKind::none, false, get_plan, get_plan},
    {"PUT", "plans/{}", kAdmin, BodyKind::json, false, checking<update_plan>, get_plan},
    {"DELETE", "plans/{}", kAdmin, BodyKind::none, false, delete_plan, get_plan},
    {"POST", "plans/{}/publish", kAdmin, BodyKind::none, false, checking<publish_plan>},
    {"POST", "plans/{}/archive", kAdmin, BodyKind::none, false, archive_plan},
    {"POST", "plans/{}/next", kAdmin, BodyKind::none, true, next_plan_version},
    {"POST", "plans/{}/simulate", kPortalReaders, BodyKind::json, false, simulate_plan},
    {"POST", "customers", kPortalWriters, BodyKind::json, true, create_customer},
    {"GET", "customers", kReaders, BodyKind::none, false, list_customers},
    {"GET", "customers/{}", kPortalReaders, BodyKind::none, false, get_customer, get_customer},
    {"PUT", "customers/{}", kPortalWriters, BodyKind::json, false, update_customer, get_customer},
    {"DELETE", "customers/{}", kAdmin, BodyKind::none, false, delete_customer, get_customer},
    {"GET", "customers/{}/subscriptions", kPortalReaders, BodyKind::none, false, list_customer_subscriptions},
    {"POST", "plan-invites", kAdmin, BodyKind::json, true, create_plan_invite},
    {"GET", "plan-invites", kPortalReaders, BodyKind::none, false, list_plan_invites},
    {"DELETE", "plan-invites/{}", kAdmin, BodyKind::none, false, delete_plan_invite},
    {"POST", "subscriptions", kPortalWriters, BodyKind::json, true, create_subscription},
    {"GET", "subscriptions", kReaders, BodyKind::none, false, list_subscriptions},
    {"GET", "subscriptions/{}", kPortalReaders, BodyKind::none, false, get_subscription},
    {"GET", "subscriptions/{}/access", kPortalReaders, BodyKind::none, false, get_subscription_access},
    {"POST", "subscriptions/{}/change", kPortalWriters, BodyKind::json, true, change_subscription},
    {"POST", "subscriptions/{}/change/estimate-credit", kPortalWriters, BodyKind::json, false, estimate_change_credit},
    {"POST", "subscriptions/{}/cancel", kPortalWriters, BodyKind::optional_json, false, cancel_subscription},
    {"POST", "subscriptions/{}/unschedule-cancelation", kPortalWriters, BodyKind::none, false, unschedule_cancelation},
    {"POST", "subscriptions/{}/unschedule-cancellation", kPortalWriters, BodyKind::none, false, unschedule_cancelation},
    {"PUT", "subscriptions/{}/payment-status", kAdmin, BodyKind::json, false, put_payment_status},
    {"POST", "subscriptions/{}/api-keys", kPortalWriters, BodyKind::optional_json, true, create_api_key},
    {"GET", "subscriptions/{}/api-keys", kPortalReaders, BodyKind::none, false, list_api_keys},
    {"DELETE", "subscriptions/{}/api-keys/{}", kPortalWriters, BodyKind::none, false, delete_api_key},
    {"POST", "subscriptions/{}/api-keys/roll", kPortalWriters, BodyKind::optional_json, true, roll_api_keys},
    {"POST", "subscriptions/{}/grants", kAdmin, BodyKind::json, true, create_grant},
    {"GET", "subscriptions/{}/grants", kPortalReaders, BodyKind::none, false, list_grants},
    {"DELETE", "subscriptions/{}/grants/{}", kAdmin, BodyKind::none, false, delete_grant},
    {"POST", "subscriptions/{}/top-ups", kPortalWriters, BodyKind::json, true, create_top_up},
    {"GET", "subscriptions/{}/invoices", kPortalReaders, BodyKind::none, false, list_subscription_invoices},
    {"GET", "subscriptions/{}/invoices/preview", kPortalReaders, BodyKind::none, false, preview_invoice},
    {"GET", "invoices", kReaders, BodyKind::none, false, list_invoices},
    {"GET", "invoices/{}", kPortalReaders, BodyKind::none, false, get_invoice},
    {"POST", "invoices/{}/void", kAdmin, BodyKind::json, false, void_invoice},
    {"POST", "invoices/{}/reissue", kAdmin, BodyKind::none, false, reissue_invoice},
    {"POST", "invoices/{}/mark-paid", kAdmin, BodyKind::optional_json, false, mark_invoice_paid},
    {"POST", "invoices/{}/mark-failed", kAdmin, BodyKind::optional_json, false, mark_invoice_failed},
    {"POST", "events", kEdge, BodyKind::events, false, ingest_events},
    {"GET", "snapshots/{}", kEdge, BodyKind::none, false, get_snapshot},
    {"POST", "dead-letters", kEdge, BodyKind::json, false, add_dead_letter},
    {"GET", "dead-letters", kReaders | edge, BodyKind::none, false, list_dead_letters},
    {"GET", "monetization-configuration", kPortalReaders, BodyKind::none, false, get_configuration, get_configuration},
    {"PUT", "monetization-configuration", kAdmin, BodyKind::json, false, put_configuration, get_configuration},
    {"DELETE", "monetization-configuration", kAdmin, BodyKind::none, false, delete_configuration, get_configuration},
    {"POST", "billing/profiles", kAdmin, BodyKind::json, true, create_billing_profile},
    {"GET", "billing/profiles", kReaders, BodyKind::none, false, list_billing_profiles},
    {"GET", "billing/profiles/{}", kReaders, BodyKind::none, false, get_billing_profile, get_billing_profile},
    {"PUT", "billing/profiles/{}", kAdmin, BodyKind::json, false, update_billing_profile, get_billing_profile},
    {"DELETE", "billing/profiles/{}", kAdmin, BodyKind::none, false, delete_billing_profile, get_billing_profile},
    {"GET", "billing-readiness", kReaders, BodyKind::none, false, get_billing_readiness},
    {"POST", "promote", kAdmin, BodyKind::json, true, checking<promote>},
    {"GET", "test-clock", kPortalReaders | edge, BodyKind::none, false, get_test_clock},
    {"PUT", "test-clock", kAdmin, BodyKind::json, false, put_test_clock},
    {"POST", "test-clock/advance", kAdmin, BodyKind::json, true, advance_test_clock},
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

/// Appends what the handler warns of to the object that it answers.
void append_warnings(const Context& context, Response& response) {
  if (context.warnings.empty() || !response.commits() || response.body.empty()) return;
  response.body.pop_back();
  response.body.append(",\"warnings\":").append(json::violations_text(context.warnings)).append("}");
}

Response perform_handler(Context& context, const Route& route) {
  Response response =
      route.represent == nullptr ? route.handler(context) : perform_tagged(context, route.represent, route.handler);
  append_warnings(context, response);
  return response;
}

Response perform_route(Context& context, const Route& route) {
  if (!route.creates) return perform_handler(context, route);
  Idempotency idempotency(context);
  if (auto answer = idempotency.answer(); answer.has_value()) return std::move(*answer);
  Response response = perform_handler(context, route);
  idempotency.keep(response);
  return response;
}

}  // namespace

Response perform(Context& context) {
  const Request& request = context.request;
  auto target = parse_target(request.target);
  if (!target.has_value()) return no_such_route(context);
  context.target = std::move(*target);
  Response refusal;
  const Route* const route = find_route(context, refusal);
  if (route == nullptr) return refusal;
  if ((route->roles & static_cast<std::uint8_t>(context.caller.role)) == 0) {
    return problem(request, 403, "role", "The role of the service key does not allow this.");
  }
  json::Document document;
  if (auto bad_body = read_body(request, route->body, document); bad_body.has_value()) return std::move(*bad_body);
  context.body = document.root();
  return perform_route(context, *route);
}

std::vector<RouteName> route_names() {
  std::vector<RouteName> names;
  for (const Route& route : kRoutes) names.push_back({route.method, route.pattern});
  return names;
}

}  // namespace tollgate::control
