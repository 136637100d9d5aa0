#include "tests/conformance/policy_suite.h"

#include "host-bindings/common/gate.h"
#include "json/text.h"
#include "json/writer.h"
#include "tests/conformance/case_source.h"
#include "tests/conformance/fixed_instance.h"

#include <set>
#include <utility>

namespace tollgate::conformance {
namespace {

constexpr std::uint32_t kForbidden = 403;

/// Serves an allowed request: meters are changed, then the response ends.
void serve(host::Gate& gate, const CaseRequest& request, host::Ticket ticket) {
  std::string state;
  for (const MeterChange& change : request.changes) {
    auto changed = change.replaces ? gate.set_meters(state, change.meters) : gate.add_meters(state, change.meters);
    if (changed.ok()) state = std::move(*changed);  // else it is an error to the caller and changes nothing (S2.6)
  }
  // The state is the module's own, so only a bug makes this fail; it then shows as a missing event.
  static_cast<void>(gate.finish(ticket, request.status, state).ok());
}

PlayedRequest play_request(host::Gate& gate, const CaseRequest& request, const std::string& id) {
  const auto credential = request.header(gate.policies().front().auth_header);
  host::Request asked{.path = request.path, .id = id, .now_ms = request.now_ms};
  if (credential) asked.credential = *credential;
  host::Decision decision = gate.check(asked);
  PlayedRequest played{.allowed = decision.allowed, .status = decision.status, .problem = decision.problem};
  if (decision.allowed) serve(gate, request, decision.ticket);
  gate.drain([&](const host::EventBatch& batch) {
    played.batches.emplace_back(batch.body);
    return true;
  });
  return played;
}

std::string written(const ExpectedAnswer& answer) {
  json::Text text;
  json::Writer json(text);
  json.begin_object();
  json.member("allowed", answer.allowed);
  if (!answer.allowed) json.member("detail", std::string_view(answer.detail));
  if (!answer.events.empty()) {
    json.key("events");
    json.begin_object();
    for (const auto& [meter, total] : answer.events) json.member(meter, total);
    json.end_object();
  }
  json.end_object();
  return text.take();
}

/// Reads played requests in the terms of what a case expects. Whatever is amiss beyond these terms is said instead.
class Reading {
 public:
  Reading(const PolicyCase& policy_case, std::size_t case_index) : case_(policy_case), case_index_(case_index) {}

  std::string answer(const PlayedRequest& played, std::size_t index) {
    ExpectedAnswer answer{.allowed = played.allowed};
    for (const std::string& batch : played.batches) {
      if (!add_events(batch, answer)) return "a batch that is not as S3.1 says: " + batch;
    }
    if (!played.allowed) {
      json::Document problem;
      if (!problem.parse(played.problem).ok() || !is_refusal(problem.root(), played, index)) {
        return std::to_string(played.status) + " with a body that is not as S2.3 says: " + played.problem;
      }
      answer.detail = problem.root().member("detail").text();
    }
    return written(answer);
  }

 private:
  bool add_events(const std::string& batch, ExpectedAnswer& answer) {
    json::Document document;
    if (!document.parse(batch).ok() || document.root().size() == 0) return false;
    for (const json::Value event : document.root()) {
      const std::string meter(event.member("type").text());
      const auto total = Quantity::parse(event.member("data").member("total").text());
      const bool is_new = ids_.insert(std::string(event.member("id").text())).second;
      if (!total.ok() || !is_new || event.member("specversion").text() != "1.0") return false;
      Quantity& sum = answer.events[meter];
      sum = sum.plus(*total);
    }
    return true;
  }

  bool is_refusal(json::Value body, const PlayedRequest& played, std::size_t index) const {
    const json::Value trace = body.member("trace");
    const auto timestamp = parse_instant(trace.member("timestamp").text());
    return played.status == kForbidden && body.member("status").text() == "403" &&
           body.member("type").text() == "https://httpproblems.com/http-status/403" &&
           body.member("title").text() == "Forbidden" && !body.member("code").text().empty() &&
           body.member("instance").text() == case_.requests[index].path &&
           trace.member("requestId").text() == request_id(case_index_, index) &&
           trace.member("buildId").text() == kBuildId && timestamp.ok() &&
           static_cast<double>(timestamp->ms) == case_.requests[index].now_ms;
  }

  const PolicyCase& case_;
  std::size_t case_index_;
  std::set<std::string> ids_;
};

}  // namespace

PlayedCase play(const PolicyCase& policy_case, std::size_t index, const host::MakeEdge& make_edge) {
  CaseSource source(policy_case.keys);
  PlayedCase played;
  auto gate = host::Gate::open(make_edge, fixed_seed, source,
                               {.policies = policies_json(policy_case),
                                .key_format = policy_case.checks_key_format ? TG_KEY_TGK : TG_KEY_ANY,
                                .build_id = kBuildId});
  if (!gate.ok()) {
    played.config_error = gate.error();
    return played;
  }
  for (const CaseRequest& request : policy_case.requests) {
    source.change(request.control_plane);
    played.requests.push_back(play_request(**gate, request, request_id(index, played.requests.size())));
  }
  played.lookups = source.lookups();
  return played;
}

Verdict judge(const PolicyCase& policy_case, std::size_t index, const PlayedCase& played) {
  const std::string refused = "the options refused";
  if (policy_case.config_error) {
    if (!played.config_error.empty()) return std::nullopt;
    return Difference{refused, "the options accepted"};
  }
  if (!played.config_error.empty()) return Difference{"the options accepted", refused + ": " + played.config_error};
  Reading reading(policy_case, index);
  for (std::size_t i = 0; i < played.requests.size(); ++i) {
    const std::string expected = written(policy_case.expect[i]);
    const std::string got = reading.answer(played.requests[i], i);
    const std::string which = "for request " + std::to_string(i) + " ";
    if (got != expected) return Difference{which + expected, got};
  }
  if (policy_case.lookups.value_or(played.lookups) != played.lookups) {
    return Difference{std::to_string(*policy_case.lookups) + " lookups", std::to_string(played.lookups)};
  }
  return std::nullopt;
}

std::string transcript(const std::string& suite, std::size_t index, const PlayedCase& played) {
  const std::string where = suite + "/" + std::to_string(index);
  if (!played.config_error.empty()) {
    std::string sentence = played.config_error;
    for (char& c : sentence) c = static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    return where + "\trefused\t" + sentence + "\n";
  }
  std::string lines;
  for (std::size_t i = 0; i < played.requests.size(); ++i) {
    const PlayedRequest& request = played.requests[i];
    lines += where + "/" + std::to_string(i);
    lines += request.allowed ? "\tallowed" : "\tdenied\t" + std::to_string(request.status) + "\t" + request.problem;
    if (request.allowed) {
      for (const std::string& batch : request.batches) lines += "\t" + batch;
    }
    lines += "\n";
  }
  return lines;
}

}  // namespace tollgate::conformance
