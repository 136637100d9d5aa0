#include "host-bindings/common/unavailable.h"

#include "calendar/instant.h"
#include "json/text.h"
#include "json/writer.h"

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
  json::Text text;
  json::Writer json(text);
  json.begin_object();
  json.member("type", "https://httpproblems.com/http-status/503");
  json.member("title", "Service Unavailable");
  json.member("status", static_cast<std::int64_t>(kUnavailableStatus));
  json.member("detail", "The request could not be checked. Try again.");
  json.member("instance", path);
  json.key("trace");
  json.begin_object();
  if (is_instant) json.member("timestamp", std::string_view(now, length));
  json.member("requestId", request_id);
  json.member("buildId", build_id);
  json.end_object();
  json.member("code", "policy_unavailable");
  json.end_object();
  return text.take();
}

}  // namespace tollgate::host
