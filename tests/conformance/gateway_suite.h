#pragma once

#include "host-bindings/common/gateway_instance.h"
#include "tests/conformance/gateway_case.h"
#include "tests/conformance/report.h"

#include <cstddef>
#include <string>

namespace tollgate::conformance {

/// What an instance answered to a case.
struct GatewayPlay {
  Verdict verdict;
  std::string transcript;  ///< lines (README.md)
};

/// Configures the instance and asks; `index` is the place of the case in its file.
GatewayPlay play(const GatewayCase& one, std::size_t index, host::GatewayInstance& gateway);

}  // namespace tollgate::conformance
