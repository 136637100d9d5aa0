#include "gateway/cors.h"

#include "base/text.h"

namespace tollgate::gateway {
namespace {

bool allows(const Cors& cors, std::string_view origin) { return cors.any_origin || cors.origins.contains(origin); }

void add_origin(const Cors& cors, std::string_view origin, FieldEdits& to) {
  if (!cors.any_origin) to.append("vary", "Origin");
  if (origin.empty() || !allows(cors, origin)) return;
  to.set("access-control-allow-origin", cors.any_origin ? "*" : origin);
  if (cors.with_credentials) to.set("access-control-allow-credentials", "true");
}

/// The names that were asked for, as far as they are names.
TokenList asked_names(std::string_view list) {
  TokenList names;
  while (!list.empty()) {
    const std::string_view name = trim(take_part(list, ','));
    if (is_token(name)) names.append(name);
  }
  return names;
}

}  // namespace

std::optional<FieldEdits> answer_preflight(const Routes& routes, const Router& router, const Preflight& asked) {
  if (asked.origin.empty() || asked.method.empty()) return std::nullopt;
  const Match match = router.match(asked.method, asked.path);
  const Cors* const cors = routes.cors_of(match.route);
  if (cors == nullptr) return std::nullopt;
  FieldEdits fields;
  add_origin(*cors, asked.origin, fields);
  if (!allows(*cors, asked.origin)) return fields;
  const TokenList methods = cors->methods.empty() ? router.methods_of(asked.path) : cors->methods;
  const TokenList headers = cors->headers.empty() ? asked_names(asked.headers) : cors->headers;
  if (!methods.empty()) fields.set("access-control-allow-methods", methods.text());
  if (!headers.empty()) fields.set("access-control-allow-headers", headers.text());
  if (cors->headers.empty()) fields.append("vary", "Access-Control-Request-Headers");
  if (cors->max_age < 0) return fields;
  std::string seconds;
  append_number(seconds, static_cast<std::uint64_t>(cors->max_age));
  fields.set("access-control-max-age", seconds);
  return fields;
}

void add_cors_fields(const Cors* cors, std::string_view origin, FieldEdits& to) {
  if (cors == nullptr) return;
  add_origin(*cors, origin, to);
  if (!origin.empty() && allows(*cors, origin)) {
    to.set("access-control-expose-headers", "RateLimit, RateLimit-Policy, Retry-After");
  }
}

}  // namespace tollgate::gateway
