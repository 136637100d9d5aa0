// The exports of the gateway module: each checks, decodes, calls and encodes. wasm/ABI.md is the manual.

#include "base/limits.h"
#include "base/text.h"
#include "gateway/cors.h"
#include "gateway/fields.h"
#include "gateway/problem.h"
#include "gateway/refused_events.h"
#include "gateway/response_meters.h"
#include "gateway/table.h"
#include "json/text.h"
#include "json/writer.h"
#include "wasm/gateway_abi.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace tollgate;
using namespace tollgate::gateway;

constexpr std::int32_t kRefused = -1;
constexpr std::int32_t kPreflightStatus = 204;
/// A handle is a place and how often that was used.
constexpr std::uint32_t kPlaces = limits::kMaxReadings + 1;
constexpr std::uint32_t kUses = (1U << 31) / kPlaces;

struct Reading {
  std::unique_ptr<ResponseReader> reader;  ///< null: the place is free
  std::uint32_t uses = 0;
};

/// What an instance keeps between calls. Made on first use: a module has no start function.
struct Instance {
  std::string input;
  std::string output;
  Routes routes;
  std::optional<Router> router;
  std::array<Reading, limits::kMaxReadings> readings;

  const Route* route(std::uint32_t index) const {
    return index < routes.routes.size() ? &routes.routes[index] : nullptr;
  }
  Reading* reading(std::uint32_t handle) {
    const std::uint32_t place = handle % kPlaces;
    if (place == readings.size() || readings[place].reader == nullptr) return nullptr;
    return readings[place].uses == handle / kPlaces ? &readings[place] : nullptr;
  }
};

Instance& instance() {
  static Instance* const made = new Instance;
  return *made;
}

/// A question, line by line.
class Question {
 public:
  explicit Question(std::uint32_t length) : rest_(std::string_view(instance().input).substr(0, length)) {}

