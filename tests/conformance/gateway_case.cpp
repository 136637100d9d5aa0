#include "tests/conformance/gateway_case.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>

namespace tollgate::conformance {
namespace {

constexpr std::string_view kNoRoutes =
    R"({"routes":[{"path":"/a","methods":["GET"],"upstream":"service:UP","policies":[]}]})";
constexpr std::string_view kPolicies = R"([{"name":"p","authHeader":"authorization"}])";

/// Members that an ask of a kind has, beside `expect`.
struct AskFormat {
  std::string_view kind;
  std::vector<std::string_view> needed;
  std::vector<std::string_view> other;
};

const AskFormat* format_of(std::string_view kind) {
  static const AskFormat kFormats[] = {
      {"match", {"method", "path"}, {}},
      {"request-fields", {"route"}, {"connection", "names", "caller"}},
      {"response-fields", {"route", "fields"}, {"origin"}},
      {"cors", {}, {"route", "origin", "preflight"}},
      {"meters", {"route", "status"}, {"fields", "body", "cut"}},
      {"problem", {"code", "instance", "requestId", "buildId", "now"}, {"subject"}},
      {"refused-events", {"events", "status", "answer"}, {}},
  };
  const auto* const found = std::find_if(std::begin(kFormats), std::end(kFormats),
                                         [&](const AskFormat& format) { return format.kind == kind; });
  return found == std::end(kFormats) ? nullptr : found;
}

void check_ask(json::Value ask, const AskFormat& format, const std::string& where, Mistakes& mistakes) {
  CaseReader fields(ask, where, mistakes);
  for (const std::string_view name : format.needed) {
    if (fields.any(name).absent()) fields.mistake(name, "is missing");
  }
  for (const std::string_view name : format.other) fields.any(name);
  if (fields.any("expect").absent()) fields.mistake("expect", "is missing");
  fields.refuse_others();
}

/// A text as it stands there, anything else as JSON; the fallback where it is missing.
std::string json_text(json::Value value, std::string_view fallback) {
  if (value.absent()) return std::string(fallback);
  return value.is(json::Kind::string) ? std::string(value.text()) : json::compact(value);
}

void check_expectation(json::Value expect, const std::string& where, Mistakes& mistakes) {
  CaseReader fields(expect, where + " expect", mistakes);
  fields.any("table");
  fields.any("refused");
  fields.refuse_others();
  if (expect.size() != 1) mistakes.push_back(where + ": expect must have one member");
}

}  // namespace

GatewayCase read_gateway_case(json::Value value, Mistakes& mistakes) {
  const std::string where = "case \"" + std::string(value.member("name").text()) + "\"";
  CaseReader fields(value, where, mistakes);
  GatewayCase result;
  result.name = fields.text("name");
  fields.text("spec");
  result.kind = fields.text("kind");
  result.routes = json_text(fields.any("routes"), kNoRoutes);
  result.policies = json_text(fields.any("policies"), kPolicies);
  if (result.kind == "routes") {
    result.expect = fields.object("expect");
    check_expectation(result.expect, where, mistakes);
  } else if (const AskFormat* const format = format_of(result.kind); format == nullptr) {
    fields.mistake("kind", "is unknown");
  } else {
    for (const json::Value ask : fields.array("asks")) {
      check_ask(ask, *format, where + " ask", mistakes);
      result.asks.push_back(ask);
    }
    if (result.asks.empty()) fields.mistake("asks", "must not be empty");
  }
  fields.refuse_others();
  return result;
}

}  // namespace tollgate::conformance
