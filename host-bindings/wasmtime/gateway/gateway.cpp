#include "host-bindings/wasmtime/gateway/gateway.h"

#include "base/text.h"
#include "gateway/cors.h"
#include "gateway/fields.h"
#include "host-bindings/wasmtime/gateway/log.h"
#include "host-bindings/wasmtime/gateway/request_id.h"

#include <array>
#include <chrono>
#include <optional>
#include <utility>

namespace tollgate::gateway {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kPieceBytes = 32 * 1024;
/// How long the rest of a body that is not wanted is waited for.
constexpr std::chrono::milliseconds kReadOutPatience{5'000};

/// Adds lines `Name: value\n`.
void add_lines(http::Fields& fields, std::string_view lines) {
  while (!lines.empty()) {
    std::string_view line = take_part(lines, '\n');
    const std::string_view name = take_part(line, ':');
    fields.add(std::string(name), std::string(trim(line)));
  }
}

void apply(const FieldEdits& edits, http::Fields& fields) {
  edits.each([&](char kind, std::string_view name, std::string_view value) {
    if (kind == '-') fields.erase(name);
    if (kind == '=') fields.set(name, std::string(value));
    if (kind == '+') fields.add(std::string(name), std::string(value));
  });
}

std::vector<FieldLine> lines_of(const http::Fields& fields) {
  std::vector<FieldLine> lines;
  for (const http::Field& field : fields) lines.push_back({field.name, field.value});
  return lines;
}

std::string value_of(const http::Fields& fields, std::string_view name) { return fields.joined(name).value_or(""); }

/// All lines of the credential. Empty ones before it do not count: workerd does not tell of them.
std::optional<std::string> credential_of(const http::Fields& fields, std::string_view name) {
  std::optional<std::string> lines;
  for (const http::Field& field : fields) {
    if (!equal_ignoring_case(field.name, name)) continue;
    lines = lines.value_or("").empty() ? field.value : *lines + ", " + field.value;
  }
  return lines;
}

/// Bounds of reading a body on whose client has gone.
class Drain {
 public:
  explicit Drain(const Routes& routes)
      : left_(routes.max_metered_response_bytes), patience_(std::chrono::seconds(routes.drain_seconds)) {}

  /// The client has gone; so many bytes have been read since this was asked the last time. Whether to go on.
  bool goes_on(std::size_t bytes) {
    if (since_ == Clock::time_point()) since_ = Clock::now();
    left_ -= static_cast<std::int64_t>(bytes);
    return left_ >= 0 && Clock::now() - since_ < patience_;
  }

 private:
  std::int64_t left_;
  std::chrono::seconds patience_;
  Clock::time_point since_;
};

}  // namespace

Gateway::Gateway(host::Gate& gate, const Routes& routes, GatewayOptions options)
    : gate_(gate), routes_(routes), options_(std::move(options)), router_(routes_) {
  for (const Route& route : routes_.routes) {
    const auto url = http::parse_url(route.upstream.origin);
    bound_.push_back({options_.fetch_for(route.upstream), url ? url->origin : http::Origin()});
  }
}

void Gateway::serve(http::Exchange& exchange, const http::Target& target) {
  ++counters_.requests;
  if (answer_preflight(exchange, target)) return;
  Match match = router_.match(exchange.request().method, target.path);
  if (match.outcome != Match::Outcome::route) {
    ++counters_.unrouted;
    return respond(exchange, target, nullptr, problem_of(match.outcome), match.allow);
  }
  const auto most = static_cast<std::uint64_t>(routes_.max_request_bytes);
  if (exchange.declared_length().value_or(0) > most) return refuse_length(exchange, target, match.route);
  Passage passage{exchange, target, *match.route, std::move(match.path)};
  if (match.route->policy < 0) {
    pass(passage);
  } else {
    decide(passage);
  }
}

/// Whether it was one that is answered here.
bool Gateway::answer_preflight(http::Exchange& exchange, const http::Target& target) {
  const http::RequestHead& request = exchange.request();
  if (request.method != "OPTIONS") return false;
  const std::string origin = value_of(request.fields, "origin");
  const std::string method = value_of(request.fields, "access-control-request-method");
  const std::string headers = value_of(request.fields, "access-control-request-headers");
  const auto edits = gateway::answer_preflight(routes_, router_, {target.path, origin, method, headers});
  if (!edits) return false;
  ++counters_.preflights;
  http::Fields fields;
  apply(*edits, fields);
  exchange.respond({204, std::move(fields)}, "");
  return true;
}

void Gateway::decide(Passage& passage) {
  const auto credential = credential_of(passage.exchange.request().fields, passage.route.credential_header);
  const std::string id = new_request_id();
  host::Request request;
  request.policy = static_cast<std::uint32_t>(passage.route.policy);
  if (credential) request.credential = *credential;
  request.path = passage.target.path;
  request.id = id;
  request.now_ms = static_cast<double>(options_.now().ms);
  host::Decision decision = gate_.check(request);
  passage.ticket = decision.ticket;
  passage.quota_headers = std::move(decision.quota_headers);
  if (decision.allowed) return pass(passage);
  ++counters_.refused;
  http::Fields fields = {{"content-type", "application/problem+json"}, {"cache-control", "no-store"}};
  add_lines(fields, passage.quota_headers);
  send(passage.exchange, &passage.route, static_cast<int>(decision.status), std::move(fields), decision.problem);
}

/// Sends the request to its upstream.
void Gateway::pass(Passage& passage) {
  const auto response = bound_of(passage).fetch(forwarded(passage));
  if (response.ok()) return answer(passage, *response);
  if (!passage.is_too_long) return refuse_upstream(passage, response.error());
  gate_.abandon(passage.ticket);
  refuse_length(passage.exchange, passage.target, &passage.route);
}

http::OutgoingRequest Gateway::forwarded(Passage& passage) {
  const Upstream& upstream = passage.route.upstream;
  http::OutgoingRequest request;
  request.origin = bound_of(passage).origin;
  request.head.method = passage.exchange.request().method;
  request.head.target = upstream.base_path + passage.path + passage.target.query;
  request.head.fields = forwarded_fields(passage);
  request.body = forwarded_body(passage);
  return request;
}

/// Who calls is told in fields of our own.
http::Fields Gateway::forwarded_fields(const Passage& passage) {
  http::Fields fields = passage.exchange.request().fields;
  const std::string host = value_of(fields, "host");
  std::vector<std::string_view> names;
  for (const http::Field& field : fields) names.push_back(field.name);
  const FieldEdits dropped = request_fields(passage.route, value_of(fields, "connection"), names);
  const auto identity = gate_.identity(passage.ticket);
  Caller caller;
  caller.host = host;
  caller.scheme = "http";
  caller.address = passage.exchange.client_address();
  if (identity) caller.consumer = identity->consumer;
  if (identity) caller.subscription = identity->subscription;
  apply(dropped, fields);
  apply(own_fields(passage.route, caller), fields);
  return fields;
}

http::Body Gateway::forwarded_body(Passage& passage) const {
  http::Body body;
  http::Exchange& exchange = passage.exchange;
  if (!exchange.has_body()) return body;
  body.length = exchange.declared_length();
  body.read = [&passage, most = static_cast<std::uint64_t>(routes_.max_request_bytes),
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
  const Route& route = passage.route;
  passage.exchange.read_out(static_cast<std::uint64_t>(routes_.max_request_bytes), kReadOutPatience);
  const int status = response.head.status;
  const http::ResponseHead head = handed_on(passage, response.head);
  if (route.response_meters.empty()) {
    finish(passage, status, {});
    return relay(passage, response, head, nullptr);
  }
  ResponseReader reader(route, status, lines_of(response.head.fields));
  if (!reader.is_refused() && reader.wants_body() && response.body.exists()) {
    return relay(passage, response, head, &reader);
  }
  const MeterReading reading = reader.end(!reader.is_refused());
  tell_missing(route, reading);
  // Nothing of the response is under way: where it is refused, nothing is owed.
  finish(passage, reading.is_refused ? 502 : status, reading.is_refused ? std::string() : reading.state());
  if (!reading.is_refused) return relay(passage, response, head, nullptr);
  respond(passage.exchange, passage.target, &route, GatewayProblem::meter_missing);
}

/// The response's head as the rules have it.
http::ResponseHead Gateway::handed_on(const Passage& passage, const http::ResponseHead& head) const {
  const std::string origin = value_of(passage.exchange.request().fields, "origin");
  http::ResponseHead handed = head;
  add_lines(handed.fields, passage.quota_headers);
  apply(response_fields(routes_, passage.route, origin, lines_of(head.fields)), handed.fields);
  return handed;
}

/// Hands the response on, piece by piece. With a reader, its body is read for meters: what it says is recorded before
/// the client has the end of it, and a client that goes away does not end the reading.
void Gateway::relay(Passage& passage, const http::IncomingResponse& response, const http::ResponseHead& head,
                    ResponseReader* reader) {
  const auto end_reading = [&](bool is_whole) {
    if (reader == nullptr) return;
    const MeterReading reading = std::exchange(reader, nullptr)->end(is_whole);
    tell_missing(passage.route, reading);
    finish(passage, head.status, reading.state());
  };
  http::Exchange& exchange = passage.exchange;
  // To HEAD, the length of a body that does not come may be told.
  const bool tells_length = response.body.exists() || exchange.request().method == "HEAD";
  bool is_taken = exchange.begin(head, tells_length ? response.body.length : 0);
  Drain drain(routes_);
  std::array<char, kPieceBytes> room;
  while (response.body.exists() && (is_taken || reader != nullptr)) {
    const auto got = response.body.read(room);
    if (!got.ok()) exchange.cut();
    if (!got.ok() || *got == 0) {
      end_reading(got.ok());
      break;
    }
    const std::string_view piece(room.data(), *got);
    if (reader != nullptr) reader->feed(piece);
    if (reader != nullptr && !reader->wants_body()) end_reading(true);
    if (is_taken) {
      is_taken = exchange.write(piece);
    } else if (!drain.goes_on(piece.size())) {
      break;
    }
  }
  end_reading(false);
  if (is_taken) exchange.end();
}

/// What a response does not say of its meters is counted and logged.
void Gateway::tell_missing(const Route& route, const MeterReading& reading) {
  for (const MeterFinding& finding : reading.findings) {
    if (finding.fault.empty()) continue;
    ++counters_.response_meters_missing;
    log(Severity::warn, "a response does not say what it used",
        {{"route", route.path}, {"meter", finding.meter->meter}, {"reason", finding.fault}});
  }
}

void Gateway::finish(const Passage& passage, int status, const std::string& meters) {
  const auto code = static_cast<std::uint32_t>(status);
  const auto finished = gate_.finish(passage.ticket, code, meters);
  if (finished.ok()) return;
  log(Severity::error, "a request could not be metered as it said", {{"reason", finished.error()}});
  // Its own meters count all the same.
  if (!meters.empty()) static_cast<void>(gate_.finish(passage.ticket, code, {}).ok());
}

void Gateway::refuse_length(http::Exchange& exchange, const http::Target& target, const Route* route) {
  ++counters_.too_large;
  respond(exchange, target, route, GatewayProblem::body_too_large, std::to_string(routes_.max_request_bytes));
}

void Gateway::refuse_upstream(Passage& passage, const std::string& reason) {
  ++counters_.upstream_failures;
  log(Severity::error, "an upstream could not be reached", {{"route", passage.route.path}, {"reason", reason}});
  finish(passage, 502, {});
  respond(passage.exchange, passage.target, &passage.route, GatewayProblem::upstream_unreachable);
}

void Gateway::respond(http::Exchange& exchange, const http::Target& target, const Route* route, GatewayProblem problem,
                      std::string_view subject) {
  const std::string id = new_request_id();
  const ProblemAnswer answer = answer_problem(problem, subject, {target.path, id, options_.build_id, options_.now()});
  http::Fields fields;
  apply(answer.fields, fields);
  send(exchange, route, answer.status, std::move(fields), answer.body);
}

void Gateway::send(http::Exchange& exchange, const Route* route, int status, http::Fields fields,
                   std::string_view body) {
  FieldEdits edits;
  add_cors_fields(routes_.cors_of(route), value_of(exchange.request().fields, "origin"), edits);
  apply(edits, fields);
  exchange.read_out(2 * static_cast<std::uint64_t>(routes_.max_request_bytes), kReadOutPatience);
  exchange.respond({status, std::move(fields)}, body);
}

}  // namespace tollgate::gateway
