#include "gateway/problem.h"

#include "base/limits.h"
#include "json/problem_body.h"
#include "json/text.h"

namespace tollgate::gateway {
namespace {

constexpr std::uint16_t kUnavailableStatus = 503;

}  // namespace

GatewayProblem problem_of(Match::Outcome outcome) {
  switch (outcome) {
    case Match::Outcome::ambiguous_path: return GatewayProblem::path_ambiguous;
    case Match::Outcome::not_allowed: return GatewayProblem::method_not_allowed;
    case Match::Outcome::not_implemented: return GatewayProblem::method_not_implemented;
    case Match::Outcome::not_found:
    case Match::Outcome::route: break;
  }
  return GatewayProblem::route_not_found;
}

ProblemAnswer answer_problem(GatewayProblem problem, std::string_view subject, const ProblemTrace& trace) {
  const GatewayProblemText& row = text_of(problem);
  const std::string detail = detail_of(problem, subject);
  char now[kInstantText];
  json::Text body;
  json::write_problem_body({.status = row.status,
                            .title = row.title,
                            .code = row.code,
                            .detail = detail,
                            .instance = trace.instance.substr(0, limits::kMaxPath),
                            .timestamp = {now, write_instant(trace.now, now)},
                            .request_id = trace.request_id,
                            .build_id = trace.build_id,
                            .upgrade_url = {},
                            .members = {}},
                           body);
  ProblemAnswer answer{row.status, {}, body.take()};
  answer.fields.set("content-type", "application/problem+json");
  answer.fields.set("cache-control", "no-store");
  if (problem == GatewayProblem::method_not_allowed) answer.fields.set("allow", subject);
  if (row.status == kUnavailableStatus) answer.fields.set("retry-after", "5");
  return answer;
}

}  // namespace tollgate::gateway
