#include "problem/gateway_problem.h"

#include "base/assert.h"

#include <array>

namespace tollgate {
namespace {

constexpr std::array<GatewayProblemText, kGatewayProblems> kTexts = {{
    {"path_ambiguous", 400, "Bad Request", "The path means different things to different readers.", {}},
    {"body_not_passed_on", 400, "Bad Request", "A request with this method must not have a body here.", {}},
    {"request_malformed", 400, "Bad Request", "The request is malformed.", {}},
    {"route_not_found", 404, "Not Found", "There is no such path here.", {}},
    {"method_not_allowed", 405, "Method Not Allowed", "This path takes ", "."},
    {"body_too_large", 413, "Content Too Large", "The body is longer than ", " bytes."},
    {"internal", 500, "Internal Server Error", "Something went wrong here.", {}},
    {"method_not_implemented", 501, "Not Implemented", "This method is not passed on.", {}},
    {"upstream_unreachable", 502, "Bad Gateway", "The API behind this gateway could not be reached.", {}},
    {"meter_missing", 502, "Bad Gateway", "The API behind this gateway did not say what the request used.", {}},
    {"policy_unavailable", 503, "Service Unavailable", "The request could not be checked. Try again.", {}},
    {"overloaded", 503, "Service Unavailable", "The gateway has too many requests in progress.", {}},
    {"ending", 503, "Service Unavailable", "This gateway is about to end.", {}},
    {"upstream_timeout", 504, "Gateway Timeout", "The API behind this gateway did not answer in time.", {}},
}};

}  // namespace

const GatewayProblemText& text_of(GatewayProblem problem) {
  const auto row = static_cast<std::size_t>(problem);
  TOLLGATE_ASSERT(row < kTexts.size());
  return kTexts[row];
}

std::optional<GatewayProblem> gateway_problem(std::string_view code) {
  for (std::size_t row = 0; row < kTexts.size(); ++row) {
    if (kTexts[row].code == code) return static_cast<GatewayProblem>(row);
  }
  return std::nullopt;
}

std::string detail_of(GatewayProblem problem, std::string_view subject) {
  const GatewayProblemText& text = text_of(problem);
  std::string detail(text.before);
  return text.after.empty() ? detail : detail.append(subject).append(text.after);
}

}  // namespace tollgate
