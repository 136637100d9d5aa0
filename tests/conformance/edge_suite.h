#pragma once

#include "tests/conformance/edge_player.h"
#include "tests/conformance/report.h"

#include <cstddef>
#include <string>
#include <vector>

namespace tollgate::conformance {

struct PlayedEdgeCase {
  std::vector<PlayedStep> steps;  ///< in order; of a step whose request is made several times, each
  std::string failure;            ///< why the case could not be played to its end, empty when it was
};

/// Plays a case on a fresh instance, as README.md says. `index` is its place in the file.
PlayedEdgeCase play(const EdgeCase& edge_case, std::size_t index, const host::MakeEdge& make_edge);

/// Holds what was played to what the case expects.
Verdict judge(const EdgeCase& edge_case, std::size_t index, const PlayedEdgeCase& played);

/// The lines of a transcript (README.md).
std::string transcript(const std::string& suite, std::size_t index, const PlayedEdgeCase& played);

}  // namespace tollgate::conformance
