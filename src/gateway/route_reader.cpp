#include "gateway/route_reader.h"

#include "base/limits.h"
#include "base/text.h"
#include "gateway/upstream_reader.h"

#include <algorithm>

namespace tollgate::gateway {
namespace {

/// What the gateway serves itself.
constexpr std::string_view kReserved[] = {"/v3", "/healthz"};
constexpr std::string_view kMethodsRule = R"(a list of methods such as ["GET", "POST"], or ["*"] for any)";
constexpr std::string_view kMeterRule =
    R"(a JSON path such as "$.usage.total_tokens", the name of a response header, or an object with one of the two)";

bool is_method(std::string_view name) {
  for (const char c : name) {
    if (c >= 'a' && c <= 'z') return false;
  }
  return is_token(name) && name != "*" && name != "TRACE" && name != "CONNECT";
}

/// Whether the list is `["*"]`.
bool is_any(json::Value list) { return list.size() == 1 && list.element(0).text() == "*"; }

/// A list of texts, each of which `accepts` takes; missing is empty.
bool read_texts(json::Value object, std::string_view field, ConfigurationReader& reader,
                bool (*accepts)(std::string_view), std::string_view rule, TokenList& to) {
  const json::Value list = object.member(field);
  if (list.absent()) return true;
  if (!list.is(json::Kind::array) || list.size() == 0 || list.size() > limits::kMaxCorsOrigins) {
    return reader.refuse(field, list, rule);
  }
  for (const json::Value text : list) {
    if (!text.is(json::Kind::string) || !accepts(text.text())) return reader.refuse(field, text, rule);
    to.append(text.text());
  }
  return true;
}

}  // namespace

bool read_cors(json::Value value, ConfigurationReader& reader, std::optional<Cors>& to) {
  constexpr std::string_view kOrigins = R"(a list of origins such as ["https://app.example.com"], or ["*"] for any)";
  if (value.absent()) return true;
  const std::string where = reader.where();
  reader.enter_part("cors");
  if (!reader.is_object(value)) return false;
  if (!reader.knows(value, "origins, headers, methods, maxAge, credentials")) return false;
  Cors& cors = to.emplace();
  const json::Value origins = value.member("origins");
  cors.any_origin = is_any(origins);
  if (origins.absent()) return reader.refuse("origins", origins, kOrigins);
  if (!cors.any_origin && !read_texts(value, "origins", reader, is_origin, kOrigins, cors.origins)) return false;
  if (!read_texts(value, "headers", reader, is_token, "a list of names of headers", cors.headers)) return false;
  if (!read_texts(value, "methods", reader, is_method, "a list of methods", cors.methods)) return false;
  if (!reader.read_integer(value, "maxAge", 0, limits::kMaxCorsAge, cors.max_age)) return false;
  if (!reader.read_truth(value, "credentials", cors.with_credentials)) return false;
  if (cors.any_origin && cors.with_credentials) {
    return reader.refuse("credentials", "true", "only with origins that are named");
  }
  reader.enter(where);
  return true;
}

bool RouteReader::read(json::Value entry, std::size_t number, Route& route) {
  const json::Value path = entry.member("path");
  std::string where = "route ";
  append_number(where, number);
  if (path.is(json::Kind::string)) where.append(" (").append(path.text()).append(")");
  reader_.enter(where);
  if (!reader_.is_object(entry)) return false;
  if (!reader_.knows(entry,
                     "path, methods, upstream, policies, responseMeters, forwardCredential, rawPath, open, "
                     "sharedCache, cors")) {
    return false;
  }
  return read_path(path, route) && reader_.read_truth(entry, "forwardCredential", route.forwards_credential) &&
         reader_.read_truth(entry, "rawPath", route.is_raw) && reader_.read_truth(entry, "open", route.is_open) &&
         reader_.read_truth(entry, "sharedCache", route.shares_cache) && read_policy(entry.member("policies"), route) &&
         read_meters(entry.member("responseMeters"), route) && read_methods(entry.member("methods"), route) &&
         read_upstream(entry.member("upstream"), route) && read_cors(entry.member("cors"), reader_, route.cors);
}

bool RouteReader::read_path(json::Value value, Route& route) {
  auto pattern = value.is(json::Kind::string) ? parse_pattern(value.text()) : std::nullopt;
  if (!pattern) {
    return reader_.refuse("path", value,
                          R"(a path of segments like "/status/{code}"; the last may be "*" for any rest)");
  }
  route.path = value.text();
  route.pattern = std::move(*pattern);
  for (const std::string_view own : kReserved) {
    const std::string_view segments = route.pattern.segments;
    if (!segments.starts_with(own) || (segments.size() > own.size() && segments[own.size()] != '/')) continue;
    return reader_.refuse("path", value, "not below /v3 or /healthz, which the gateway serves itself");
  }
  return true;
}

bool RouteReader::read_methods(json::Value value, Route& route) {
  if (!value.is(json::Kind::array) || value.size() == 0) return reader_.refuse("methods", value, kMethodsRule);
  if (is_any(value)) {
    route.methods = TokenList(kMethods);
    return true;
  }
  for (const json::Value method : value) {
    if (!method.is(json::Kind::string) || !is_method(method.text())) {
      return reader_.refuse("methods", method, kMethodsRule);
    }
    route.methods.insert(method.text());
    // RFC 9110, 9.3.2: what answers GET answers HEAD.
    if (method.text() == "GET") route.methods.insert("HEAD");
  }
  return true;
}

bool RouteReader::read_upstream(json::Value value, Route& route) {
  auto upstream = value.is(json::Kind::string) ? parse_upstream(value.text()) : std::nullopt;
  if (!upstream) {
    return reader_.refuse("upstream", value,
                          "https://… (http://… only to this machine) without query, or service:BINDING");
  }
  route.upstream = std::move(*upstream);
  return true;
}

bool RouteReader::read_policy(json::Value value, Route& route) {
  const json::Value name = value.element(0);
  std::string rule = "a list of at most one policy out of policies.json (";
  for (const KnownPolicy& policy : policies_) {
    if (name.is(json::Kind::string) && policy.name == name.text()) {
      route.policy = static_cast<int>(&policy - policies_.data());
      route.credential_header = lower_case(policy.credential_header);
    }
    rule.append(&policy == policies_.data() ? "" : ", ").append(policy.name);
  }
  rule.append(")");
  if (!value.is(json::Kind::array) || value.size() > 1) return reader_.refuse("policies", value, rule);
  if (value.size() == 1 && route.policy < 0) return reader_.refuse("policies", name, rule);
  return route.policy < 0 || !route.is_open || reader_.refuse("open", "true", "only of a route without policies");
}

bool RouteReader::read_meters(json::Value value, Route& route) {
  if (value.absent()) return true;
  if (!value.is(json::Kind::object)) return reader_.refuse("responseMeters", value, "an object");
  if (route.policy < 0) {
    return reader_.refuse("responseMeters", value, "only with a policy, which knows who is to be charged");
  }
  if (value.size() > limits::kMaxResponseMeters) {
    return reader_.refuse("responseMeters", value, "of at most 16 meters");
  }
  route.response_meters = std::vector<ResponseMeter>(value.size());
  ResponseMeter* meter = route.response_meters.data();
  for (const json::Value source : value) {
    if (!read_meter(source, *meter++)) return false;
  }
  return true;
}

/// A text, or `{path | header, mode, onMissing, stream}`.
bool RouteReader::read_meter(json::Value source, ResponseMeter& meter) {
  meter.meter = source.name();
  const std::string field = std::string("responseMeters.").append(meter.meter);
  const bool is_object = source.is(json::Kind::object);
  const json::Value path = is_object ? source.member("path") : source;
  const json::Value header = is_object ? source.member("header") : source;
  const bool is_path = path.is(json::Kind::string) && path.text().starts_with('$');
  if (is_path) meter.path = parse_json_path(path.text()).value_or(JsonPath());
  if (!is_path && header.is(json::Kind::string) && is_token(header.text())) meter.header = lower_case(header.text());
  const bool has_both = is_object && !path.absent() && !header.absent();
  if (has_both || (!meter.is_in_body() && meter.header.empty())) return reader_.refuse(field, source, kMeterRule);
  if (!is_object) return true;
  const std::string where = reader_.where();
  reader_.enter_part(field);
  if (!read_meter_object(source, meter)) return false;
  reader_.enter(where);
  return true;
}

bool RouteReader::read_meter_object(json::Value source, ResponseMeter& meter) {
  if (!reader_.knows(source, "path, header, mode, onMissing, stream")) return false;
  const json::Value mode = source.member("mode");
  if (!mode.absent() && mode.text() != "last") {
    return reader_.refuse("mode", mode, R"("last"; streams are not summed yet)");
  }
  const json::Value stream = source.member("stream");
  if (!stream.absent() && stream.text() != "auto" && stream.text() != "json") {
    return reader_.refuse("stream", stream, "one of auto, json; streams are not read yet");
  }
  return read_missing(source.member("onMissing"), meter);
}

bool RouteReader::read_missing(json::Value value, ResponseMeter& meter) {
  const std::string_view word = value.is(json::Kind::string) ? value.text() : std::string_view();
  if (value.absent() || word == "ignore") return true;
  meter.on_missing = word == "refuse" ? OnMissing::refuse : OnMissing::amount;
  if (word == "refuse") return true;
  const auto amount = Quantity::parse(value.text());
  if (value.is(json::Kind::number) && amount.ok() && !amount->negative()) {
    meter.amount = *amount;
    return true;
  }
  return reader_.refuse("onMissing", value,
                        "one of ignore, refuse, or an amount of at least 0 with up to 9 fractional digits");
}

}  // namespace tollgate::gateway
