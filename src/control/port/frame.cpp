#include "control/port/frame.h"

#include "control/port/wire.h"

namespace tollgate::control {
namespace {

/// Stands for an instant that is not there.
constexpr double kNotSaid = -1;

bool is_instant(double ms) {
  constexpr double kMost = 253'402'300'799'999;  // 9999-12-31T23:59:59.999Z
  return ms >= 0 && ms <= kMost;
}

/// A count of things of which each takes at least a byte, so that no frame can ask for more memory than it has bytes.
std::uint32_t read_count(WireReader& wire, std::string_view frame) {
  const std::uint32_t count = wire.word();
  return count <= frame.size() ? count : 0;
}

}  // namespace

std::optional<Request> decode_request(std::string_view frame) {
  WireReader wire(frame);
  Request request;
  const std::uint32_t role = wire.word();
  const std::uint32_t entry = wire.word();
  if (role > 1 || entry > 1) return std::nullopt;
  request.role = static_cast<Role>(role);
  request.entry = static_cast<Entry>(entry);
  request.object = wire.text();
  request.method = wire.text();
  request.target = wire.text();
  for (std::uint32_t count = read_count(wire, frame); count > 0; --count) {
    const std::string_view name = wire.text();
    request.headers.push_back({name, wire.text()});
  }
  request.body = wire.text();
  const double now = wire.real();
  if (!is_instant(now)) return std::nullopt;
  request.now = {static_cast<std::int64_t>(now)};
  request.seed = wire.text();
  request.settings.admin_key = wire.text();
  request.settings.local = wire.word() == 1;
  for (std::uint32_t count = read_count(wire, frame); count > 0; --count) {
    const std::string_view question = wire.text();
    const std::uint32_t status = wire.word();
    request.answers.push_back({question, static_cast<std::int32_t>(status), wire.text()});
  }
  if (!wire.ok() || !wire.at_end() || request.seed.size() != kSeedBytes) return std::nullopt;
  return request;
}

std::string encode_response(const Response& response) {
  WireWriter wire;
  wire.word(static_cast<std::uint32_t>(response.status));
  wire.word(static_cast<std::uint32_t>(response.headers.size()));
  for (const auto& [name, value] : response.headers) {
    wire.text(name);
    wire.text(value);
  }
  wire.text(response.body);
  wire.word(static_cast<std::uint32_t>(response.needs.size()));
  for (const ObjectRequest& need : response.needs) {
    wire.text(need.question);
    wire.word(static_cast<std::uint32_t>(need.role));
    wire.text(need.object);
    wire.text(need.path);
    wire.text(need.body);
    wire.real(static_cast<double>(need.now.ms));
  }
  wire.word(static_cast<std::uint32_t>(response.work));
  wire.real(response.next_timers.has_value() ? static_cast<double>(response.next_timers->ms) : kNotSaid);
  wire.text(response.log);
  return wire.take();
}

std::string encode_request(const Request& request) {
  WireWriter wire;
  wire.word(static_cast<std::uint32_t>(request.role));
  wire.word(static_cast<std::uint32_t>(request.entry));
  wire.text(request.object);
  wire.text(request.method);
  wire.text(request.target);
  wire.word(static_cast<std::uint32_t>(request.headers.size()));
  for (const Header& header : request.headers) {
    wire.text(header.name);
    wire.text(header.value);
  }
  wire.text(request.body);
  wire.real(static_cast<double>(request.now.ms));
  wire.text(request.seed);
  wire.text(request.settings.admin_key);
  wire.word(request.settings.local ? 1 : 0);
  wire.word(static_cast<std::uint32_t>(request.answers.size()));
  for (const Answer& answer : request.answers) {
    wire.text(answer.question);
    wire.word(static_cast<std::uint32_t>(answer.status));
    wire.text(answer.body);
  }
  return wire.take();
}

std::optional<Response> decode_response(std::string_view frame) {
  WireReader wire(frame);
  Response response;
  response.status = static_cast<int>(wire.word());
  for (std::uint32_t count = read_count(wire, frame); count > 0; --count) {
    const std::string_view name = wire.text();
    response.headers.emplace_back(name, wire.text());
  }
  response.body = wire.text();
  for (std::uint32_t count = read_count(wire, frame); count > 0; --count) {
    ObjectRequest& need = response.needs.emplace_back();
    need.question = wire.text();
    need.role = static_cast<Role>(wire.word());
    for (std::string* field : {&need.object, &need.path, &need.body}) *field = wire.text();
    need.now = {static_cast<std::int64_t>(wire.real())};
  }
  response.work = static_cast<Work>(wire.word());
  if (const double at = wire.real(); is_instant(at)) response.next_timers = {static_cast<std::int64_t>(at)};
  response.log = wire.text();
  if (!wire.ok() || !wire.at_end()) return std::nullopt;
  return response;
}

}  // namespace tollgate::control
