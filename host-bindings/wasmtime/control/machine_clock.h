#pragma once

#include "calendar/instant.h"

#include <chrono>

namespace tollgate::host {

/// The machine's time.
inline Instant machine_now() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count()};
}

}  // namespace tollgate::host
