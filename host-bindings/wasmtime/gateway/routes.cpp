#include "host-bindings/wasmtime/gateway/routes.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <map>

namespace tollgate::gateway {
namespace {

constexpr std::uint64_t kMebibyte = 1024 * 1024;
constexpr std::array<std::string_view, 3> kBuckets = {"working-copy", "preview", "production"};
/// What the gateway serves itself.
constexpr std::array<std::string_view, 2> kReserved = {"/v3", "/healthz"};

using Names = std::initializer_list<std::string_view>;

template <class List>
std::string joined(const List& names) {
  std::string text;
  for (const std::string_view name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

std::string shown(json::Value value) { return value.absent() ? "undefined" : json::compact(value); }

bool is_segment(std::string_view text) {
  if (text.starts_with('{')) {
    if (text.size() < 3 || text.back() != '}') return false;
    text = text.substr(1, text.size() - 2);
    const auto is_word = [](char c) { return is_alnum(c) || c == '_'; };
    return !is_digit(text.front()) && std::all_of(text.begin(), text.end(), is_word);
  }
  const auto is_plain = [](char c) {
    return is_alnum(c) || std::string_view("_.~!$&'()*+,;=:@%-").find(c) != std::string_view::npos;
  };
  return !text.empty() && text != "*" && std::all_of(text.begin(), text.end(), is_plain);
}

/// Segments like `/a/{name}/b`; the last may be `*`.
bool is_pattern(std::string_view path) {
  if (path == "/" || path == "/*") return true;
  if (path.ends_with("/*")) path.remove_suffix(2);
  if (path.size() < 2) return false;
  while (!path.empty()) {
    if (path.front() != '/') return false;
    path.remove_prefix(1);
    const std::size_t slash = std::min(path.find('/'), path.size());
    if (!is_segment(path.substr(0, slash))) return false;
    path.remove_prefix(slash);
  }
  return true;
}

/// Reads one `routes.json`. Every step returns false once something is refused; `error` then says what.
class Reader {
 public:
  explicit Reader(std::span<const std::string> policies) : policies_(policies) {}

  bool read(std::string_view text);

  Routes routes;
  std::string error;

 private:
  bool refuse(const std::string& where, std::string_view field, const std::string& value, std::string_view rule) {
    error =
        "config/routes.json: " + where + ": " + std::string(field) + " is " + value + ": must be " + std::string(rule);
    return false;
  }
  bool refuse(const std::string& where, std::string_view field, json::Value value, std::string_view rule) {
    return refuse(where, field, shown(value), rule);
  }
  bool is_object(json::Value value, const std::string& where);
  bool knows(json::Value value, Names known, const std::string& where);
  bool read_bytes(json::Value document, const char* field, std::uint64_t fallback, std::uint64_t most,
                  std::uint64_t& to);

  bool read_route(json::Value entry, std::size_t index);
  bool read_path(json::Value value, const std::string& where, Route& route);
  bool read_methods(json::Value value, const std::string& where, Route& route);
  bool read_upstream(json::Value value, const std::string& where, Route& route);
  bool read_policy(json::Value value, const std::string& where, Route& route);
  bool read_meters(json::Value value, const std::string& where, Route& route);
  bool read_meter(json::Value source, const std::string& where, Route& route);
  bool refuse_overlaps();

  std::span<const std::string> policies_;
};

bool Reader::is_object(json::Value value, const std::string& where) {
  if (value.is(json::Kind::object)) return true;
  error = "config/routes.json: " + where + " is " + shown(value) + ": must be an object";
  return false;
}

bool Reader::knows(json::Value value, Names known, const std::string& where) {
  for (const json::Value member : value) {
    if (std::find(known.begin(), known.end(), member.name()) != known.end()) continue;
    return refuse(where, member.name(), member, "no such field; there are " + joined(known));
  }
  return true;
}

bool Reader::read(std::string_view text) {
  json::Document document;
  if (!document.parse(text).ok()) {
    error = "config/routes.json is not JSON";
    return false;
  }
  const json::Value root = document.root();
  const std::string where = "the document";
  if (!is_object(root, where)) return false;
  if (!knows(root, {"bucket", "keyFormat", "maxRequestBytes", "maxMeteredResponseBytes", "routes"}, where))
    return false;
  const json::Value entries = root.member("routes");
  if (!entries.is(json::Kind::array) || entries.size() == 0) {
    return refuse(where, "routes", entries, "a list of at least one route");
  }
  std::size_t index = 0;
  for (const json::Value entry : entries) {
    if (!read_route(entry, ++index)) return false;
  }
  if (!refuse_overlaps()) return false;
  const json::Value bucket = root.member("bucket");
  routes.bucket = bucket.absent() ? kBuckets.front() : bucket.text();
  if (!bucket.absent() && (!bucket.is(json::Kind::string) || !is_bucket(routes.bucket))) {
    return refuse(where, "bucket", bucket, "one of " + joined(kBuckets));
  }
  const json::Value format = root.member("keyFormat");
  routes.checks_key_format = format.text() != "any";
  if (!format.absent() && (!format.is(json::Kind::string) || (format.text() != "any" && format.text() != "tgk"))) {
    return refuse(where, "keyFormat", format, "one of tgk, any");
  }
  return read_bytes(root, "maxRequestBytes", 10 * kMebibyte, 100 * kMebibyte, routes.max_request_bytes) &&
         read_bytes(root, "maxMeteredResponseBytes", kMebibyte, 16 * kMebibyte, routes.max_metered_response_bytes);
}

bool Reader::read_bytes(json::Value document, const char* field, std::uint64_t fallback, std::uint64_t most,
                        std::uint64_t& to) {
  const json::Value value = document.member(field);
  to = fallback;
  if (value.absent()) return true;
  const std::string_view text = value.text();
  const auto read = std::from_chars(text.data(), text.data() + text.size(), to);
  const bool whole = value.is(json::Kind::number) && read.ptr == text.data() + text.size();
  if (whole && to >= 1 && to <= most) return true;
  return refuse("the document", field, value, "a whole number of bytes from 1 to " + std::to_string(most));
}

bool Reader::read_route(json::Value entry, std::size_t index) {
  std::string where = "route " + std::to_string(index);
  if (!is_object(entry, where)) return false;
  const json::Value path = entry.member("path");
  if (path.is(json::Kind::string)) where += " (" + std::string(path.text()) + ")";
  if (!knows(entry, {"path", "methods", "upstream", "policies", "responseMeters", "forwardCredential"}, where)) {
    return false;
  }
  Route route;
  if (!read_path(path, where, route)) return false;
  const json::Value forwards = entry.member("forwardCredential");
  if (!forwards.absent() && !forwards.is(json::Kind::boolean)) {
    return refuse(where, "forwardCredential", forwards, "true or false");
  }
  route.forwards_credential = forwards.truth();
  if (!read_policy(entry.member("policies"), where, route)) return false;
  const json::Value meters = entry.member("responseMeters");
  if (!read_meters(meters, where, route)) return false;
  if (route.policy.empty() && !route.response_meters.empty()) {
    return refuse(where, "responseMeters", meters, "only with a policy, which knows who is to be charged");
  }
  if (!read_methods(entry.member("methods"), where, route)) return false;
  if (!read_upstream(entry.member("upstream"), where, route)) return false;
  routes.routes.push_back(std::move(route));
  return true;
}

bool Reader::read_path(json::Value value, const std::string& where, Route& route) {
  route.path = value.text();
  if (!value.is(json::Kind::string) || !is_pattern(route.path)) {
    return refuse(where, "path", value,
                  R"(a path of segments like "/status/{code}"; the last may be "*" for any rest)");
  }
  for (const std::string_view own : kReserved) {
    if (route.path != own && !route.path.starts_with(std::string(own) + "/")) continue;
    return refuse(where, "path", value, "not below /v3 or /healthz, which the gateway serves itself");
  }
  return true;
}

bool Reader::read_methods(json::Value value, const std::string& where, Route& route) {
  constexpr std::string_view kRule = R"(a list of methods such as ["GET", "POST"], or ["*"] for any)";
  if (!value.is(json::Kind::array) || value.size() == 0) return refuse(where, "methods", value, kRule);
  if (value.size() == 1 && value.element(0).text() == "*") return true;
  for (const json::Value method : value) {
    const std::string_view name = method.text();
    const bool has_lower = std::any_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    if (!method.is(json::Kind::string) || !is_token(name) || has_lower || name == "*") {
      return refuse(where, "methods", method, kRule);
    }
    route.methods.emplace(name);
  }
  // RFC 9110, 9.3.2: what answers GET answers HEAD.
  if (route.methods.contains("GET")) route.methods.insert("HEAD");
  return true;
}

bool Reader::read_upstream(json::Value value, const std::string& where, Route& route) {
  constexpr std::string_view kRule = "https://… (http://… only to this machine) without query, or service:BINDING";
  constexpr std::string_view kService = "service:";
  const std::string_view text = value.text();
  if (!value.is(json::Kind::string)) return refuse(where, "upstream", value, kRule);
  if (text.starts_with(kService)) {
    const std::string_view name = text.substr(kService.size());
    const auto is_word = [](char c) { return is_alnum(c) || c == '_'; };
    const bool is_name = !name.empty() && !is_digit(name.front()) && std::all_of(name.begin(), name.end(), is_word);
    route.upstream.service = name;
    return is_name || refuse(where, "upstream", value, kRule);
  }
  const auto url = http::parse_url(text);
  if (!url || !url->extra.empty() || (!url->origin.tls && !url->origin.is_this_machine())) {
    return refuse(where, "upstream", value, kRule);
  }
  route.upstream.origin = url->origin;
  route.upstream.base_path = url->path;
  if (route.upstream.base_path.ends_with('/')) route.upstream.base_path.pop_back();
  return true;
}

bool Reader::read_policy(json::Value value, const std::string& where, Route& route) {
  const std::string rule = "a list of at most one policy out of policies.json (" + joined(policies_) + ")";
  if (!value.is(json::Kind::array) || value.size() > 1) return refuse(where, "policies", value, rule);
  if (value.size() == 0) return true;
  const json::Value name = value.element(0);
  route.policy = name.text();
  const bool is_known = std::find(policies_.begin(), policies_.end(), route.policy) != policies_.end();
  return (name.is(json::Kind::string) && is_known) || refuse(where, "policies", name, rule);
}

bool Reader::read_meters(json::Value value, const std::string& where, Route& route) {
  if (value.absent()) return true;
  if (!is_object(value, where + ", responseMeters")) return false;
  for (const json::Value source : value) {
    if (!read_meter(source, where, route)) return false;
  }
  return true;
}

bool Reader::read_meter(json::Value source, const std::string& where, Route& route) {
  constexpr std::string_view kRule = R"(a JSON path such as "$.usage.total_tokens", or the name of a response header)";
  ResponseMeter meter;
  meter.meter = source.name();
  const std::string_view text = source.text();
  if (source.is(json::Kind::string) && text.starts_with('$')) meter.path = parse_json_path(text);
  if (source.is(json::Kind::string) && is_token(text) && !text.starts_with('$')) meter.header = text;
  if (!meter.path && meter.header.empty()) return refuse(where, "responseMeters." + meter.meter, source, kRule);
  route.response_meters.push_back(std::move(meter));
  return true;
}

/// The pattern with its parameters' names taken out.
std::string shape_of(std::string_view path) {
  std::string shape;
  bool in_name = false;
  for (const char c : path) {
    if (c == '}') in_name = false;
    if (!in_name) shape.push_back(c);
    if (c == '{') in_name = true;
  }
  return shape;
}

/// Two routes that could both be meant by one request, with neither more exact, are a mistake.
bool Reader::refuse_overlaps() {
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < routes.routes.size(); ++i) {
    const Route& route = routes.routes[i];
    const std::set<std::string> any = {"*"};
    for (const std::string& method : route.methods.empty() ? any : route.methods) {
      const auto [other, is_new] = seen.emplace(method + " " + shape_of(route.path), i + 1);
      if (is_new) continue;
      return refuse("route " + std::to_string(i + 1) + " (" + route.path + ")", "methods", "\"" + method + "\"",
                    "not also served by route " + std::to_string(other->second));
    }
  }
  return true;
}

}  // namespace

bool is_bucket(std::string_view name) { return std::find(kBuckets.begin(), kBuckets.end(), name) != kBuckets.end(); }

Result<Routes, std::string> parse_routes(std::string_view text, std::span<const std::string> policies) {
  Reader reader(policies);
  if (!reader.read(text)) return fail(std::move(reader.error));
  return std::move(reader.routes);
}

}  // namespace tollgate::gateway
