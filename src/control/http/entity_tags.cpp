#include "control/http/entity_tags.h"

#include "base/sha256.h"
#include "base/text.h"

#include <algorithm>

namespace tollgate::control {
namespace {

constexpr std::size_t kTagDigits = 16;

/// Nothing that a caller has seen is to be overwritten unseen: a resource that is not there is for the handler to miss.
bool is_overtaken(Context& context, Response (*represent)(Context&)) {
  const std::string_view if_match = context.request.header("if-match");
  if (if_match.empty() || context.request.method == "GET") return false;
  const Response present = represent(context);
  return present.status == 200 && !matches_entity_tag(if_match, entity_tag(present.body));
}

}  // namespace

std::string entity_tag(std::string_view body) { return '"' + digest_hex(body).substr(0, kTagDigits) + '"'; }

bool matches_entity_tag(std::string_view if_match, std::string_view tag) {
  if (trim(if_match) == "*") return true;
  // Our tags have no comma, so that a comma always ends one.
  while (!if_match.empty()) {
    const std::size_t comma = std::min(if_match.find(','), if_match.size());
    if (trim(if_match.substr(0, comma)) == tag) return true;
    if_match.remove_prefix(std::min(comma + 1, if_match.size()));
  }
  return false;
}

Response perform_tagged(Context& context, Response (*represent)(Context&), Response (*handler)(Context&)) {
  if (is_overtaken(context, represent)) {
    return problem(context.request, 412, "precondition_failed",
                   "If-Match names another version than the one that is there; read it again.");
  }
  Response response = handler(context);
  if (response.status == 200) response.headers.emplace_back("etag", entity_tag(response.body));
  return response;
}

}  // namespace tollgate::control
