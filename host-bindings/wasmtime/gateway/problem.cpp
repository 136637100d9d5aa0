#include "host-bindings/wasmtime/gateway/problem.h"

#include "base/limits.h"
#include "json/text.h"
#include "json/writer.h"

#include <sys/random.h>

#include <array>

namespace tollgate::gateway {

std::string problem_body(const Problem& problem, const Trace& trace) {
  char now[kInstantText];
  const std::size_t length = write_instant(trace.now, now);
  const std::string request_id = new_request_id();
  const std::string type = "https://httpproblems.com/http-status/" + std::to_string(problem.status);
  json::Text text;
  json::Writer json(text);
  json.begin_object();
  json.member("type", std::string_view(type));
  json.member("title", problem.title);
  json.member("status", problem.status);
  json.member("detail", std::string_view(problem.detail));
  json.member("instance", trace.instance.substr(0, limits::kMaxPath));
  json.key("trace");
  json.begin_object();
  json.member("timestamp", std::string_view(now, length));
  json.member("requestId", std::string_view(request_id));
  if (!trace.build_id.empty()) json.member("buildId", trace.build_id);
  json.end_object();
  json.member("code", problem.code);
  json.end_object();
  return text.take();
}

http::Fields problem_fields() { return {{"content-type", "application/problem+json"}, {"cache-control", "no-store"}}; }

std::string new_request_id() {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::array<unsigned char, 16> bytes{};
  TOLLGATE_ASSERT(getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  std::string id = "req_";
  for (const unsigned char byte : bytes) id.append({kHex[byte >> 4], kHex[byte & 15]});
  return id;
}

}  // namespace tollgate::gateway
