#pragma once

#include "billing/credits.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace tollgate::billing {

/// Allowances of usage periods are used up before any grant.
inline constexpr std::int32_t kAllowanceFirst = std::numeric_limits<std::int32_t>::min();

/// What a plan itself gives of a feature: in each usage period or, where nothing resets, once in a phase (S7.5, S7.10).
struct Allowance {
  Period period;  ///< what is left at its end is lost
  Quantity quantity;
  std::int32_t priority = kAllowanceFirst;  ///< among the grants
  bool carries_overdraft = false;           ///< what was overdrawn before it still is; otherwise all begins anew
};

/// How a burn-down stood at an instant before which usage is final: whoever knows this need not look further back.
struct Settled {
  Instant until;
  Quantity overdrawn;
  Quantity allowance;  ///< what was left of the last one that began before
  Quantity usage;      ///< of its period
};

/// Usage that is paid for in advance, of one feature of one subscription: by the plan's allowances and by grants on
/// top.
struct Prepaid {
  std::vector<Allowance> allowances;    ///< in order, apart; what is used between them is not taken from any grant
  std::vector<Grant> grants;            ///< none with an empty id; where settled, with what was left of them then
  std::optional<Settled> settled = {};  ///< then no allowance has ended by `until`
};

/// How it stands at some moment.
struct PrepaidState {
  Quantity balance;           ///< what can be used before service stops; ≤ 0 when it has stopped
  Quantity usage;             ///< of the last allowance's period
  Quantity overdrawn;         ///< used beyond everything
  std::vector<Grant> grants;  ///< what is left of each, in the order of their use; of an expired one, what was lost
};

/// The spans whose usage has to be known for the state at `at`, in order: those that begin by then, from the settled
/// instant on. The last one reaches to its end, so that events which are ahead of the clock count as they do elsewhere.
std::vector<Period> spans_needed(const Prepaid& prepaid, Instant at);

/// Burns down the usage of those spans.
PrepaidState state_of(Prepaid prepaid, std::span<const SpanUsage> usages, Instant at);

/// The last bound of a span by `at`: where usage can be divided whatever the meter measures. Usage of meters that add
/// up can be divided anywhere, but a maximum of two parts, say, has not got the sum of theirs. Nothing before the first
/// span.
std::optional<Instant> last_bound(const Prepaid& prepaid, Instant at);

/// The spans whose usage has to be known to settle up to `until`; the last one is cut off there.
std::vector<Period> spans_before(const Prepaid& prepaid, Instant until);

/// Burns down the usage of those spans, so that the rest can be burned down without them: for all usage from `until`
/// on, and grants that are added with beginnings from `until` on, every later state is the same. `until` lies after
/// what was settled before, and is one that usage can be divided at.
Prepaid settle(Prepaid prepaid, std::span<const SpanUsage> usages, Instant until);

}  // namespace tollgate::billing
