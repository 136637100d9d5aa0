#pragma once

#include "host-bindings/common/gate.h"

#include <cstdint>
#include <string>

namespace tollgate::conformance {

/// What every case's instance is started with, so that all hosts answer alike (README.md).
inline host::Seed fixed_seed() {
  host::Seed seed{};
  for (std::size_t i = 0; i < seed.size(); ++i) seed[i] = static_cast<std::uint8_t>(i);
  return seed;
}

/// What an instance with this seed calls itself: its events' ids are this, a hyphen and a number.
inline constexpr const char* kInstanceName = "0N2G9H448G2RBHG68T3CE1T7GZ";

inline constexpr const char* kBuildId = "conformance";

inline std::string request_id(std::size_t case_index, std::size_t request_index) {
  return "req_" + std::to_string(case_index) + "_" + std::to_string(request_index);
}

}  // namespace tollgate::conformance
