#include "tests/conformance/edge_suite.h"

#include "json/text.h"
#include "json/writer.h"
#include "tests/conformance/fixed_instance.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

namespace tollgate::conformance {
namespace {

using EventMembers = std::map<std::string, std::string>;

/// What a step answered, in the terms of what a case expects.
struct Answer {
  bool allowed = false;
  std::uint32_t status = 0;
  std::string detail;
  std::string code;
  std::string headers;
};

/// What a step has in all, however often its request was made.
struct Sums {
  bool stale = false;
  std::map<std::string, Quantity> events;
  std::vector<EventMembers> cloud_events;
  std::uint32_t lookups = 0;
  std::uint32_t kv_reads = 0;
};

std::optional<std::uint32_t> retry_after(std::string_view headers) {
  constexpr std::string_view kName = "Retry-After: ";
  const std::size_t at = headers.find(kName);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view digits = headers.substr(at + kName.size());
  std::uint32_t seconds = 0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), seconds).ec != std::errc()) return std::nullopt;
  return seconds;
}

/// The parts of a decision that the case speaks of.
std::string written(const Answer& answer, const EdgeExpectation& expect) {
  json::Text text;
  json::Writer json(text);
  json.begin_object();
  json.member("allowed", answer.allowed);
  if (!answer.allowed) {
    json.member("status", static_cast<int>(answer.status));
    if (expect.detail) json.member("detail", std::string_view(answer.detail));
    if (expect.code) json.member("code", std::string_view(answer.code));
  }
  if (expect.retry_after) {
    const auto seconds = retry_after(answer.headers);
    const auto [least, most] = *expect.retry_after;
    json.key("retryAfter");
    if (!seconds)
      json.null();
    else if (*seconds >= least && *seconds <= most)
      json.value(std::string_view(std::to_string(least) + " to " + std::to_string(most)));
    else
      json.value(static_cast<int>(*seconds));
  }
  if (expect.headers) json.member("headers", std::string_view(answer.headers));
  json.end_object();
  return text.take();
}

/// The parts of the sums that the case speaks of; of each event, the members that it names.
std::string written(const Sums& sums, const EdgeExpectation& expect) {
  json::Text text;
  json::Writer json(text);
  json.begin_object();
  if (sums.stale) json.member("stale", true);
  json.key("events");
  json.begin_object();
  for (const auto& [meter, total] : sums.events) json.member(meter, total);
  json.end_object();
  if (expect.cloud_events) {
    json.key("cloudEvents");
    json.begin_array();
    for (std::size_t i = 0; i < sums.cloud_events.size(); ++i) {
      json.begin_object();
      for (const auto& [name, value] : sums.cloud_events[i]) {
        const bool named = i >= expect.cloud_events->size() || (*expect.cloud_events)[i].contains(name);
        if (named) json.raw_member(name, value);
      }
      json.end_object();
    }
    json.end_array();
  }
  if (expect.lookups) json.member("lookups", static_cast<int>(sums.lookups));
  if (expect.kv_reads) json.member("kvReads", static_cast<int>(sums.kv_reads));
  json.end_object();
  return text.take();
}

std::string expected_decision(const EdgeExpectation& expect) {
  Answer answer;
  answer.allowed = *expect.allowed;
  answer.status = expect.status;
  answer.detail = expect.detail.value_or("");
  answer.code = expect.code.value_or("");
  answer.headers = expect.headers.value_or("");
  if (expect.retry_after && !expect.headers) {
    answer.headers = "Retry-After: " + std::to_string(expect.retry_after->first) + "\n";
  }
  return written(answer, expect);
}

std::string expected_sums(const EdgeExpectation& expect) {
  return written(Sums{.stale = expect.stale,
                      .events = expect.events,
                      .cloud_events = expect.cloud_events.value_or(std::vector<EventMembers>()),
                      .lookups = expect.lookups.value_or(0),
                      .kv_reads = expect.kv_reads.value_or(0)},
                 expect);
}

/// Reads played steps. Whatever is amiss beyond the terms of an expectation is said instead.
class Reading {
 public:
  std::string decision(const PlayedStep& played, const EdgeExpectation& expect) {
    Answer answer;
    answer.allowed = played.allowed;
    answer.headers = played.headers;
    if (!played.allowed) {
      json::Document problem;
      if (!problem.parse(played.problem).ok() || !is_refusal(problem.root(), played.status)) {
        return std::to_string(played.status) + " with a body that is not as S2.3 says: " + played.problem;
      }
      answer.status = played.status;
      answer.detail = problem.root().member("detail").text();
      answer.code = problem.root().member("code").text();
    }
    return written(answer, expect);
  }

