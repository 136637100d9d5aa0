#include "tests/conformance/gateway_suite.h"

#include "base/text.h"
#include "calendar/instant.h"

#include <algorithm>
#include <iterator>
#include <limits>

namespace tollgate::conformance {
namespace {

using host::GatewayAnswer;
using host::GatewayQuestion;
/// An answer as JSON, in the form in which it is expected.
using Got = Result<std::string, host::Trap>;
using Json = json::Writer<json::Text>;

/// A body is fed in pieces of so many bytes, which must not make a difference.
constexpr std::size_t kPieces[] = {std::numeric_limits<std::size_t>::max(), 1, 7};
constexpr std::uint32_t kNoRoute = std::numeric_limits<std::uint32_t>::max();

/// A configured instance.
struct Asked {
  host::GatewayInstance& gateway;
  json::Value table;

  std::uint32_t route(json::Value path) const {
    std::uint32_t index = 0;
    for (const json::Value route : table.member("routes")) {
      if (route.member("path").text() == path.text()) return index;
      ++index;
    }
    return kNoRoute;
  }
};

std::string lines_of(json::Value list) {
  std::string text;
  for (const json::Value line : list) text.append(text.empty() ? "" : "\n").append(line.text());
  return text;
}

std::string member_lines(json::Value object, std::initializer_list<std::string_view> names) {
  std::string text;
  for (const std::string_view name : names) text.append(object.member(name).text()).append("\n");
  text.pop_back();
  return text;
}

void write_lines(Json& to, std::string_view lines) {
  to.begin_array();
  while (!lines.empty()) to.value(take_part(lines, '\n'));
  to.end_array();
}

Got lines(const host::GatewayInstance::Answer& answer) {
  if (!answer.ok()) return fail(answer.error());
  json::Text text;
  Json to(text);
  if (answer->result < 0) {
    to.value("no preflight");
  } else {
    write_lines(to, answer->text);
  }
  return text.take();
}

Got ask_match(Asked& asked, json::Value ask) {
  const std::string question = std::string(ask.member("method").text()) + " " + std::string(ask.member("path").text());
  const auto answer = asked.gateway.ask(GatewayQuestion::match, 0, question);
  if (!answer.ok()) return fail(answer.error());
  json::Text text;
  Json to(text);
  to.begin_object();
  if (answer->result >= 0) {
    const auto route = static_cast<std::size_t>(answer->result);
    to.member("route", asked.table.member("routes").element(route).member("path").text());
    to.member("sent", std::string_view(answer->text));
  } else {
    std::string_view rest = answer->text;
    to.member("problem", take_part(rest, '\n'));
    if (!rest.empty()) to.member("subject", rest);
  }
  to.end_object();
  return text.take();
}

Got ask_request_fields(Asked& asked, json::Value ask) {
  const std::uint32_t route = asked.route(ask.member("route"));
  const json::Value caller = ask.member("caller");
  if (!caller.absent()) {
    const std::string who = member_lines(caller, {"host", "scheme", "address", "consumer", "subscription"});
    return lines(asked.gateway.ask(GatewayQuestion::own_fields, route, who));
  }
  const std::string text = std::string(ask.member("connection").text()) + "\n" + lines_of(ask.member("names"));
  return lines(asked.gateway.ask(GatewayQuestion::request_fields, route, text));
}

Got ask_response_fields(Asked& asked, json::Value ask) {
  const std::string text = std::string(ask.member("origin").text()) + "\n" + lines_of(ask.member("fields"));
  return lines(asked.gateway.ask(GatewayQuestion::response_fields, asked.route(ask.member("route")), text));
}

Got ask_cors(Asked& asked, json::Value ask) {
  const json::Value preflight = ask.member("preflight");
  if (!preflight.absent()) {
    const std::string question = member_lines(preflight, {"path", "origin", "method", "headers"});
    return lines(asked.gateway.ask(GatewayQuestion::preflight, 0, question));
  }
  const json::Value route = ask.member("route");
  return lines(asked.gateway.ask(GatewayQuestion::cors_fields, route.absent() ? kNoRoute : asked.route(route),
                                 ask.member("origin").text()));
}

/// `{"tokens":{"value":3,"replaces":false}}` as `{"tokens":"3"}`.
void write_amounts(Json& to, std::string_view state) {
  json::Document document;
  to.begin_object();
  if (!state.empty() && document.parse(state).ok()) {
    for (const json::Value meter : document.root()) to.member(meter.name(), meter.member("value").text());
  }
  to.end_object();
}

std::string reading_text(json::Value reading, bool is_early) {
  json::Text text;
  Json to(text);
  to.begin_object();
  to.key("meters");
  write_amounts(to, reading.member("meters").text());
  if (reading.member("faults").size() > 0) {
    to.key("faults");
    to.begin_object();
    for (const json::Value fault : reading.member("faults")) {
      to.member(fault.member("meter").text(), fault.member("reason").text());
    }
    to.end_object();
  }
  if (reading.member("refused").truth()) to.member("refused", true);
  if (is_early) to.member("refusedEarly", true);
  to.end_object();
  return text.take();
}

Got read_response(Asked& asked, json::Value ask, std::size_t piece) {
  const std::string head = std::string(ask.member("status").text()) + "\n" + lines_of(ask.member("fields"));
  const auto begun = asked.gateway.ask(GatewayQuestion::begin_reading, asked.route(ask.member("route")), head);
  if (!begun.ok()) return fail(begun.error());
  const auto handle = static_cast<std::uint32_t>(begun->result);
  std::string_view body = ask.member("body").text();
  bool wants_body = begun->text == "body";
  while (wants_body && !body.empty()) {
    const auto fed = asked.gateway.ask(GatewayQuestion::feed, handle, body.substr(0, piece));
    if (!fed.ok()) return fail(fed.error());
    wants_body = fed->result == 1;
    body.remove_prefix(std::min(piece, body.size()));
  }
  const auto end = asked.gateway.ask(GatewayQuestion::end_reading, handle, ask.member("cut").truth() ? "cut" : "whole");
  if (!end.ok()) return fail(end.error());
  json::Document document;
  if (!document.parse(end->text).ok()) return std::string("\"no JSON\"");
  return reading_text(document.root(), begun->text == "refused");
}

Got ask_meters(Asked& asked, json::Value ask) {
  const Got whole = read_response(asked, ask, kPieces[0]);
  for (const std::size_t piece : kPieces) {
    const Got cut = read_response(asked, ask, piece);
    if (!whole.ok() || !cut.ok()) return cut.ok() ? whole : cut;
    if (*cut != *whole) return "[" + *whole + "," + *cut + "]";
  }
  return whole;
}

Got ask_problem(Asked& asked, json::Value ask) {
  const auto now = parse_instant(ask.member("now").text());
  const std::string question = member_lines(ask, {"code", "subject"}) + "\n" + std::to_string(now.ok() ? now->ms : 0) +
                               "\n" + member_lines(ask, {"requestId", "buildId", "instance"});
  const auto answer = asked.gateway.ask(GatewayQuestion::problem, 0, question);
  if (!answer.ok()) return fail(answer.error());
  const std::size_t end = answer->text.find("\n\n");
  json::Text text;
  Json to(text);
  to.begin_object();
  to.member("status", static_cast<std::int64_t>(answer->result));
  to.key("fields");
  write_lines(to, std::string_view(answer->text).substr(0, end));
  to.raw_member("body", end == std::string::npos ? "null" : std::string_view(answer->text).substr(end + 2));
  to.end_object();
  return text.take();
}

Got ask_refused_events(Asked& asked, json::Value ask) {
  const json::Value said = ask.member("answer");
  std::string question = std::string(ask.member("events").text()) + "\n";
  question.append(said.is(json::Kind::string) ? std::string(said.text()) : json::compact(said));
  const auto status = static_cast<std::uint32_t>(std::stoul(std::string(ask.member("status").text())));
  const auto answer = asked.gateway.ask(GatewayQuestion::sort_refused, status, question);
  if (!answer.ok()) return fail(answer.error());
  return answer->text;
}

struct Kind {
  std::string_view name;
  Got (*ask)(Asked& asked, json::Value ask);
};

constexpr Kind kKinds[] = {
    {"match", ask_match},
    {"request-fields", ask_request_fields},
    {"response-fields", ask_response_fields},
    {"cors", ask_cors},
    {"meters", ask_meters},
    {"problem", ask_problem},
    {"refused-events", ask_refused_events},
};

/// Whether all that is expected is there; an object may have more members.
bool covers(json::Value expected, json::Value got) {
  if (expected.kind() != got.kind() || got.absent()) return false;
  if (expected.is(json::Kind::array)) {
    if (expected.size() != got.size()) return false;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      if (!covers(expected.element(i), got.element(i))) return false;
    }
    return true;
  }
  if (!expected.is(json::Kind::object)) return expected.text() == got.text();
  for (const json::Value member : expected) {
    if (!covers(member, got.member(member.name()))) return false;
  }
  return true;
}

void play_asks(const GatewayCase& one, Asked& asked, const std::string& line, GatewayPlay& played) {
  const auto* const kind =
      std::find_if(std::begin(kKinds), std::end(kKinds), [&](const Kind& known) { return known.name == one.kind; });
  for (const json::Value ask : one.asks) {
    const Got got = kind->ask(asked, ask);
    const std::string text = got.ok() ? *got : "\"a trap: " + got.error().message + "\"";
    played.transcript += line + "answered\t" + text + "\n";
    json::Document document;
    const bool is_json = document.parse(text).ok();
    const json::Value expect = ask.member("expect");
    if (is_json && covers(expect, document.root()) && covers(document.root(), expect)) continue;
    if (!played.verdict) played.verdict = Difference{json::compact(expect), text};
  }
}

}  // namespace

GatewayPlay play(const GatewayCase& one, std::size_t index, host::GatewayInstance& gateway) {
  GatewayPlay played;
  const std::string line = "gateway/" + std::to_string(index) + "\t";
  const auto answer = gateway.ask(GatewayQuestion::configure, static_cast<std::uint32_t>(one.policies.size()),
                                  one.policies + one.routes);
  if (!answer.ok()) {
    played.verdict = Difference{"an answer", "a trap: " + answer.error().message};
    return played;
  }
  json::Document table;
  const bool is_refused = answer->result < 0 || !table.parse(answer->text).ok();
  if (one.kind == "routes") {
    played.transcript = line + (is_refused ? "refused\t" : "answered\t") + answer->text + "\n";
    const json::Value refused = one.expect.member("refused");
    const bool is_right =
        is_refused ? refused.text() == answer->text : covers(one.expect.member("table"), table.root());
    if (!is_right) played.verdict = Difference{json::compact(one.expect), answer->text};
  } else if (is_refused) {
    played.verdict = Difference{"a configuration", answer->text};
  } else {
    Asked asked{gateway, table.root()};
    play_asks(one, asked, line, played);
  }
  return played;
}

}  // namespace tollgate::conformance
