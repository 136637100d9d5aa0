#pragma once

#include "billing/prepaid.h"
#include "control/subscription/store.h"

#include <string_view>

namespace tollgate::control {

/// The period around `at` in which usage of an entitlement counts together: a usage period (S7.5) or, where nothing
/// resets, the phase up to its end or the subscription's; up to `kLastInstant` where neither ends.
Result<Period, PeriodError> period_around(const StoredSubscription& subscription,
                                          const catalog::EntitlementTemplate& entitlement,
                                          const subscription::PhaseSpan& phase, Instant at);

/// The entitlement of a phase to a feature that grants can be added to: metered, with a hard limit. What is used beyond
/// a soft one is billed, so that nothing would ever be taken from a grant. Null where there is none.
const catalog::EntitlementTemplate* hard_limit(const catalog::Phase& phase, std::string_view feature_key);

/// What can be used of a feature by a subscription's hard limits and grants, from where it matters at some instant:
/// what is settled, or a beginning before which nothing was used of the grants.
struct PrepaidUsage {
  billing::Prepaid prepaid;
  Instant until;  ///< usage periods are there up to here: not beyond the instant where they are too many

  bool is_whole_at(Instant at) const { return at < until; }
};

/// The same at `at`, which lies at or after what is settled. At most `limits::kMaxBurnPeriods` usage periods; where
/// nothing is settled, overage is carried on over at most `limits::kMaxCarriedPeriods` before the first grant.
PrepaidUsage prepaid_of(Sql& sql, const StoredSubscription& subscription, std::string_view feature_key, Instant at);

/// Whether there are grants to come from the subscription before.
bool takes_over(Context& context, const StoredSubscription& subscription);

}  // namespace tollgate::control
