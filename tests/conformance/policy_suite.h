#pragma once

#include "host-bindings/common/edge_instance.h"
#include "tests/conformance/policy_case.h"
#include "tests/conformance/report.h"

#include <cstddef>
#include <string>
#include <vector>

namespace tollgate::conformance {

/// What a host answered to one request of a case.
struct PlayedRequest {
  bool allowed = false;
  std::uint32_t status = 0;               ///< of a refused one
  std::string problem = {};               ///< of a refused one
  std::vector<std::string> batches = {};  ///< of events, as they were drained
};

struct PlayedCase {
  std::string config_error;  ///< the sentence, where the options were refused
  std::vector<PlayedRequest> requests;
  std::uint32_t lookups = 0;
};

/// Plays a case on a fresh instance, as README.md says. `index` is its place in the file.
PlayedCase play(const PolicyCase& policy_case, std::size_t index, const host::MakeEdge& make_edge);

/// Holds what was played to what the case expects.
Verdict judge(const PolicyCase& policy_case, std::size_t index, const PlayedCase& played);

/// The lines of a transcript (README.md).
std::string transcript(const std::string& suite, std::size_t index, const PlayedCase& played);

}  // namespace tollgate::conformance
