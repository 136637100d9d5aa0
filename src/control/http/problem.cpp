#include "control/http/problem.h"

#include "base/sha256.h"
#include "base/ulid.h"
#include "control/http/random.h"
#include "json/problem_body.h"
#include "json/text.h"
#include "json/violations.h"

#include <algorithm>
#include <array>

namespace tollgate::control {
namespace {

struct StatusTitle {
  int status;
  std::string_view title;
};

constexpr std::array<StatusTitle, 14> kTitles = {{{400, "Bad Request"},
                                                  {401, "Unauthorized"},
                                                  {403, "Forbidden"},
                                                  {404, "Not Found"},
                                                  {405, "Method Not Allowed"},
                                                  {409, "Conflict"},
                                                  {412, "Precondition Failed"},
                                                  {413, "Content Too Large"},
                                                  {415, "Unsupported Media Type"},
                                                  {422, "Unprocessable Content"},
                                                  {500, "Internal Server Error"},
                                                  {502, "Bad Gateway"},
                                                  {503, "Service Unavailable"},
                                                  {507, "Insufficient Storage"}}};

std::string_view title_of(int status) {
  for (const StatusTitle& row : kTitles) {
    if (row.status == status) return row.title;
  }
  return "Error";
}

Ulid request_id(const Request& request) {
  // Apart from what `Random` makes of the same seed, so that an id in a log gives nothing away about others.
  const Digest digest = sha256(std::string(request.seed).append("request id"));
  std::array<std::uint8_t, Ulid::kRandomBytes> random;
  std::copy_n(digest.bytes.begin(), random.size(), random.begin());
  return Ulid::make(request.now.ms, random);
}

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

}  // namespace

Response problem(const Request& request, int status, std::string_view code, std::string_view detail) {
  return problem(request, status, code, detail, {});
}

Response problem(const Request& request, int status, std::string_view code, std::string_view detail,
                 std::string_view members) {
  char timestamp[kInstantText];
  const Ulid id = request_id(request);
  json::Text text;
  json::write_problem_body({.status = static_cast<std::uint16_t>(status),
                            .title = title_of(status),
                            .code = code,
                            .detail = detail,
                            .instance = path_of(request.target),
                            .timestamp = {timestamp, write_instant(request.now, timestamp)},
                            .request_id = id.view(),
                            .build_id = {},
                            .upgrade_url = {},
                            .members = members},
                           text);
  Response response;
  response.status = status;
  response.headers.emplace_back("content-type", "application/problem+json");
  response.body = text.take();
  return response;
}

Response invalid(const Request& request, const Violations& violations) {
  TOLLGATE_ASSERT(!violations.empty());
  const Violation& first = violations.all().front();
  std::string detail = first.field.empty() ? "The body " : "\"" + first.field + "\" ";
  detail += first.message;
  if (const std::size_t others = violations.size() - 1; others > 0) {
    detail += " (and " + std::to_string(others) + (others == 1 ? " more mistake)" : " more mistakes)");
  }
  return problem(request, 400, "invalid_parameters", detail,
                 "\"invalidParameters\":" + json::violations_text(violations));
}

Response json_answer(int status, std::string body) {
  Response response;
  response.status = status;
  response.headers.emplace_back("content-type", "application/json");
  response.body = std::move(body);
  return response;
}

Response no_content() {
  Response response;
  response.status = 204;
  return response;
}

}  // namespace tollgate::control
