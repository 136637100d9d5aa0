#include "gateway/refused_events.h"

#include "base/limits.h"
#include "base/text.h"
#include "json/scanned_document.h"

#include <algorithm>
#include <optional>

namespace tollgate::gateway {
namespace {

constexpr std::size_t kMostIndexDigits = 6;

std::string joined(int status, std::string_view text) {
  std::string reason;
  append_number(reason, static_cast<std::uint64_t>(status));
  reason.append(": ").append(text);
  std::size_t size = std::min(reason.size(), limits::kMaxDeadLetterReason);
  // Not in the middle of a character.
  while (size < reason.size() && (static_cast<unsigned char>(reason[size]) & 0xc0U) == 0x80U) --size;
  reason.resize(size);
  return reason;
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
  const std::string_view digits = field.substr(0, field.find(']'));
  if (digits.size() == field.size() || digits.empty() || digits.size() > kMostIndexDigits) return std::nullopt;
  EventField found;
  for (const char c : digits) {
    if (!is_digit(c)) return std::nullopt;
    found.index = found.index * 10 + static_cast<std::size_t>(c - '0');
  }
  field.remove_prefix(digits.size() + 1);
  found.part = field.empty() ? "event" : field.substr(1);
  return field.empty() || field.front() == '.' ? std::optional(found) : std::nullopt;
}

/// What is wrong with each event; empty for those that are not named.
std::vector<std::string> faults_of(json::Value problem, std::size_t events) {
  std::vector<std::string> faults(events);
  const json::Value list = problem.member("invalidParameters");
  if (!list.is(json::Kind::array)) return faults;
  for (const json::Value entry : list) {
    const json::Value field = entry.member("field");
    const json::Value message = entry.member("message");
    if (!field.is(json::Kind::string) || !message.is(json::Kind::string)) continue;
    const auto found = event_field(field.text());
    if (!found || found->index >= events) continue;
    std::string& text = faults[found->index];
    if (!text.empty()) text.append("; ");
    text.append(found->part).append(" ").append(message.text());
  }
  return faults;
}

/// The detail of a problem, else the answer itself.
std::string_view said_by(json::Value problem, std::string_view answer) {
  const json::Value detail = problem.member("detail");
  return detail.is(json::Kind::string) ? detail.text() : answer;
}

}  // namespace

SortedBatch sort_refused(std::size_t events, int status, std::string_view answer) {
  json::ScannedDocument document;
  static_cast<void>(document.parse(answer).ok());
  SortedBatch sorted;
  const std::vector<std::string> faults = faults_of(document.root(), events);
  for (std::size_t i = 0; i < events; ++i) {
    if (faults[i].empty()) {
      sorted.again.push_back(i);
    } else {
      sorted.refused.push_back({i, joined(status, faults[i])});
    }
  }
  sorted.first_size = sorted.again.size();
  if (!sorted.refused.empty()) return sorted;
  sorted.first_size = (events + 1) / 2;
  if (events > 1) return sorted;
  sorted.again.clear();
  sorted.first_size = 0;
  sorted.refused.push_back({0, joined(status, said_by(document.root(), answer))});
  return sorted;
}

std::string reason_of(int status, std::string_view answer) {
  json::ScannedDocument document;
  static_cast<void>(document.parse(answer).ok());
  return joined(status, said_by(document.root(), answer));
}

}  // namespace tollgate::gateway
