#pragma once

#include "calendar/period.h"
#include "catalog/plan.h"

#include <cstddef>
#include <optional>

namespace tollgate::subscription {

/// The phase of a plan that is in effect at some moment of a subscription, and its bounds: half-open, without an end on
/// the last phase.
struct PhaseSpan {
  std::size_t index = 0;  ///< of `Plan::phases`
  Instant from;
  std::optional<Instant> to;
};

/// Phases follow each other from `active_from` on, beginning with `starting_phase`, each for its duration (S7.7). A
/// moment before `active_from` counts as `active_from`. Fails where a duration leads out of the calendar.
Result<PhaseSpan, PeriodError> phase_at(const catalog::Plan& plan, std::size_t starting_phase, Instant active_from,
                                        Instant at);

/// Where billing periods count from when nobody says: the beginning of the first phase that costs something, so that
/// what is paid after a trial is paid for whole periods; `active_from` where nothing ever does. Fails as `phase_at`
/// does.
Result<Instant, PeriodError> default_anchor(const catalog::Plan& plan, std::size_t starting_phase, Instant active_from);

/// The usage period around `at` of an entitlement in a phase: the recurrence counts from the billing anchor, so that
/// quota and bill share their periods (T3); it is cut off at the bounds of the phase and at the subscription's end,
/// since usage of one phase is no usage of the next.
Result<Period, PeriodError> usage_period(Instant billing_anchor, Cadence cadence, const PhaseSpan& phase,
                                         std::optional<Instant> active_to, Instant at);

}  // namespace tollgate::subscription
