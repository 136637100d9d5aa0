#pragma once

#include "host-bindings/wasmtime/cli/rehearsal.h"

#include <string>

namespace tollgate::cli {

/// A rehearsal for people: each check, the decision, the body of a denial, the events. `colour` uses ANSI escapes.
std::string report_text(const Rehearsal& rehearsal, const RehearsedRequest& request, bool colour);

/// The same for programs, one JSON object: `{"policy", "allowed", "checks": [{"check", "name", "passed", "detail"?}],
/// "problem"?, "events", "fuel": {"cold", "warm"}}`.
std::string report_json(const Rehearsal& rehearsal);

}  // namespace tollgate::cli
