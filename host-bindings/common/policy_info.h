#pragma once

#include "host-bindings/common/gate.h"

#include <optional>
#include <string_view>

namespace tollgate::host {

/// Reads what `tg_policy` answers; nothing when it is not that.
std::optional<PolicyInfo> read_policy_info(std::string_view json);

}  // namespace tollgate::host
