#include "tests/conformance/policy_case.h"

#include "base/text.h"
#include "wasm/edge_abi.h"

#include <algorithm>

namespace tollgate::conformance {
namespace {

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

host::Lookup read_answer(json::Value answer, const std::string& where, Mistakes& mistakes) {
  if (answer.is(json::Kind::string) && answer.text() == "unreachable") return {};
  // A snapshot has a status too, but in words.
  if (!answer.member("status").is(json::Kind::number)) return {.status = 200, .body = json::compact(answer)};
  CaseReader fields(answer, where, mistakes);
  host::Lookup lookup{.status = static_cast<std::int32_t>(fields.integer("status"))};
  fields.refuse_others();
  return lookup;
}

void read_changes(CaseReader& fields, std::string_view name, bool replaces, CaseRequest& request) {
  const json::Value changes = fields.any(name);
  if (changes.is(json::Kind::object)) {
    request.changes.push_back({replaces, json::compact(changes)});
  } else if (changes.is(json::Kind::array)) {
    for (const json::Value change : changes) request.changes.push_back({replaces, json::compact(change)});
  } else if (!changes.absent()) {
    fields.mistake(name, "must be an object or a list of objects");
  }
}

ControlPlane read_control_plane(CaseReader& fields) {
  const std::string word = fields.text("controlPlane");
  if (word == "up") return ControlPlane::up;
  if (word != "down") fields.mistake("controlPlane", "must be \"down\" or \"up\"");
  return ControlPlane::down;
}

CaseRequest read_request(json::Value value, const std::string& where, Mistakes& mistakes) {
  CaseReader fields(value, where, mistakes);
  CaseRequest request;
  request.now_ms = static_cast<double>(fields.instant("now").ms);
  read_headers(fields, request);
  read_response(fields, request);
  if (fields.has("controlPlane")) request.control_plane = read_control_plane(fields);
  fields.refuse_others();
  return request;
}

ExpectedAnswer read_expected(json::Value value, const std::string& where, Mistakes& mistakes) {
  CaseReader fields(value, where, mistakes);
  ExpectedAnswer expected;
  expected.allowed = fields.truth("allowed");
  if (!expected.allowed) expected.detail = fields.text("detail");
  if (expected.allowed) expected.events = read_totals(fields, "events");
  fields.refuse_others();
  return expected;
}

}  // namespace

std::optional<std::string> CaseRequest::header(std::string_view name) const {
  std::optional<std::string> joined;
  for (const auto& [header, value] : headers) {
    if (header == name) joined = joined ? *joined + ", " + value : value;
  }
  return joined;
}

PolicyCase read_policy_case(json::Value value, Mistakes& mistakes) {
  const std::string name(value.member("name").text());
  CaseReader fields(value, "case \"" + name + "\"", mistakes);
  const auto part = [&](std::string_view of, std::size_t i) {
    return fields.where() + " " + std::string(of) + "[" + std::to_string(i) + "]";
  };
  PolicyCase result;
  result.name = fields.text("name");
  fields.any("spec");
  const json::Value options = fields.any("options");
  if (options.absent()) fields.mistake("options", "is missing");
  if (!options.absent()) result.options = read_options(options);
  result.checks_key_format = read_key_format(fields);
  for (const json::Value answer : fields.object("keys")) {
    const std::string key(answer.name());
    result.keys.emplace(key, read_answer(answer, fields.where() + " key " + key, mistakes));
  }
  for (const json::Value request : fields.array("requests")) {
    result.requests.push_back(read_request(request, part("requests", result.requests.size()), mistakes));
  }
  if (fields.has("configError")) result.config_error = fields.truth("configError");
  if (!result.config_error) {
    for (const json::Value expected : fields.array("expect")) {
      result.expect.push_back(read_expected(expected, part("expect", result.expect.size()), mistakes));
    }
    if (result.expect.size() != result.requests.size())
      fields.mistake("expect", "must have one entry for each request");
  }
  if (fields.has("lookups")) result.lookups = fields.integer("lookups");
  fields.refuse_others();
  return result;
}

std::string policies_json(const PolicyCase& policy_case) {
  return "[" + policy_entry("conformance", policy_case.options) + "]";
}

std::string policy_entry(std::string_view name, const std::string& options) {
  return R"({"name":")" + std::string(name) +
         R"(","policyType":"monetization-inbound",)"
         R"("handler":{"export":"MonetizationInboundPolicy","options":)" +
         options + "}}";
}

std::string read_options(json::Value options) {
  std::string text = json::compact(options);
  if (!options.is(json::Kind::object) || !options.member("quota").absent()) return text;
  text.pop_back();
  return text + (options.size() > 0 ? "," : "") + "\"quota\":\"cached\"}";
}

bool read_key_format(CaseReader& fields) {
  if (!fields.has("keyFormat")) return false;
  const bool known = fields.text("keyFormat") == "tgk";
  if (!known) fields.mistake("keyFormat", "must be \"tgk\"");
  return known;
}

void read_headers(CaseReader& fields, CaseRequest& request) {
  for (const json::Value header : fields.object("headers")) {
    const std::string name = lower_case(header.name());
    if (header.is(json::Kind::string)) {
      request.headers.emplace_back(name, header.text());
    } else if (header.is(json::Kind::array)) {
      for (const json::Value value : header) request.headers.emplace_back(name, value.text());
    } else {
      fields.mistake("headers", "must be strings or lists of strings");
    }
  }
  if (fields.has("path")) request.path = fields.text("path");
}

void read_response(CaseReader& fields, CaseRequest& request) {
  if (fields.has("status")) request.status = fields.integer("status");
  read_changes(fields, "setMeters", true, request);
  read_changes(fields, "addMeters", false, request);
}

std::map<std::string, Quantity> read_totals(CaseReader& fields, std::string_view name) {
  std::map<std::string, Quantity> totals;
  if (!fields.has(name)) return totals;
  for (const json::Value member : fields.object(name)) {
    const auto total = Quantity::parse(member.text());
    if (!total.ok()) fields.mistake(name, "must be decimals");
    if (total.ok()) totals.emplace(member.name(), *total);
  }
  return totals;
}

}  // namespace tollgate::conformance
