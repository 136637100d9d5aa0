#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tollgate {

/// What a gateway itself answers when it cannot pass a request on, and any host when it has failed; refusals of the
/// policy are `Refusal`.
enum class GatewayProblem : std::uint8_t {
  path_ambiguous,          ///< cannot be brought into one form (S2.10)
  body_not_passed_on,      ///< the host cannot send a body with this method
  request_malformed,       ///< no request that HTTP allows
  route_not_found,         ///< no route has the path
  method_not_allowed,      ///< its routes take other methods: `subject` lists them
  body_too_large,          ///< `subject` is the number of bytes
  internal,                ///< something of ours broke
  method_not_implemented,  ///< a method that no gateway passes on
  upstream_unreachable,    ///< no response came
  meter_missing,           ///< a response does not say what it used, where the route refuses that
  policy_unavailable,      ///< no decision could be made
  overloaded,              ///< more requests than this gateway takes at once
  ending,                  ///< it is about to end
  upstream_timeout,        ///< no response came in time
};
inline constexpr int kGatewayProblems = 14;

/// What is said of a problem: one row of the table.
struct GatewayProblemText {
  std::string_view code;  ///< stable and machine-readable, snake_case
  std::uint16_t status;
  std::string_view title;
  std::string_view before;  ///< `detail` up to the subject, or all of it
  std::string_view after;   ///< `detail` after the subject; empty where there is none
};

const GatewayProblemText& text_of(GatewayProblem problem);
/// The problem of a code.
std::optional<GatewayProblem> gateway_problem(std::string_view code);
/// The detail, with the subject where it names one.
std::string detail_of(GatewayProblem problem, std::string_view subject);

}  // namespace tollgate
