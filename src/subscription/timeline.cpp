#include "subscription/timeline.h"

#include <algorithm>

namespace tollgate::subscription {

Result<PhaseSpan, PeriodError> phase_at(const catalog::Plan& plan, std::size_t starting_phase, Instant active_from,
                                        Instant at) {
  TOLLGATE_ASSERT(starting_phase < plan.phases.size());
  PhaseSpan span{starting_phase, active_from, std::nullopt};
  for (;; ++span.index) {
    const auto& duration = plan.phases[span.index].duration;
    if (!duration.has_value()) {
      span.to = std::nullopt;
      return span;
    }
    const auto period = period_containing(span.from, duration->cadence, span.from);
    if (!period.ok()) return fail(period.error());
    span.to = period->to;
    if (at < period->to || span.index + 1 == plan.phases.size()) return span;
    span.from = period->to;
  }
}

Result<Instant, PeriodError> default_anchor(const catalog::Plan& plan, std::size_t starting_phase,
                                            Instant active_from) {
  Instant begin = active_from;
  for (std::size_t i = starting_phase; i < plan.phases.size(); ++i) {
    if (!catalog::is_free(plan.phases[i])) return begin;
    if (!plan.phases[i].duration.has_value()) break;
    const auto period = period_containing(begin, plan.phases[i].duration->cadence, begin);
    if (!period.ok()) return fail(period.error());
    begin = period->to;
  }
  return active_from;
}

Result<Period, PeriodError> usage_period(Instant billing_anchor, Cadence cadence, const PhaseSpan& phase,
                                         std::optional<Instant> active_to, Instant at) {
  auto period = period_containing(billing_anchor, cadence, at);
  if (!period.ok()) return period;
  period->from = std::max(period->from, phase.from);
  if (phase.to.has_value()) period->to = std::min(period->to, *phase.to);
  if (active_to.has_value()) period->to = std::max(period->from, std::min(period->to, *active_to));
  return period;
}

}  // namespace tollgate::subscription
