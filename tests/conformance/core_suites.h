#pragma once

#include "tests/conformance/case_reader.h"
#include "tests/conformance/report.h"

#include <string>

namespace tollgate::conformance {

// Suites that run against src/ itself, because no module exports what they ask for yet.

/// A case that is one pure function: what it should answer, and what it answers.
struct PureCase {
  std::string name;
  std::string expected;
  std::string got;

  Verdict verdict() const { return got == expected ? Verdict() : Difference{expected, got}; }
};

PureCase run_alignment_case(json::Value value, Mistakes& mistakes);
PureCase run_lifecycle_case(json::Value value, Mistakes& mistakes);
PureCase run_period_case(json::Value value, Mistakes& mistakes);

}  // namespace tollgate::conformance
