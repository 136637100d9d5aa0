#pragma once

#include "base/result.h"
#include "billing/error.h"
#include "billing/subscription.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace tollgate::billing {

/// A line that falls due: which rate card, for which period, when (S8). Nothing is rated yet.
///
/// A line is known by phase, card and the beginning of its period: whoever keeps those never bills one twice, also
/// after the end of the subscription was moved.
struct DueLine {
  std::size_t phase = 0;         ///< of the plan
  std::size_t card = 0;          ///< of the phase
  Instant due_at;                ///< in advance the beginning of the period, in arrears its end
  std::optional<Period> period;  ///< none: a one-time fee
  bool in_advance = false;
  bool opening = false;  ///< the subscription begins with this period
  bool closing = false;  ///< the subscription ends with this period

  const catalog::RateCard& card_of(const Subscription& subscription) const {
    return subscription.plan->phases[phase].rate_cards[card];
  }
};

/// All lines with from ≤ due_at < to, by `due_at`, then in the order of phases and cards. Lines that share a `due_at`
/// belong on one invoice.
///
/// - Recurring cards have the periods of their own cadence, counted from the billing anchor and cut off at the bounds
/// of
///   their phase and at the subscription's end, as usage periods are (T3; subscription/timeline.h). A fee is due in
///   full also for a period that was cut.
/// - Usage and fees in arrears are due when their period ends, other fees when it begins.
/// - One-time fees are due once in their phase: in advance when it begins, in arrears when it ends.
/// - Cards without a price make no lines; a price of 0 does.
///
/// Fails with `out_of_calendar` or, beyond `limits::kMaxDueLines`, `too_many_lines`.
Result<std::vector<DueLine>, BillingError> lines_due(const Subscription& subscription, Instant from, Instant to);

/// When the next line after `after` falls due; nothing where none ever does.
Result<std::optional<Instant>, BillingError> next_due(const Subscription& subscription, Instant after);

/// Usage that must be known before lines can be rated.
struct UsageNeed {
  std::string feature_key;
  Period period;

  friend bool operator==(const UsageNeed&, const UsageNeed&) = default;
};

/// Whether the subscription begins with the period.
bool is_opening(const Subscription& subscription, const std::optional<Period>& period);
/// Whether the subscription ends with the period.
bool is_closing(const Subscription& subscription, const std::optional<Period>& period);

/// Events of which a line with a period counts: those of the period and, where the subscription ends with it, all later
/// ones; where it begins with it, also those that a clock which is behind has dated up to
/// `limits::kMaxUsageBeforeBeginMs` before. Gateways go on for a while with what they knew of a subscription; what they
/// admitted by then is billed to it, on its last terms (M7, docs/decisions/0011-usage-after-the-end.md).
Period counted_period(const DueLine& line);

/// What a line of a usage-based card needs.
UsageNeed need_of(const catalog::RateCard& card, const DueLine& line);

/// Of all lines, each once, in the order of those that need it first.
std::vector<UsageNeed> usages_needed(const Subscription& subscription, const std::vector<DueLine>& lines);

}  // namespace tollgate::billing
