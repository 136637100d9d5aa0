#pragma once

#include "tests/conformance/case_reader.h"
#include "tests/conformance/report.h"

#include <optional>
#include <string>

namespace tollgate::conformance {

/// One case of the suite `periods`. Runs against src/calendar itself: no module exports periods.
struct PeriodCase {
  std::string name;
  std::string anchor;
  std::string cadence;
  std::string at;
  std::string from;  ///< expected; empty, as `to` is, where an error is expected
  std::string to;
};

PeriodCase read_period_case(json::Value value, Mistakes& mistakes);
Verdict judge(const PeriodCase& period_case);

}  // namespace tollgate::conformance
