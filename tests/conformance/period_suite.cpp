#include "tests/conformance/period_suite.h"

#include "calendar/period.h"

namespace tollgate::conformance {
namespace {

std::string written(Instant at) {
  char text[kInstantText];
  return {text, write_instant(at, text)};
}

std::optional<Period> period_of(const PeriodCase& period_case) {
  const auto anchor = parse_instant(period_case.anchor);
  const auto cadence = parse_cadence(period_case.cadence);
  const auto at = parse_instant(period_case.at);
  if (!anchor.ok() || !cadence.ok() || !at.ok()) return std::nullopt;
  const auto period = period_containing(*anchor, *cadence, *at);
  return period.ok() ? std::optional(*period) : std::nullopt;
}

}  // namespace

PeriodCase read_period_case(json::Value value, Mistakes& mistakes) {
  CaseReader fields(value, "case \"" + std::string(value.member("name").text()) + "\"", mistakes);
  PeriodCase result{fields.text("name"), fields.text("anchor"), fields.text("cadence"), fields.text("at"), {}, {}};
  fields.any("spec");
  CaseReader expect(fields.object("expect"), fields.where() + " expect", mistakes);
  if (expect.has("error")) {
    if (!expect.truth("error")) expect.mistake("error", "must be true");
  } else {
    result.from = written(expect.instant("from"));
    result.to = written(expect.instant("to"));
  }
  expect.refuse_others();
  fields.refuse_others();
  return result;
}

Verdict judge(const PeriodCase& period_case) {
  const auto period = period_of(period_case);
  const std::string expected = period_case.from.empty() ? "an error" : period_case.from + " to " + period_case.to;
  const std::string got = period ? written(period->from) + " to " + written(period->to) : "an error";
  if (got == expected) return std::nullopt;
  return Difference{expected, got};
}

}  // namespace tollgate::conformance
