#include "host-bindings/wasmtime/gateway/gateway.h"

#include "base/text.h"
#include "host-bindings/wasmtime/gateway/log.h"
#include "json/text.h"
#include "json/writer.h"

#include <array>
#include <utility>

namespace tollgate::gateway {
namespace {

constexpr std::size_t kPieceBytes = 32 * 1024;
/// How long the rest of a body that is not wanted is waited for.
constexpr std::chrono::milliseconds kReadOutPatience{5'000};
/// Headers of ours start with this; no client sets one.
constexpr std::string_view kOwnPrefix = "x-tollgate-";

bool has_own_prefix(const http::Field& field) {
  return field.name.size() >= kOwnPrefix.size() &&
         equal_ignoring_case(std::string_view(field.name).substr(0, kOwnPrefix.size()), kOwnPrefix);
}

/// As `encodeURIComponent` does.
std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_alnum(c) || std::string_view("-_.!~*'()").find(c) != std::string_view::npos) {
      encoded.push_back(c);
    } else {
      encoded.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
  }
  return encoded;
}

/// Adds lines `Name: value\n`.
void add_lines(http::Fields& fields, std::string_view lines) {
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos) {
      fields.add(std::string(line.substr(0, colon)), std::string(trim(line.substr(colon + 1))));
    }
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
  }
}

std::string one_meter(std::string_view name, std::string_view amount) {
  json::Text text;
  json::Writer json(text);
  json.begin_object();
  json.raw_member(name, amount);
  json.end_object();
  return text.take();
}

std::string joined(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

}  // namespace

Gateway::Gateway(host::Gate& gate, const Routes& routes, GatewayOptions options)
    : gate_(gate), routes_(routes), options_(std::move(options)), router_(routes.routes) {
  const auto& policies = gate_.policies();
  for (const Route& route : routes_.routes) {
    BoundRoute& bound = bound_.emplace_back();
    bound.route = &route;
    bound.fetch = options_.fetch_for(route.upstream);
    bound.reads_body = reads_body(route);
    for (std::size_t i = 0; i < policies.size(); ++i) {
      if (policies[i].name != route.policy) continue;
      bound.policy = static_cast<std::int64_t>(i);
      bound.credential_header = policies[i].auth_header;
    }
  }
}

void Gateway::serve(http::Exchange& exchange, const http::Target& target) {
  ++counters_.requests;
  const Router::Match match = router_.match(exchange.request().method, target.path);
  if (!match.found) return refuse_route(exchange, target, match.allow);
  if (exchange.declared_length().value_or(0) > routes_.max_request_bytes) return refuse_length(exchange, target);
  Passage passage{exchange, target, bound_[match.route]};
  if (passage.bound.policy < 0) {
    pass(passage);
  } else {
    decide(passage);
  }
}

void Gateway::decide(Passage& passage) {
  const auto credential = passage.exchange.request().fields.joined(passage.bound.credential_header);
  const std::string id = new_request_id();
  host::Request request;
  request.policy = static_cast<std::uint32_t>(passage.bound.policy);
  if (credential) request.credential = *credential;
  request.path = passage.target.path;
  request.id = id;
  request.now_ms = static_cast<double>(options_.now().ms);
  host::Decision decision = gate_.check(request);
  passage.ticket = decision.ticket;
  passage.quota_headers = std::move(decision.quota_headers);
  if (decision.allowed) return pass(passage);
  ++counters_.refused;
  http::Fields fields = problem_fields();
  add_lines(fields, passage.quota_headers);
  send(passage.exchange, static_cast<int>(decision.status), std::move(fields), decision.problem);
}

/// Sends the request to its upstream.
void Gateway::pass(Passage& passage) {
  const auto response = passage.bound.fetch(forwarded(passage));
  if (response.ok()) return answer(passage, *response);
  if (!passage.is_too_long) return refuse_upstream(passage, response.error());
  gate_.abandon(passage.ticket);
  refuse_length(passage.exchange, passage.target);
}

http::OutgoingRequest Gateway::forwarded(Passage& passage) {
  const Upstream& upstream = passage.bound.route->upstream;
  http::OutgoingRequest request;
  request.origin = upstream.origin;
  request.head.method = passage.exchange.request().method;
  request.head.target = upstream.base_path + passage.target.path + passage.target.query;
  request.head.fields = forwarded_fields(passage);
  request.body = forwarded_body(passage);
  return request;
}

/// Who calls is told in headers of our own.
http::Fields Gateway::forwarded_fields(const Passage& passage) {
  const BoundRoute& bound = passage.bound;
  http::Fields fields = passage.exchange.request().fields;
  fields.erase_if(has_own_prefix);
  if (bound.policy >= 0 && !bound.route->forwards_credential) fields.erase(bound.credential_header);
  // What is to be read has to come unpacked.
  if (bound.reads_body) fields.set("accept-encoding", "identity");
  if (const auto identity = gate_.identity(passage.ticket)) {
    fields.add("x-tollgate-consumer", percent_encoded(identity->consumer));
    fields.add("x-tollgate-subscription", percent_encoded(identity->subscription));
  }
  return fields;
}

http::Body Gateway::forwarded_body(Passage& passage) const {
  http::Body body;
  http::Exchange& exchange = passage.exchange;
  const std::string_view method = exchange.request().method;
  // No body goes with a method that gives none a meaning: where one came nevertheless, it is not passed on.
  if (!exchange.has_body() || method == "GET" || method == "HEAD") return body;
  body.length = exchange.declared_length();
  body.read = [&passage, most = routes_.max_request_bytes,
               seen = std::uint64_t{0}](std::span<char> room) mutable -> Result<std::size_t, http::IoError> {
    const auto got = passage.exchange.read_body(room);
    if (got.ok()) seen += *got;
    passage.is_too_long = seen > most;
    if (passage.is_too_long) return fail(http::IoError::too_large);
    return got;
  };
  return body;
}

