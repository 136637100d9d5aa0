#include "host-bindings/common/unavailable.h"

#include "calendar/instant.h"
#include "json/text.h"
#include "json/writer.h"

namespace tollgate::host {

std::string unavailable_problem(std::string_view path, std::string_view request_id, std::string_view build_id,
                                double now_ms) {
  char now[kInstantText];
  const std::size_t length = write_instant({static_cast<std::int64_t>(now_ms)}, now);
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
  json.member("timestamp", std::string_view(now, length));
  json.member("requestId", request_id);
  if (!build_id.empty()) json.member("buildId", build_id);
  json.end_object();
  json.member("code", "policy_unavailable");
  json.end_object();
  return text.take();
}

}  // namespace tollgate::host
