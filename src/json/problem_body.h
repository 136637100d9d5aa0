#pragma once

#include "json/writer.h"

#include <cstdint>
#include <string_view>

namespace tollgate::json {

/// What a refusal or an error of HTTP says of itself, in the shape of S2.3.
struct ProblemBody {
  std::uint16_t status = 500;
  std::string_view title;
  std::string_view code;
  std::string_view detail;
  std::string_view instance;   ///< the path
  std::string_view timestamp;  ///< RFC 3339; empty: left out
  std::string_view request_id;
  std::string_view build_id;
  std::string_view upgrade_url;  ///< empty: left out
};

/// Writes the body. There is no other place in C++ that does, but for the control plane's own problems.
template <class Sink>
void write_problem_body(const ProblemBody& problem, Sink& to) {
  constexpr std::string_view kType = "https://httpproblems.com/http-status/";
  char type[kType.size() + 3];
  kType.copy(type, kType.size());
  for (std::uint32_t i = 0, rest = problem.status; i < 3; ++i, rest /= 10) {
    type[sizeof type - 1 - i] = static_cast<char>('0' + rest % 10);
  }
  Writer json(to);
  json.begin_object();
  json.member("type", std::string_view(type, sizeof type));
  json.member("title", problem.title);
  json.member("status", static_cast<std::int64_t>(problem.status));
  json.member("detail", problem.detail);
  json.member("instance", problem.instance);
  if (!problem.timestamp.empty() || !problem.request_id.empty()) {
    json.key("trace");
    json.begin_object();
    if (!problem.timestamp.empty()) json.member("timestamp", problem.timestamp);
    json.member("requestId", problem.request_id);
    json.member("buildId", problem.build_id);
    json.end_object();
  }
  json.member("code", problem.code);
  if (!problem.upgrade_url.empty()) json.member("upgradeUrl", problem.upgrade_url);
  json.end_object();
}

}  // namespace tollgate::json
