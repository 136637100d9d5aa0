#pragma once

#include "base/ulid.h"
#include "base/violations.h"
#include "control/http/caller.h"
#include "control/http/clock.h"
#include "control/http/object_calls.h"
#include "control/http/problem.h"
#include "control/http/random.h"
#include "control/http/target.h"
#include "control/port/request.h"
#include "control/port/response.h"
#include "control/port/sql.h"
#include "json/document.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::control {

/// What a handler works with, made by the router: the request, authenticated, matched to a route and read.
struct Context {
  Context(const Request& request_, Sql& sql_, Random& random_, const DomainClock& clock_, Caller caller_)
      : request(request_), sql(sql_), random(random_), clock(clock_), caller(caller_), objects(request_, clock_.now) {}

  const Request& request;
  Sql& sql;
  Random& random;
  DomainClock clock;
  Caller caller;
  ObjectCalls objects;
  Target target;
  std::vector<std::string_view> parameters;  ///< what the route's `{…}` matched
  json::Value body;                          ///< of routes that take one
  Violations violations;
  /// What is allowed, but probably not meant: the router appends it to the answer as `warnings`.
  Violations warnings;
  /// What a repetition under the same Idempotency-Key is told instead of the answer's body, where that holds a secret.
  std::optional<std::string> replay_body;

  /// The domain's time: what is due, in effect, expired goes by it.
  Instant now() const { return clock.now; }
  /// The machine's time: retries and retention go by it.
  Instant real_now() const { return clock.real; }
  std::string_view bucket() const { return request.object; }
  std::string new_id() {
    const auto random_bytes = random.bytes<Ulid::kRandomBytes>();
    return std::string(Ulid::make(now().ms, random_bytes).view());
  }

  Response invalid_input() const { return invalid(request, violations); }
  Response not_found(std::string_view what) const {
    return problem(request, 404, "not_found", "There is no such " + std::string(what) + ".");
  }
  Response conflict(std::string_view code, std::string_view detail) const {
    return problem(request, 409, code, detail);
  }
};

}  // namespace tollgate::control
