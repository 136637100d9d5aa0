#pragma once

#include "base/result.h"
#include "gateway/routes.h"

#include <string>
#include <string_view>
#include <vector>

namespace tollgate::gateway {

/// Reads `[{"name": "…", "authHeader": "…"}]`; fails with a sentence.
Result<std::vector<KnownPolicy>, std::string> read_known_policies(std::string_view text);

/// What a host needs to know of a `routes.json`, as JSON (wasm/ABI.md, "The gateway module").
std::string table_text(const Routes& routes);

}  // namespace tollgate::gateway
