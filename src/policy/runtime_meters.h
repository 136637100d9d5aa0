#pragma once

#include "base/limits.h"
#include "base/quantity.h"
#include "policy/names.h"

#include <array>
#include <cstdint>
#include <span>

namespace tollgate {

/// A meter that code behind the policy has set or added to (S2.6).
struct RuntimeMeter {
  Quantity value;
  NameId name = 0;
  bool replaces = false;  ///< the static value is overridden, not added to
};

/// The runtime map of one request: `setMeters` replaces it, `addMeters` adds to it.
struct RuntimeMeters {
  std::array<RuntimeMeter, limits::kMaxRuntimeMeters> list{};
  std::uint8_t count = 0;

  std::span<const RuntimeMeter> view() const { return {list.data(), count}; }
  const RuntimeMeter* find(NameId name) const {
    for (const RuntimeMeter& meter : view()) {
      if (meter.name == name) return &meter;
    }
    return nullptr;
  }

  /// Puts or raises one value. False when the map is full or the sum leaves the range; nothing has changed then.
  bool add(NameId name, Quantity value, bool replaces) {
    for (RuntimeMeter& meter : std::span(list.data(), count)) {
      if (meter.name != name) continue;
      const Quantity sum = meter.value.plus(value);
      if (!sum.in_range()) return false;
      meter.value = sum;
      return true;
    }
    if (count == list.size()) return false;
    list[count++] = {value, name, replaces};
    return true;
  }
};

}  // namespace tollgate
