#pragma once

#include "host-bindings/common/edge_instance.h"
#include "host-bindings/common/memory_kv.h"
#include "tests/conformance/edge_case.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tollgate::conformance {

/// What came of a step, or of one of the times that its request was made.
struct PlayedStep {
  std::size_t step = 0;
  bool is_request = false;
  bool stale = false;  ///< of `finish` and `abandon`: there was no such request any more
  bool allowed = false;
  std::uint32_t status = 0;  ///< of a refusal
  std::string problem;       ///< of a refusal
  std::string headers;
  std::uint32_t kv_reads = 0;
  std::uint32_t lookups = 0;
  std::vector<std::string> batches;  ///< as they were drained
};

/// Plays the steps of a case: the instance, its KV, its control plane and its queue. Throws a `std::string` that says
/// why it cannot go on: refused options, an instance that trapped, or one that asks for what it cannot need.
class EdgePlayer {
 public:
  EdgePlayer(const EdgeCase& edge_case, std::size_t case_index, host::EdgeInstance& edge)
      : case_(edge_case), case_index_(case_index), edge_(edge) {}

  void start();
  std::vector<PlayedStep> play(std::size_t step);

 private:
  PlayedStep ask(const EdgeRequest& request, std::size_t step);
  std::int32_t settle(const EdgeRequest& request, PlayedStep& played);
  std::int32_t hand_over(const host::Lookup& lookup, double taken_at_ms, double now_ms);
  void describe(const EdgeRequest& request, std::size_t policy, std::int32_t result, PlayedStep& played);
  bool finish(std::uint32_t handle, const CaseRequest& response);
  std::uint32_t take_open(const std::string& name);
  void change_delivering(Delivering delivering);
  std::vector<std::string> drain();

  const EdgeCase& case_;
  std::size_t case_index_;
  host::EdgeInstance& edge_;
  host::MemoryKv kv_;
  std::map<std::string, host::Lookup, std::less<>> answers_;  ///< of the control plane, by digest
  std::map<std::string, std::uint32_t> open_;                 ///< name → handle
  Delivering delivering_ = Delivering::all;
  std::vector<std::uint32_t> held_;  ///< batches that are out
};

}  // namespace tollgate::conformance
