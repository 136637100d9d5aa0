#include "tests/conformance/edge_case.h"

#include <algorithm>
#include <set>

namespace tollgate::conformance {
namespace {

constexpr std::uint32_t kMaxTimes = 10'000;

/// The texts that a case gives names to: what KV holds and the control plane answers.
using Texts = std::map<std::string, std::string, std::less<>>;

class StepReader {
 public:
  StepReader(EdgeCase& to, const Texts& texts, Mistakes& mistakes) : case_(to), texts_(texts), mistakes_(mistakes) {}

  EdgeStep read(json::Value value, const std::string& where) {
    CaseReader fields(value, where, mistakes_);
    EdgeStep step;
    const auto kind = read_kind(fields);
    if (!kind) return step;
    step.kind = *kind;
    switch (step.kind) {
      case EdgeStep::Kind::request: read_request(fields, step); break;
      case EdgeStep::Kind::finish: read_finish(fields, step); break;
      case EdgeStep::Kind::abandon: step.open = fields.text("abandon"); break;
      case EdgeStep::Kind::kv: read_kv(fields, step); break;
      case EdgeStep::Kind::control_plane: read_control_plane(fields, step); break;
      case EdgeStep::Kind::deliver: step.delivering = read_delivering(fields); break;
    }
    const bool is_request = step.kind == EdgeStep::Kind::request;
    const bool answers = step.kind != EdgeStep::Kind::kv && step.kind != EdgeStep::Kind::control_plane;
    if (is_request || (answers && fields.has("expect"))) step.expect = read_expectation(fields, is_request);
    fields.refuse_others();
    return step;
  }

 private:
  static constexpr std::pair<std::string_view, EdgeStep::Kind> kKinds[] = {
      {"request", EdgeStep::Kind::request}, {"finish", EdgeStep::Kind::finish},
      {"abandon", EdgeStep::Kind::abandon}, {"kv", EdgeStep::Kind::kv},
      {"deliver", EdgeStep::Kind::deliver}, {"controlPlane", EdgeStep::Kind::control_plane},
  };

  std::optional<EdgeStep::Kind> read_kind(CaseReader& fields) {
    std::optional<EdgeStep::Kind> found;
    for (const auto& [name, kind] : kKinds) {
      if (!fields.has(name)) continue;
      if (found) fields.mistake(name, "is one thing too many in one step");
      found = kind;
    }
    if (!found) fields.mistake("a step", "must be one of those in the format");
    return found;
  }

  void read_request(CaseReader& step_fields, EdgeStep& step) {
    CaseReader fields(step_fields.object("request"), step_fields.where() + " request", mistakes_);
    EdgeRequest& request = step.request;
    request.now_ms = moment(fields, "now");
    request.asked_at_ms = request.answered_at_ms = request.now_ms;
    read_headers(fields, request);
    read_response(fields, request);
    request.policy = fields.has("policy") ? fields.text("policy") : case_.policy_names.front();
    if (std::find(case_.policy_names.begin(), case_.policy_names.end(), request.policy) == case_.policy_names.end()) {
      fields.mistake("policy", "must name a policy of the case");
    }
    if (fields.has("lookup")) {
      CaseReader lookup(fields.object("lookup"), fields.where() + " lookup", mistakes_);
      request.asked_at_ms = moment(lookup, "askedAt");
      request.answered_at_ms = moment(lookup, "answeredAt");
      lookup.refuse_others();
    }
    if (fields.has("times")) request.times = fields.integer("times");
    if (request.times == 0 || request.times > kMaxTimes) fields.mistake("times", "must be from 1 to 10000");
    if (fields.has("leave")) {
      request.leave = fields.text("leave");
      if (!open_.insert(request.leave).second) fields.mistake("leave", "must be a new name");
      if (request.times != 1) fields.mistake("leave", "is for a request that is made once");
    }
    fields.refuse_others();
  }

  void read_finish(CaseReader& step_fields, EdgeStep& step) {
    CaseReader fields(step_fields.object("finish"), step_fields.where() + " finish", mistakes_);
    step.open = fields.text("request");
    read_response(fields, step.request);
    fields.refuse_others();
  }

  void read_kv(CaseReader& step_fields, EdgeStep& step) {
    for (const json::Value entry : step_fields.object("kv")) {
      std::optional<KvCopy>& copy = step.kv[std::string(entry.name())];
      if (entry.is(json::Kind::null)) continue;
      CaseReader fields(entry, step_fields.where() + " kv " + std::string(entry.name()), mistakes_);
      copy = KvCopy{text_named(fields.text("snapshot"), fields), moment(fields, "takenAt")};
      fields.refuse_others();
    }
  }

  void read_control_plane(CaseReader& step_fields, EdgeStep& step) {
    for (const json::Value answer : step_fields.object("controlPlane")) {
      host::Lookup& lookup = step.control_plane[std::string(answer.name())];
      if (answer.is(json::Kind::string)) {
        if (answer.text() != "unreachable") lookup = {.status = 200, .body = text_named(answer.text(), step_fields)};
        continue;
      }
      CaseReader fields(answer, step_fields.where() + " controlPlane " + std::string(answer.name()), mistakes_);
      lookup.status = static_cast<std::int32_t>(fields.integer("status"));
      fields.refuse_others();
    }
  }

