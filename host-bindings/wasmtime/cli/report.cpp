#include "host-bindings/wasmtime/cli/report.h"

#include "calendar/instant.h"
#include "json/document.h"
#include "json/text.h"
#include "json/writer.h"

#include <algorithm>

namespace tollgate::cli {
namespace {

constexpr std::size_t kNumberWidth = 4;
constexpr std::size_t kNameWidth = 46;

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

/// A word in a colour of ANSI: 32 green, 31 red, 2 faint.
std::string marked(std::string_view word, int colour_code, bool colour) {
  const std::string text(word);
  return colour ? "\x1b[" + std::to_string(colour_code) + "m" + text + "\x1b[0m" : text;
}

std::string check_line(json::Value check, bool colour) {
  const json::Value passed = check.member("passed");
  const std::string mark = !passed.is(json::Kind::boolean) ? marked("-     ", 2, colour)
                           : passed.truth()                ? marked("ok    ", 32, colour)
                                                           : marked("FAILED", 31, colour);
  std::string line = "  " + mark + "  " + padded(std::string(check.member("check").text()), kNumberWidth);
  const std::string_view detail = check.member("detail").text();
  line += detail.empty() ? std::string(check.member("name").text())
                         : padded(std::string(check.member("name").text()), kNameWidth) + std::string(detail);
  return line + "\n";
}

std::string events_text(const Rehearsal& rehearsal, const RehearsedRequest& request) {
  if (!rehearsal.allowed) return "";
  json::Document events;
  TOLLGATE_ASSERT(events.parse(rehearsal.events).ok());  // the module's own JSON
  std::string text = "events for status " + std::to_string(request.status) + ":\n";
  if (events.root().size() == 0) return text + "  none\n";
  for (const json::Value event : events.root()) text += "  " + json::compact(event) + "\n";
  return text;
}

}  // namespace

std::string report_text(const Rehearsal& rehearsal, const RehearsedRequest& request, bool colour) {
  char now[kInstantText];
  const std::size_t length = write_instant({static_cast<std::int64_t>(request.now_ms)}, now);
  std::string text =
      "policy   " + rehearsal.policy + "\nrequest  " + request.path + " at " + std::string(now, length) + "\n\n";
  json::Document checks;
  TOLLGATE_ASSERT(checks.parse(rehearsal.checks).ok());
  for (const json::Value check : checks.root()) text += check_line(check, colour);
  text += "\n";
  if (rehearsal.allowed) {
    text += marked("ALLOWED", 32, colour) + "\n";
  } else {
    json::Document problem;
    TOLLGATE_ASSERT(problem.parse(rehearsal.problem).ok());
    text += marked("DENIED", 31, colour) + " " + std::string(problem.root().member("status").text()) + " " +
            std::string(problem.root().member("code").text()) + "\n" + rehearsal.problem + "\n";
  }
  text += events_text(rehearsal, request);
  text += "fuel: " + std::to_string(rehearsal.cold_fuel) + " with nothing cached, " +
          std::to_string(rehearsal.warm_fuel) + " with the key cached\n";
  return text;
}

std::string report_json(const Rehearsal& rehearsal) {
  json::Text text;
  json::Writer json(text);
  json.begin_object();
  json.member("policy", std::string_view(rehearsal.policy));
  json.member("allowed", rehearsal.allowed);
  json.raw_member("checks", rehearsal.checks);
  if (!rehearsal.allowed) json.raw_member("problem", rehearsal.problem);
  json.raw_member("events", rehearsal.events);
  json.key("fuel");
  json.begin_object();
  json.member("cold", static_cast<std::int64_t>(rehearsal.cold_fuel));
  json.member("warm", static_cast<std::int64_t>(rehearsal.warm_fuel));
  json.end_object();
  json.end_object();
  return text.take() + "\n";
}

}  // namespace tollgate::cli
