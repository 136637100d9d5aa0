#pragma once

#include "host-bindings/common/rating_instance.h"
#include "tests/conformance/case_reader.h"
#include "tests/conformance/report.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace tollgate::conformance {

// The suites that ask the rating module: pricing, proration, periods, alignment, lifecycle.

/// A case that is one question with one answer.
struct CoreCase {
  std::string name;
  std::string question;  ///< JSON, as wasm/ABI.md has it
  std::string usage;     ///< pricing only
  std::string expected;  ///< `kAnError`, or what `Suite::read_answer` makes of the answer
};

/// What is expected, and said, of a question that is refused.
inline constexpr const char* kAnError = "an error";

/// How one of these suites is read and asked.
struct CoreSuite {
  std::string_view name;
  CoreCase (*read)(json::Value value, Mistakes& mistakes);
  host::RatingInstance::Answer (*ask)(host::RatingInstance& rating, const CoreCase& asked);
  /// The part of an answer that `expect` speaks of.
  std::string (*essence)(json::Value answer);
};

/// The suite of a name; null where it is none of these.
const CoreSuite* find_core_suite(std::string_view name);

/// What a host answered to a case.
struct CoreAnswer {
  Verdict verdict;
  std::string transcript;  ///< a line (README.md)
};

/// Asks; `index` is the place of the case in its file.
CoreAnswer play(const CoreSuite& suite, const CoreCase& asked, std::size_t index, host::RatingInstance& rating);

}  // namespace tollgate::conformance