  bool ended() const { return rest_.empty(); }
  std::string_view line() { return take_part(rest_, '\n'); }
  /// 0 for what is no number.
  std::int64_t number() {
    std::int64_t number = 0;
    for (const char c : line().substr(0, 15)) {
      if (!is_digit(c)) return 0;
      number = number * 10 + (c - '0');
    }
    return number;
  }
  /// All lines that are left, as `name: value`.
  std::vector<FieldLine> fields() {
    std::vector<FieldLine> lines;
    while (!ended()) {
      std::string_view text = line();
      const std::string_view name = take_part(text, ':');
      lines.push_back({name, trim(text)});
    }
    return lines;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

std::int32_t answer(std::int32_t result, std::string text) {
  instance().output = std::move(text);
  return result;
}

std::int32_t answer(const FieldEdits& edits) { return answer(static_cast<std::int32_t>(edits.size()), edits.text()); }

/// The code of a problem, and its subject on a line of its own.
std::int32_t refuse(GatewayProblem problem, const std::string& subject = {}) {
  return answer(kRefused, std::string(text_of(problem).code) + "\n" + subject);
}

std::string reading_text(const MeterReading& reading) {
  json::Text text;
  json::Writer json(text);
  json.begin_object();
  json.member("meters", std::string_view(reading.state()));
  json.key("faults");
  json.begin_array();
  for (const MeterFinding& finding : reading.findings) {
    if (finding.fault.empty()) continue;
    json.begin_object();
    json.member("meter", std::string_view(finding.meter->meter));
    json.member("reason", finding.fault);
    json.end_object();
  }
  json.end_array();
  json.member("refused", reading.is_refused);
  json.end_object();
  return text.take();
}

std::string sorted_text(const SortedBatch& sorted) {
  json::Text text;
  json::Writer json(text);
  json.begin_object();
  json.key("refused");
  json.begin_array();
  for (const RefusedEvent& event : sorted.refused) {
    json.begin_object();
    json.member("index", static_cast<std::int64_t>(event.index));
    json.member("reason", std::string_view(event.reason));
    json.end_object();
  }
  json.end_array();
  json.key("again");
  json.begin_array();
  for (std::size_t i = 0; i < sorted.again.size(); ++i) {
    if (i == 0 || i == sorted.first_size) json.begin_array();
    json.value(static_cast<std::int64_t>(sorted.again[i]));
    if (i + 1 == sorted.first_size || i + 1 == sorted.again.size()) json.end_array();
  }
  json.end_array();
  json.end_object();
  return text.take();
}

}  // namespace

extern "C" {

std::uint32_t tgg_abi_version() { return 1; }

char* tgg_input(std::uint32_t length) {
  if (length > limits::kMaxGatewayText) return nullptr;
  instance().input.resize(length);
  return instance().input.data();
}

const char* tgg_output() { return instance().output.data(); }

std::uint32_t tgg_output_length() { return static_cast<std::uint32_t>(instance().output.size()); }

std::int32_t tgg_configure(std::uint32_t policies_length, std::uint32_t length) {
  const std::string_view text = Question(length).rest();
  const std::size_t before = std::min<std::size_t>(policies_length, text.size());
  const auto policies = read_known_policies(text.substr(0, before));
  if (!policies.ok()) return answer(kRefused, policies.error());
  auto routes = read_routes(text.substr(before), *policies);
  if (!routes.ok()) return answer(kRefused, routes.error());
  Instance& self = instance();
  for (Reading& reading : self.readings) reading.reader.reset();
  self.routes = std::move(*routes);
  self.router.emplace(self.routes);
  return answer(static_cast<std::int32_t>(self.routes.routes.size()), table_text(self.routes));
}

std::int32_t tgg_match(std::uint32_t, std::uint32_t length) {
  const Instance& self = instance();
  const std::string_view text = Question(length).rest();
  const std::size_t blank = std::min(text.find(' '), text.size());
  if (!self.router) return refuse(GatewayProblem::route_not_found);
  const Match match = self.router->match(text.substr(0, blank), text.substr(std::min(blank + 1, text.size())));
  if (match.outcome != Match::Outcome::route) return refuse(problem_of(match.outcome), match.allow);
  return answer(static_cast<std::int32_t>(match.route - self.routes.routes.data()), match.path);
}

std::int32_t tgg_preflight(std::uint32_t, std::uint32_t length) {
  const Instance& self = instance();
  Question question(length);
  Preflight asked;
  asked.path = question.line();
  asked.origin = question.line();
  asked.method = question.line();
  asked.headers = question.line();
  const auto fields = self.router ? answer_preflight(self.routes, *self.router, asked) : std::nullopt;
  return fields ? answer(kPreflightStatus, fields->text()) : answer(kRefused, {});
}

std::int32_t tgg_request_fields(std::uint32_t route, std::uint32_t length) {
  const Route* const known = instance().route(route);
  if (known == nullptr) return answer(kRefused, {});
  Question question(length);
  const std::string_view connection = question.line();
  std::vector<std::string_view> names;
  while (!question.ended()) names.push_back(question.line());
  return answer(request_fields(*known, connection, names));
}

std::int32_t tgg_own_fields(std::uint32_t route, std::uint32_t length) {
  const Route* const known = instance().route(route);
  if (known == nullptr) return answer(kRefused, {});
  Question question(length);
  Caller caller;
  caller.host = question.line();
  caller.scheme = question.line();
  caller.address = question.line();
  caller.consumer = question.line();
  caller.subscription = question.line();
  return answer(own_fields(*known, caller));
}

std::int32_t tgg_response_fields(std::uint32_t route, std::uint32_t length) {
  const Route* const known = instance().route(route);
  if (known == nullptr) return answer(kRefused, {});
  Question question(length);
  const std::string_view origin = question.line();
  return answer(response_fields(instance().routes, *known, origin, question.fields()));
}

std::int32_t tgg_cors_fields(std::uint32_t route, std::uint32_t length) {
  FieldEdits edits;
  add_cors_fields(instance().routes.cors_of(instance().route(route)), Question(length).line(), edits);
  return answer(edits);
}

std::int32_t tgg_problem(std::uint32_t, std::uint32_t length) {
  Question question(length);
  const auto problem = gateway_problem(question.line());
  if (!problem) return answer(kRefused, {});
  const std::string_view subject = question.line();
  ProblemTrace trace;
  trace.now = {std::min(question.number(), kLastInstant.ms)};
  trace.request_id = question.line();
  trace.build_id = question.line();
  trace.instance = question.line();
  const ProblemAnswer made = answer_problem(*problem, subject, trace);
  return answer(made.status, made.fields.text() + "\n" + made.body);
}

std::int32_t tgg_begin_reading(std::uint32_t route, std::uint32_t length) {
  Instance& self = instance();
  const Route* const known = self.route(route);
  std::uint32_t place = 0;
  while (place < self.readings.size() && self.readings[place].reader != nullptr) ++place;
  if (known == nullptr || place == self.readings.size()) return answer(kRefused, {});
  Question question(length);
  const auto status = static_cast<int>(question.number());
  Reading& reading = self.readings[place];
  reading.uses = (reading.uses + 1) % kUses;
  reading.reader = std::make_unique<ResponseReader>(*known, status, question.fields());
  const char* const wanted = reading.reader->wants_body() ? "body" : "";
  return answer(static_cast<std::int32_t>(reading.uses * kPlaces + place),
                reading.reader->is_refused() ? "refused" : wanted);
}

std::int32_t tgg_feed(std::uint32_t reading, std::uint32_t length) {
  Reading* const known = instance().reading(reading);
  if (known == nullptr) return answer(kRefused, {});
  known->reader->feed(Question(length).rest());
  return answer(known->reader->wants_body() ? 1 : 0, {});
}

std::int32_t tgg_end_reading(std::uint32_t reading, std::uint32_t length) {
  Reading* const known = instance().reading(reading);
  if (known == nullptr) return answer(kRefused, {});
  const MeterReading read = known->reader->end(Question(length).line() == "whole");
  known->reader.reset();
  return answer(0, reading_text(read));
}

std::int32_t tgg_sort_refused(std::uint32_t status, std::uint32_t length) {
  Question question(length);
  const auto events = static_cast<std::size_t>(std::min<std::int64_t>(question.number(), limits::kMaxIngestEvents));
  return answer(0, sorted_text(sort_refused(events, static_cast<int>(status), question.rest())));
}

}  // extern "C"