  std::string sums(const std::vector<const PlayedStep*>& times, const EdgeExpectation& expect) {
    Sums sums;
    for (const PlayedStep* const played : times) {
      sums.stale = sums.stale || played->stale;
      sums.lookups += played->lookups;
      sums.kv_reads += played->kv_reads;
      for (const std::string& batch : played->batches) {
        if (!add_events(batch, sums)) return "a batch that is not as S3.1 says: " + batch;
      }
    }
    return written(sums, expect);
  }

 private:
  static bool is_refusal(json::Value body, std::uint32_t status) {
    const std::string number = std::to_string(status);
    return body.member("status").text() == number && !body.member("code").text().empty() &&
           body.member("type").text() == "https://httpproblems.com/http-status/" + number;
  }

  bool add_events(const std::string& batch, Sums& sums) {
    json::Document document;
    if (!document.parse(batch).ok() || document.root().size() == 0) return false;
    for (const json::Value event : document.root()) {
      const auto total = Quantity::parse(event.member("data").member("total").text());
      const std::string id(event.member("id").text());
      const std::string text = json::compact(event);
      // M1: a second try has the same id and says the same; nothing else has that id.
      const bool same = events_.try_emplace(id, text).first->second == text;
      const bool own = id.starts_with(std::string(kInstanceName) + "-");
      if (!total.ok() || !same || !own || event.member("specversion").text() != "1.0") return false;
      Quantity& sum = sums.events[std::string(event.member("type").text())];
      sum = sum.plus(*total);
      EventMembers& members = sums.cloud_events.emplace_back();
      for (const json::Value member : event) members.emplace(member.name(), json::compact(member));
    }
    return true;
  }

  EventMembers events_;  ///< id → text
};

}  // namespace

PlayedEdgeCase play(const EdgeCase& edge_case, std::size_t index, const host::MakeEdge& make_edge) {
  PlayedEdgeCase played;
  const auto edge = make_edge();
  if (!edge.ok()) {
    played.failure = edge.error();
    return played;
  }
  try {
    EdgePlayer player(edge_case, index, **edge);
    player.start();
    for (std::size_t i = 0; i < edge_case.steps.size(); ++i) {
      for (PlayedStep& step : player.play(i)) played.steps.push_back(std::move(step));
    }
  } catch (const std::string& failure) {
    played.failure = failure;
  }
  return played;
}

Verdict judge(const EdgeCase& edge_case, std::size_t, const PlayedEdgeCase& played) {
  Reading reading;
  auto next = played.steps.begin();
  for (std::size_t i = 0; i < edge_case.steps.size(); ++i) {
    const EdgeExpectation& expect = edge_case.steps[i].expect;
    const std::string which = "for step " + std::to_string(i) + " ";
    std::vector<const PlayedStep*> times;
    for (; next != played.steps.end() && next->step == i; ++next) {
      times.push_back(&*next);
      if (!next->is_request) continue;
      const std::string expected = expected_decision(expect);
      const std::string got = reading.decision(*next, expect);
      if (got != expected) return Difference{which + "time " + std::to_string(times.size()) + " " + expected, got};
    }
    if (times.empty()) continue;
    const std::string expected = expected_sums(expect);
    const std::string got = reading.sums(times, expect);
    if (got != expected) return Difference{which + expected, got};
  }
  if (!played.failure.empty()) return Difference{"a case that can be played to its end", played.failure};
  return std::nullopt;
}

std::string transcript(const std::string& suite, std::size_t index, const PlayedEdgeCase& played) {
  const std::string where = suite + "/" + std::to_string(index);
  std::string lines;
  for (const PlayedStep& step : played.steps) {
    lines += where + "/" + std::to_string(step.step);
    if (!step.is_request) {
      lines += step.stale ? "\tstale" : "\tdone";
    } else {
      std::string headers = step.headers;
      std::replace(headers.begin(), headers.end(), '\n', '|');
      lines += step.allowed ? "\tallowed" : "\tdenied\t" + std::to_string(step.status) + "\t" + step.problem;
      lines += "\t" + std::to_string(step.kv_reads) + "/" + std::to_string(step.lookups) + "\t" + headers;
    }
    for (const std::string& batch : step.batches) lines += "\t" + batch;
    lines += "\n";
  }
  if (!played.failure.empty()) lines += where + "\tfailed\n";
  return lines;
}

}  // namespace tollgate::conformance
