#pragma once

#include "base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace tollgate::cli {

/// A request as `tollgate check` is told it.
struct RehearsedRequest {
  std::filesystem::path module;
  std::string policies;     ///< text of a `policies.json`
  std::string policy_name;  ///< empty: the only one
  std::string snapshot;     ///< text: what the control plane says of the key, whichever it is
  bool checks_key_format = false;
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  std::string path;
  std::uint32_t status = 200;  ///< of the response, if it is let through
  double now_ms = 0;
};

/// What the module made of it.
struct Rehearsal {
  std::string policy;
  bool allowed = false;
  std::string checks;           ///< JSON of `tg_explain`
  std::string problem;          ///< of a denied request: its body
  std::string events = "[]";    ///< of an allowed one: what would be sent, JSON
  std::uint64_t cold_fuel = 0;  ///< of the decision with nothing cached, snapshot decoded
  std::uint64_t warm_fuel = 0;  ///< of the decision with the key cached
};

/// Whose fault it is that there is no answer.
struct RehearsalError {
  bool of_module = false;  ///< it trapped; else what was put in is wrong
  std::string message;
};

/// Plays the request in a fresh instance under wasmtime.
Result<Rehearsal, RehearsalError> rehearse(const RehearsedRequest& request);

}  // namespace tollgate::cli
