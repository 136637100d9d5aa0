#include "tests/conformance/core_suites.h"

#include "calendar/period.h"
#include "catalog/plan.h"
#include "subscription/lifecycle.h"

#include <optional>

namespace tollgate::conformance {
namespace {

constexpr const char* kError = "an error";

std::string where(json::Value value) { return "case \"" + std::string(value.member("name").text()) + "\""; }

std::string written(Instant at) {
  char text[kInstantText];
  return {text, write_instant(at, text)};
}

std::string written(Instant from, Instant to) { return written(from) + " to " + written(to); }

std::string written(std::string_view status, bool access) {
  return std::string(status) + (access ? ", access" : ", no access");
}

std::string period_text(const std::string& anchor_text, const std::string& cadence_text, const std::string& at_text) {
  const auto anchor = parse_instant(anchor_text);
  const auto cadence = parse_cadence(cadence_text);
  const auto at = parse_instant(at_text);
  if (!anchor.ok() || !cadence.ok() || !at.ok()) return kError;
  const auto period = period_containing(*anchor, *cadence, *at);
  return period.ok() ? written(period->from, period->to) : kError;
}

std::string alignment_text(const std::string& plan_text, const std::string& card_text) {
  const auto plan = parse_cadence(plan_text);
  const auto card = parse_cadence(card_text);
  if (!plan.ok() || !card.ok()) return kError;
  return catalog::aligned(*plan, *card) ? "aligned" : "not aligned";
}

}  // namespace

PureCase run_alignment_case(json::Value value, Mistakes& mistakes) {
  CaseReader fields(value, where(value), mistakes);
  PureCase result{fields.text("name"), {}, alignment_text(fields.text("plan"), fields.text("rateCard"))};
  fields.any("spec");
  CaseReader expect(fields.object("expect"), fields.where() + " expect", mistakes);
  result.expected = expect.truth("aligned") ? "aligned" : "not aligned";
  expect.refuse_others();
  fields.refuse_others();
  return result;
}

PureCase run_lifecycle_case(json::Value value, Mistakes& mistakes) {
  CaseReader fields(value, where(value), mistakes);
  const Instant from = fields.instant("activeFrom");
  std::optional<Instant> to;
  if (!fields.any("activeTo").is(json::Kind::null)) to = fields.instant("activeTo");
  const subscription::Status status = subscription::status_at(from, to, fields.instant("now"));
  PureCase result{fields.text("name"), {}, written(name(status), has_access(status))};
  fields.any("spec");
  CaseReader expect(fields.object("expect"), fields.where() + " expect", mistakes);
  result.expected = written(expect.text("status"), expect.truth("access"));
  expect.refuse_others();
  fields.refuse_others();
  return result;
}

PureCase run_period_case(json::Value value, Mistakes& mistakes) {
  CaseReader fields(value, where(value), mistakes);
  const std::string anchor = fields.text("anchor");
  const std::string cadence = fields.text("cadence");
  PureCase result{fields.text("name"), kError, period_text(anchor, cadence, fields.text("at"))};
  fields.any("spec");
  CaseReader expect(fields.object("expect"), fields.where() + " expect", mistakes);
  if (expect.has("error")) {
    if (!expect.truth("error")) expect.mistake("error", "must be true");
  } else {
    const Instant from = expect.instant("from");
    result.expected = written(from, expect.instant("to"));
  }
  expect.refuse_others();
  fields.refuse_others();
  return result;
}

}  // namespace tollgate::conformance
