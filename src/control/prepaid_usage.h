#pragma once

#include "billing/prepaid.h"
#include "control/subscription_store.h"

#include <string_view>

namespace tollgate::control {

/// The period around `at` in which usage of an entitlement counts together: a usage period (S7.5) or, where nothing
/// resets, the phase up to its end or the subscription's; up to `kLastInstant` where neither ends.
Result<Period, PeriodError> period_around(const StoredSubscription& subscription,
                                          const catalog::EntitlementTemplate& entitlement,
                                          const subscription::PhaseSpan& phase, Instant at);

/// The entitlement of a phase to a feature that grants can be added to: metered, with a hard limit. What is used beyond a
/// soft one is billed, so that nothing would ever be taken from a grant. Null where there is none.
const catalog::EntitlementTemplate* hard_limit(const catalog::Phase& phase, std::string_view feature_key);

/// What can be used of a feature by its hard limits and the subscription's grants, as far back as matters at `at`: to the
/// beginning of the first grant and of the period under way, at most `limits::kMaxBurnPeriods`.
billing::Prepaid prepaid_of(Sql& sql, const StoredSubscription& subscription, std::string_view feature_key, Instant at);

}  // namespace tollgate::control
