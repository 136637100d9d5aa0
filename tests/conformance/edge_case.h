#pragma once

#include "tests/conformance/policy_case.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tollgate::conformance {

/// What becomes of batches of events from a step `deliver` on.
enum class Delivering : std::uint8_t {
  all,   ///< they are drained and delivered
  fail,  ///< they are drained, then all of them fail
  hold,  ///< they are drained and stay out
  none,  ///< nothing is drained
};

/// A request of the suite `edge`, or how one that was left open ends.
struct EdgeRequest : CaseRequest {
  std::string policy;  ///< a name
  double asked_at_ms = 0;
  double answered_at_ms = 0;
  std::uint32_t times = 1;
  std::string leave;  ///< the name under which it stays open; empty: it ends
};

/// What a step must answer. Members that a vector leaves out are not looked at, but for `allowed` and `events`.
struct EdgeExpectation {
  std::optional<bool> allowed;
  std::optional<std::string> detail;
  std::optional<std::string> code;
  std::uint32_t status = 403;
  bool stale = false;
  std::map<std::string, Quantity> events;
  std::optional<std::vector<std::map<std::string, std::string>>> cloud_events;  ///< member → JSON, for each event
  std::optional<std::string> headers;                                           ///< lines
  std::optional<std::pair<std::uint32_t, std::uint32_t>> retry_after;           ///< seconds, both ends included
  std::optional<std::uint32_t> lookups;
  std::optional<std::uint32_t> kv_reads;
};

struct KvCopy {
  std::string body;
  double taken_at_ms = 0;
};

struct EdgeStep {
  enum class Kind : std::uint8_t { request, finish, abandon, kv, control_plane, deliver };

  Kind kind = Kind::request;
  EdgeRequest request;                                ///< of `request`; of `finish`, how it ends
  std::string open;                                   ///< of `finish` and `abandon`: which one
  std::map<std::string, std::optional<KvCopy>> kv;    ///< of `kv`: nothing means deleted
  std::map<std::string, host::Lookup> control_plane;  ///< of `controlPlane`
  Delivering delivering = Delivering::all;            ///< of `deliver`
  EdgeExpectation expect;
};

/// One case of the suite `edge` (README.md).
struct EdgeCase {
  std::string name;
  std::string policies;                   ///< the text of a `policies.json`
  std::vector<std::string> policy_names;  ///< in its order
  bool checks_key_format = false;
  std::string bucket;  ///< empty: none is named
  std::vector<EdgeStep> steps;
};

EdgeCase read_edge_case(json::Value value, Mistakes& mistakes);

}  // namespace tollgate::conformance