  static Delivering read_delivering(CaseReader& fields) {
    const std::string word = fields.text("deliver");
    if (word == "fail") return Delivering::fail;
    if (word == "hold") return Delivering::hold;
    if (word == "none") return Delivering::none;
    if (word != "all") fields.mistake("deliver", "must be \"all\", \"fail\", \"hold\" or \"none\"");
    return Delivering::all;
  }

  EdgeExpectation read_expectation(CaseReader& step_fields, bool is_request) {
    CaseReader fields(step_fields.object("expect"), step_fields.where() + " expect", mistakes_);
    EdgeExpectation expect;
    expect.events = read_totals(fields, "events");
    if (fields.has("cloudEvents")) expect.cloud_events = read_cloud_events(fields);
    if (is_request) {
      read_decision(fields, expect);
    } else if (fields.has("stale")) {
      expect.stale = fields.truth("stale");
    }
    fields.refuse_others();
    return expect;
  }

  void read_decision(CaseReader& fields, EdgeExpectation& expect) {
    expect.allowed = fields.truth("allowed");
    if (!*expect.allowed) {
      if (fields.has("detail")) expect.detail = fields.text("detail");
      if (fields.has("status")) expect.status = fields.integer("status");
      if (fields.has("code")) expect.code = fields.text("code");
      if (fields.has("retryAfter")) {
        const json::Value ends = fields.array("retryAfter");
        if (ends.size() != 2) fields.mistake("retryAfter", "must be the least and the most seconds");
        if (ends.size() == 2) expect.retry_after = {whole(ends.element(0)), whole(ends.element(1))};
      }
    }
    if (fields.has("headers")) {
      expect.headers.emplace();
      for (const json::Value line : fields.array("headers")) expect.headers->append(line.text()).append("\n");
    }
    if (fields.has("lookups")) expect.lookups = fields.integer("lookups");
    if (fields.has("kvReads")) expect.kv_reads = fields.integer("kvReads");
  }

  static std::vector<std::map<std::string, std::string>> read_cloud_events(CaseReader& fields) {
    std::vector<std::map<std::string, std::string>> events;
    for (const json::Value event : fields.array("cloudEvents")) {
      if (!event.is(json::Kind::object)) fields.mistake("cloudEvents", "must be objects");
      std::map<std::string, std::string>& members = events.emplace_back();
      for (const json::Value member : event) members.emplace(member.name(), json::compact(member));
    }
    return events;
  }

  static std::uint32_t whole(json::Value value) {
    const auto number = Quantity::parse(value.text());
    return number.ok() && !number->negative() ? static_cast<std::uint32_t>(number->floor_units()) : 0;
  }

  static double moment(CaseReader& fields, std::string_view name) {
    return static_cast<double>(fields.instant(name).ms);
  }

  std::string text_named(std::string_view name, CaseReader& fields) const {
    const auto found = texts_.find(name);
    if (found != texts_.end()) return found->second;
    fields.mistake(name, "is none of the case's snapshots");
    return {};
  }

  EdgeCase& case_;
  const Texts& texts_;
  Mistakes& mistakes_;
  std::set<std::string> open_;  ///< names given so far
};

void read_policies(CaseReader& fields, EdgeCase& to, Mistakes& mistakes) {
  const auto add = [&](std::string_view name, json::Value options) {
    to.policies += (to.policy_names.empty() ? "" : ",") + policy_entry(name, read_options(options));
    to.policy_names.emplace_back(name);
  };
  if (!fields.has("policies")) {
    add("conformance", fields.object("options"));
  } else {
    for (const json::Value policy : fields.array("policies")) {
      CaseReader entry(policy, fields.where() + " policies", mistakes);
      const std::string name = entry.text("name");
      add(name, entry.object("options"));
      entry.refuse_others();
    }
  }
  if (to.policy_names.empty()) {
    fields.mistake("policies", "must not be empty");
    to.policy_names.emplace_back();
  }
  to.policies = "[" + to.policies + "]";
}

Texts read_texts(CaseReader& fields) {
  Texts texts;
  for (const json::Value snapshot : fields.object("snapshots")) {
    if (!snapshot.is(json::Kind::object) && !snapshot.is(json::Kind::string)) {
      fields.mistake("snapshots", "must be objects, or texts that are none");
    }
    texts.emplace(snapshot.name(), snapshot.is(json::Kind::string) ? snapshot.text() : json::compact(snapshot));
  }
  return texts;
}

}  // namespace

EdgeCase read_edge_case(json::Value value, Mistakes& mistakes) {
  CaseReader fields(value, "case \"" + std::string(value.member("name").text()) + "\"", mistakes);
  EdgeCase result;
  result.name = fields.text("name");
  fields.text("spec");
  read_policies(fields, result, mistakes);
  result.checks_key_format = read_key_format(fields);
  if (fields.has("bucket")) result.bucket = fields.text("bucket");
  const Texts texts = read_texts(fields);
  StepReader reader(result, texts, mistakes);
  for (const json::Value step : fields.array("steps")) {
    result.steps.push_back(reader.read(step, fields.where() + " steps[" + std::to_string(result.steps.size()) + "]"));
  }
  if (result.steps.empty()) fields.mistake("steps", "must not be empty");
  fields.refuse_others();
  return result;
}

}  // namespace tollgate::conformance
