#pragma once

#include "json/writer.h"

#include <cstdint>
#include <iterator>
#include <optional>
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
  std::optional<std::string_view> build_id;
  std::string_view upgrade_url;  ///< empty: left out
  std::string_view members;      ///< further ones, as they are written: `"a":1,"b":[]`
};

/// Writes the body. There is no other place in C++ that does.
template <class Sink>
void write_problem_body(const ProblemBody& problem, Sink& to) {
  char type[] = "https://httpproblems.com/http-status/000";
  char* end = std::end(type) - 1;
  for (std::uint32_t rest = problem.status; rest > 0; rest /= 10) *--end = static_cast<char>('0' + rest % 10);
  Writer json(to);
  json.begin_object();
  json.member("type", std::string_view(type, sizeof type - 1));
  json.member("title", problem.title);
  json.member("status", static_cast<std::int64_t>(problem.status));
  json.member("detail", problem.detail);
  json.member("instance", problem.instance);
  json.key("trace");
  json.begin_object();
  if (!problem.timestamp.empty()) json.member("timestamp", problem.timestamp);
  json.member("requestId", problem.request_id);
  if (problem.build_id) json.member("buildId", *problem.build_id);
  json.end_object();
  json.member("code", problem.code);
  if (!problem.upgrade_url.empty()) json.member("upgradeUrl", problem.upgrade_url);
  if (!problem.members.empty()) json.raw(problem.members);
  json.end_object();
}

}  // namespace tollgate::json
