#include "host-bindings/common/unavailable.h"

#include "calendar/instant.h"
#include "json/problem_body.h"
#include "json/text.h"
#include "problem/gateway_problem.h"

namespace tollgate::host {
namespace {

constexpr double kYear10000Ms = 253'402'300'800'000;

}  // namespace

std::string unavailable_problem(std::string_view path, std::string_view request_id, std::string_view build_id,
                                double now_ms) {
  char now[kInstantText];
  // A clock out of its mind may be why there was no decision.
  const bool is_instant = now_ms >= 0 && now_ms < kYear10000Ms;
  const std::size_t length = is_instant ? write_instant({static_cast<std::int64_t>(now_ms)}, now) : 0;
  const GatewayProblemText& row = text_of(GatewayProblem::policy_unavailable);
  json::Text text;
  json::write_problem_body({.status = row.status,
                            .title = row.title,
                            .code = row.code,
                            .detail = row.before,
                            .instance = path,
                            .timestamp = {now, length},
                            .request_id = request_id,
                            .build_id = build_id,
                            .upgrade_url = {},
                            .members = {}},
                           text);
  return text.take();
}

}  // namespace tollgate::host
