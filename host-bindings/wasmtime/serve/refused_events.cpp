#include "host-bindings/wasmtime/serve/refused_events.h"

#include "base/limits.h"
#include "json/document.h"

#include <charconv>
#include <map>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

namespace tollgate::serve {
namespace {

std::string joined(int status, std::string_view text) {
  return (std::to_string(status) + ": ").append(text).substr(0, limits::kMaxDeadLetterReason);
}

/// An event of a batch as the control plane names it, `events[3].data.total`: its index, and what of it.
struct EventField {
  std::size_t index = 0;
  std::string_view part;
};

std::optional<EventField> event_field(std::string_view field) {
  constexpr std::string_view kBefore = "events[";
  if (!field.starts_with(kBefore)) return std::nullopt;
  field.remove_prefix(kBefore.size());
  EventField found;
  const std::size_t bracket = field.find(']');
  if (bracket == std::string_view::npos) return std::nullopt;
  const std::string digits(field.substr(0, bracket));
  const char* const end = digits.data() + digits.size();
  const auto [after, error] = std::from_chars(digits.data(), end, found.index);
  if (error != std::errc() || after != end) return std::nullopt;
  field.remove_prefix(bracket + 1);
  if (field.empty()) return EventField{found.index, "event"};
  if (!field.starts_with('.')) return std::nullopt;
  found.part = field.substr(1);
  return found;
}

/// What is wrong with each event that is named.
std::map<std::size_t, std::string> named_in(json::Value problem, std::size_t events) {
  std::map<std::size_t, std::string> named;
  const json::Value list = problem.member("invalidParameters");
  if (!list.is(json::Kind::array)) return named;
  for (const json::Value entry : list) {
    const json::Value field = entry.member("field");
    const json::Value message = entry.member("message");
    if (!field.is(json::Kind::string) || !message.is(json::Kind::string)) continue;
    const auto found = event_field(field.text());
    if (!found || found->index >= events) continue;
    std::string& faults = named[found->index];
    if (!faults.empty()) faults.append("; ");
    faults.append(found->part).append(" ").append(message.text());
  }
  return named;
}

std::vector<std::size_t> indices(std::size_t from, std::size_t to) {
  std::vector<std::size_t> all(to - from);
  std::iota(all.begin(), all.end(), from);
  return all;
}

}  // namespace

Sorted sort_refused(std::size_t events, int status, std::string_view answer) {
  json::Document document;
  const bool is_json = document.parse(answer).ok();
  Sorted sorted;
  const auto named = named_in(is_json ? document.root() : json::Value(), events);
  if (named.empty() && events > 1) {
    const std::size_t half = (events + 1) / 2;
    sorted.again = {indices(0, half), indices(half, events)};
    return sorted;
  }
  if (named.empty()) {
    sorted.refused.push_back({0, reason_of(status, answer)});
    return sorted;
  }
  for (const auto& [index, faults] : named) sorted.refused.push_back({index, joined(status, faults)});
  std::vector<std::size_t> rest;
  for (std::size_t i = 0; i < events; ++i) {
    if (!named.contains(i)) rest.push_back(i);
  }
  if (!rest.empty()) sorted.again.push_back(std::move(rest));
  return sorted;
}

std::string reason_of(int status, std::string_view answer) {
  json::Document document;
  const bool says = document.parse(answer).ok() && document.root().member("detail").is(json::Kind::string);
  return joined(status, says ? document.root().member("detail").text() : answer);
}

}  // namespace tollgate::serve