/// The response is there: meters it and hands it on.
void Gateway::answer(Passage& passage, const http::IncomingResponse& response) {
  const Route& route = *passage.bound.route;
  passage.exchange.read_out(routes_.max_request_bytes, kReadOutPatience);
  http::ResponseHead head = response.head;
  add_lines(head.fields, passage.quota_headers);
  if (route.response_meters.empty()) {
    finish(passage, head.status, {});
    return relay(passage, response, std::move(head), std::nullopt);
  }
  MeterReading reading;
  // Only an answer that says success is expected to say what it used.
  const bool is_expected = head.status >= 200 && head.status < 300;
  if (is_expected) read_headers(route, head.fields, reading);
  for (const ResponseMeter& meter : route.response_meters) {
    if (!meter.path) head.fields.erase(meter.header);
  }
  const bool waits_for_body = is_expected && passage.bound.reads_body && response.body.exists();
  if (waits_for_body) return relay(passage, response, std::move(head), std::move(reading));
  if (is_expected && passage.bound.reads_body) read_body(route, std::nullopt, reading);
  finish_reading(passage, head.status, reading);
  relay(passage, response, std::move(head), std::nullopt);
}

/// Hands the response on, piece by piece. With a reading, its body is read for meters: what it says is recorded before
/// the client has the end of it.
void Gateway::relay(Passage& passage, const http::IncomingResponse& response, http::ResponseHead head,
                    std::optional<MeterReading> reading) {
  std::optional<std::string> text = std::string();
  const auto end_reading = [&](bool is_whole) {
    if (!reading) return;
    read_body(*passage.bound.route, is_whole ? text : std::nullopt, *reading);
    finish_reading(passage, head.status, *std::exchange(reading, std::nullopt));
  };
  http::Exchange& exchange = passage.exchange;
  // To HEAD, the length of a body that does not come may be told.
  const bool tells_length = response.body.exists() || exchange.request().method == "HEAD";
  bool is_taken = exchange.begin(head, tells_length ? response.body.length : 0);
  std::array<char, kPieceBytes> room;
  std::uint64_t seen = 0;
  while (is_taken && response.body.exists()) {
    const auto got = response.body.read(room);
    if (!got.ok()) exchange.cut();
    if (!got.ok() || *got == 0) {
      end_reading(got.ok());
      break;
    }
    seen += *got;
    if (seen > routes_.max_metered_response_bytes) text = std::nullopt;
    if (reading && text) text->append(room.data(), *got);
    if (seen == response.body.length) end_reading(true);
    is_taken = exchange.write({room.data(), *got});
  }
  end_reading(false);
  if (is_taken) exchange.end();
}

void Gateway::finish_reading(const Passage& passage, int status, const MeterReading& reading) {
  const std::string& path = passage.bound.route->path;
  for (const auto& [meter, reason] : reading.faults) {
    ++counters_.response_meters_missing;
    log(Severity::warn, "a response does not say what it used",
        {{"route", path}, {"meter", meter}, {"reason", reason}});
  }
  std::string state;
  for (const auto& [meter, amount] : reading.meters) {
    auto next = gate_.add_meters(state, one_meter(meter, amount));
    if (next.ok()) {
      state = std::move(*next);
      continue;
    }
    ++counters_.response_meters_missing;
    log(Severity::warn, "a meter of a response was refused", {{"route", path}, {"reason", next.error()}});
  }
  finish(passage, status, state);
}

void Gateway::finish(const Passage& passage, int status, const std::string& meters) {
  const auto code = static_cast<std::uint32_t>(status);
  const auto finished = gate_.finish(passage.ticket, code, meters);
  if (finished.ok()) return;
  log(Severity::error, "a request could not be metered as it said", {{"reason", finished.error()}});
  // Its own meters count all the same.
  if (!meters.empty()) static_cast<void>(gate_.finish(passage.ticket, code, {}).ok());
}

void Gateway::refuse_route(http::Exchange& exchange, const http::Target& target, const std::set<std::string>& allow) {
  ++counters_.unrouted;
  if (allow.empty())
    return respond(exchange, target, {404, "Not Found", "route_not_found", "There is no such path here."});
  http::Fields fields = problem_fields();
  fields.add("allow", joined(allow));
  respond(exchange, target, {405, "Method Not Allowed", "method_not_allowed", "This path takes " + joined(allow) + "."},
          std::move(fields));
}

void Gateway::refuse_length(http::Exchange& exchange, const http::Target& target) {
  ++counters_.too_large;
  const std::string most = std::to_string(routes_.max_request_bytes);
  respond(exchange, target,
          {413, "Content Too Large", "body_too_large", "The body is longer than " + most + " bytes."});
}

void Gateway::refuse_upstream(Passage& passage, const std::string& reason) {
  ++counters_.upstream_failures;
  log(Severity::error, "an upstream could not be reached", {{"route", passage.bound.route->path}, {"reason", reason}});
  finish(passage, 502, {});
  respond(passage.exchange, passage.target,
          {502, "Bad Gateway", "upstream_unreachable", "The API behind this gateway could not be reached."});
}

void Gateway::respond(http::Exchange& exchange, const http::Target& target, const Problem& problem,
                      http::Fields fields) {
  const std::string body = problem_body(problem, {target.path, options_.build_id, options_.now()});
  send(exchange, problem.status, std::move(fields), body);
}

void Gateway::send(http::Exchange& exchange, int status, http::Fields fields, std::string_view body) {
  exchange.read_out(2 * routes_.max_request_bytes, kReadOutPatience);
  exchange.respond({status, std::move(fields)}, body);
}

}  // namespace tollgate::gateway
