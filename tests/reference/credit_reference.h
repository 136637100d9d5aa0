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

/// S7.10 unit by unit, from the step `first` on: whoever uses one looks for the grant to take it from. Returns what is
/// overdrawn at the end.
inline int burn_unit_by_unit(std::vector<PlainGrant>& grants, const std::vector<int>& usage_from, int first = 0) {
  int overdrawn = 0;
  for (int now = first; now < first + static_cast<int>(usage_from.size()); ++now) {
    int open = overdrawn + usage_from[static_cast<std::size_t>(now - first)];
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

/// What a plan gives in the steps from `from` to before `to`.
struct PlainAllowance {
  int from = 0;
  int to = 0;
  int remaining = 0;
  bool carries = false;
};

struct PlainState {
  int overdrawn = 0;
  int usage = 0;    ///< of the allowance's period that was under way last
  int balance = 0;  ///< at the last step
};

/// The same with allowances, each used up before any grant; where there is none at a step, its usage is not looked at.
inline PlainState burn_with_allowances(std::vector<PlainGrant>& grants, std::vector<PlainAllowance>& allowances,
                                       const std::vector<int>& usage_at) {
  PlainState state;
  const int last = static_cast<int>(usage_at.size()) - 1;
  for (int now = 0; now <= last; ++now) {
    for (PlainAllowance& allowance : allowances) {
      if (now < allowance.from || now >= allowance.to) continue;
      if (now == allowance.from) state.usage = 0;
      if (now == allowance.from && !allowance.carries) state.overdrawn = 0;
      const int used = usage_at[static_cast<std::size_t>(now)];
      state.usage += used;
      int open = state.overdrawn + used;
      while (open > 0 && allowance.remaining > 0) --open, --allowance.remaining;
      state.overdrawn = burn_unit_by_unit(grants, {open}, now);
      if (now == last) state.balance = allowance.remaining;
    }
  }
  for (const PlainGrant& grant : grants) {
    if (grant.from <= last && last < grant.expires) state.balance += grant.remaining;
  }
  state.balance -= state.overdrawn;
  return state;
}

}  // namespace tollgate::reference
