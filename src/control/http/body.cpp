#include "control/http/body.h"

#include "base/limits.h"
#include "base/text.h"
#include "control/http/problem.h"

#include <algorithm>
#include <array>
#include <span>

namespace tollgate::control {
namespace {

constexpr std::string_view kEvent = "application/cloudevents+json";
constexpr std::string_view kBatch = "application/cloudevents-batch+json";
constexpr std::array<std::string_view, 3> kTypes = {"application/json", kEvent, kBatch};

/// Without parameters such as `charset`, in the spelling of `kTypes`; empty for any other.
std::string_view media_type(const Request& request) {
  const std::string_view header = request.header("content-type");
  const std::string_view type = trim(header.substr(0, header.find(';')));
  for (std::string_view known : kTypes) {
    if (equal_ignoring_case(known, type)) return known;
  }
  return {};
}

Response unsupported(const Request& request, std::span<const std::string_view> types) {
  std::string list;
  for (std::string_view type : types) list.append(list.empty() ? "" : ", ").append(type);
  return problem(request, 415, "unsupported_media_type", "The body must be " + list + ".");
}

Response unreadable(const Request& request, json::DocumentError error) {
  switch (error) {
    case json::DocumentError::too_large:
      return problem(request, 413, "body_too_large", "The body has more than 1 MiB.");
    case json::DocumentError::too_deep:
      return problem(request, 400, "too_deep",
                     "The body nests deeper than " + std::to_string(limits::kMaxJsonDepth) + " levels.");
    case json::DocumentError::duplicate_name:
      return problem(request, 400, "duplicate_name", "An object of the body has two members of one name.");
    case json::DocumentError::malformed: break;
  }
  return problem(request, 400, "malformed_json", "The body is not valid JSON.");
}

}  // namespace

std::optional<Response> read_body(const Request& request, BodyKind kind, json::Document& document) {
  if (kind == BodyKind::none) return std::nullopt;
  if (request.body.size() > limits::kMaxBodyBytes) return unreadable(request, json::DocumentError::too_large);
  const bool nothing = kind == BodyKind::optional_json && request.body.empty();
  const auto types = std::span(kTypes).first(kind == BodyKind::events ? kTypes.size() : 1);
  const std::string_view type = media_type(request);
  if (!nothing && std::find(types.begin(), types.end(), type) == types.end()) return unsupported(request, types);
  const auto parsed = document.parse(nothing ? "{}" : request.body);
  if (!parsed.ok()) return unreadable(request, parsed.error());
  const bool is_array = document.root().is(json::Kind::array);
  if ((type == kEvent && is_array) || (type == kBatch && !is_array)) {
    Violations violations;
    violations.add("", "type", is_array ? "must be one event, not a batch" : "must be an array of events");
    return invalid(request, violations);
  }
  return std::nullopt;
}

}  // namespace tollgate::control
