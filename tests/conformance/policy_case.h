#pragma once

#include "base/quantity.h"
#include "host-bindings/common/snapshot_source.h"
#include "tests/conformance/case_reader.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tollgate::conformance {

/// A call of `setMeters` or `addMeters`.
struct MeterChange {
  bool replaces = false;  ///< set, not add
  std::string meters;     ///< JSON
};

enum class ControlPlane : std::uint8_t { unchanged, down, up };

struct CaseRequest {
  double now_ms = 0;
  std::string path = "/";
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case, in the order received
  std::vector<MeterChange> changes;
  ControlPlane control_plane = ControlPlane::unchanged;
  std::uint32_t status = 200;  ///< of the upstream's response

  /// The header's values joined by ", "; nothing where it is missing.
  std::optional<std::string> header(std::string_view name) const;
};

struct ExpectedAnswer {
  bool allowed = false;
  std::map<std::string, Quantity> events = {};  ///< of an allowed request: meter → total
  std::string detail = {};                      ///< of a refused one
};

/// One case of the suite `policy` (README.md).
struct PolicyCase {
  std::string name;
  std::string options;                       ///< JSON, `quota` filled in
  bool checks_key_format = false;            ///< `keyFormat: "tgk"`
  std::map<std::string, host::Lookup> keys;  ///< what the control plane answers for each
  std::vector<CaseRequest> requests;
  std::vector<ExpectedAnswer> expect;  ///< one for each request
  bool config_error = false;           ///< the options must be refused, and nothing else is asked
  std::optional<std::uint32_t> lookups;
};

PolicyCase read_policy_case(json::Value value, Mistakes& mistakes);

/// The options of a case as the one policy `conformance` of a `policies.json`.
std::string policies_json(const PolicyCase& policy_case);

// What the suite `edge` has in common with `policy`.

/// Options as a policy gets them: `quota` is `"cached"` unless they say otherwise.
std::string read_options(json::Value options);
/// An entry of a `policies.json`.
std::string policy_entry(std::string_view name, const std::string& options);
/// `true` where a case has `keyFormat: "tgk"`.
bool read_key_format(CaseReader& fields);
/// The members `headers` and, where it is there, `path` of a request.
void read_headers(CaseReader& fields, CaseRequest& request);
/// The members `status`, `setMeters` and `addMeters`, all optional.
void read_response(CaseReader& fields, CaseRequest& request);
/// `{meter: decimal}`, nothing where it is missing.
std::map<std::string, Quantity> read_totals(CaseReader& fields, std::string_view name);

}  // namespace tollgate::conformance
