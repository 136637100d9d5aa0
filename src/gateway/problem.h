#pragma once

#include "calendar/instant.h"
#include "gateway/field_edits.h"
#include "gateway/router.h"
#include "problem/gateway_problem.h"

#include <string>
#include <string_view>

namespace tollgate::gateway {

/// What is answered where no route serves a request.
GatewayProblem problem_of(Match::Outcome outcome);

/// What a problem tells of the request.
struct ProblemTrace {
  std::string_view instance;  ///< the path as received
  std::string_view request_id;
  std::string_view build_id;
  Instant now;
};

/// An answer of the gateway's own.
struct ProblemAnswer {
  int status = 500;
  FieldEdits fields;
  std::string body;
};

/// The answer in the shape of S2.3, with `Allow` where methods are its subject and `Retry-After` where it is a 503.
ProblemAnswer answer_problem(GatewayProblem problem, std::string_view subject, const ProblemTrace& trace);

}  // namespace tollgate::gateway
