#pragma once

#include <cstdint>
#include <limits>
#include <tuple>
#include <vector>

namespace tollgate::reference {

/// A grant of whole units on a time line of whole steps; `expires` is beyond the line where it never does.
struct PlainGrant {
  int priority = 0;
  int from = 0;
  int expires = std::numeric_limits<int>::max();
  int id = 0;
  int remaining = 0;
};

/// S7.10 unit by unit: whoever uses one looks for the grant to take it from. Returns what is overdrawn at the end.
inline int burn_unit_by_unit(std::vector<PlainGrant>& grants, const std::vector<int>& usage_at) {
  int overdrawn = 0;
  for (int now = 0; now < static_cast<int>(usage_at.size()); ++now) {
    int open = overdrawn + usage_at[static_cast<std::size_t>(now)];
    overdrawn = 0;
    for (; open > 0; --open) {
      PlainGrant* best = nullptr;
      for (PlainGrant& grant : grants) {
        if (grant.remaining == 0 || grant.from > now || grant.expires <= now) continue;
        const auto order = [](const PlainGrant& g) { return std::tie(g.priority, g.expires, g.from, g.id); };
        if (best == nullptr || order(grant) < order(*best)) best = &grant;
      }
      if (best == nullptr) break;
      --best->remaining;
    }
    overdrawn = open;
  }
  return overdrawn;
}

}  // namespace tollgate::reference
