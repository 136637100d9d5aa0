#include "billing/due.h"

#include "base/limits.h"
#include "billing/fee.h"
#include "subscription/timeline.h"

#include <algorithm>
#include <tuple>

namespace tollgate::billing {
namespace {

using catalog::RateCard;
using subscription::PhaseSpan;

/// The end of a phase or, where that comes first, of the subscription.
std::optional<Instant> end_of(const Subscription& subscription, const PhaseSpan& span) {
  if (!span.to.has_value()) return subscription.active_to;
  return subscription.active_to.has_value() ? std::min(*span.to, *subscription.active_to) : *span.to;
}

/// One card in one phase of a subscription.
struct Place {
  const Subscription& subscription;
  const PhaseSpan& span;
  std::size_t card;

  DueLine line(std::optional<Period> period, Instant due_at, bool advance) const {
    return {
        span.index, card, due_at, period, advance, is_opening(subscription, period), is_closing(subscription, period)};
  }
};

/// Shows `visit` the lines of a card whose period is over after `from`, in order of time, until it answers false.
template <class Visit>
Result<bool, BillingError> walk_card(const Place& place, Instant from, Visit& visit) {
  const Subscription& subscription = place.subscription;
  const RateCard& card = subscription.plan->phases[place.span.index].rate_cards[place.card];
  if (!card.price.has_value()) return true;
  const bool advance = is_in_advance(card);
  const std::optional<Instant> end = end_of(subscription, place.span);
  if (!card.billing_cadence.has_value()) {
    const std::optional<Instant> due = advance ? place.span.from : end;
    if (due.has_value()) visit(place.line(std::nullopt, *due, advance));
    return true;
  }
  Instant at = std::max(place.span.from, from);
  while (!end.has_value() || at < *end) {
    const auto period = subscription::usage_period(subscription.billing_anchor, card.billing_cadence->cadence,
                                                   place.span, subscription.active_to, at);
    if (!period.ok()) return fail(BillingError::out_of_calendar);
    if (!visit(place.line(*period, advance ? period->from : period->to, advance))) return true;
    at = period->to;
  }
  return true;
}

/// The same for all cards of all phases that begin before `before`.
template <class Visit>
Result<bool, BillingError> walk(const Subscription& subscription, Instant from, std::optional<Instant> before,
                                Visit& visit) {
  const auto& active_to = subscription.active_to;
  std::optional<Instant> at = subscription.active_from;
  while (at.has_value() && (!active_to.has_value() || *at < *active_to) && (!before.has_value() || *at < *before)) {
    const auto span =
        subscription::phase_at(*subscription.plan, subscription.starting_phase, subscription.active_from, *at);
    if (!span.ok()) return fail(BillingError::out_of_calendar);
    for (std::size_t card = 0; card < subscription.plan->phases[span->index].rate_cards.size(); ++card) {
      const auto walked = walk_card({subscription, *span, card}, from, visit);
      if (!walked.ok()) return walked;
    }
    at = span->to;
  }
  return true;
}

}  // namespace

Result<std::vector<DueLine>, BillingError> lines_due(const Subscription& subscription, Instant from, Instant to) {
  std::vector<DueLine> lines;
  bool too_many = false;
  auto visit = [&](const DueLine& line) {
    if (line.due_at >= to) return false;
    if (line.due_at < from) return true;
    too_many = lines.size() == limits::kMaxDueLines;
    if (!too_many) lines.push_back(line);
    return !too_many;
  };
  // A line in arrears is due when its period is over: the one that ends at `from` contains the moment before.
  const auto walked = walk(subscription, {from.ms - 1}, to, visit);
  if (!walked.ok()) return fail(walked.error());
  if (too_many) return fail(BillingError::too_many_lines);
  std::sort(lines.begin(), lines.end(), [](const DueLine& a, const DueLine& b) {
    return std::tie(a.due_at, a.phase, a.card) < std::tie(b.due_at, b.phase, b.card);
  });
  return lines;
}

Result<std::optional<Instant>, BillingError> next_due(const Subscription& subscription, Instant after) {
  std::optional<Instant> next;
  auto visit = [&](const DueLine& line) {
    if (line.due_at <= after) return true;
    if (!next.has_value() || line.due_at < *next) next = line.due_at;
    return false;
  };
  const auto walked = walk(subscription, after, std::nullopt, visit);
  if (!walked.ok()) return fail(walked.error());
  return next;
}

bool is_opening(const Subscription& subscription, const std::optional<Period>& period) {
  return period.has_value() && period->from == subscription.active_from;
}

bool is_closing(const Subscription& subscription, const std::optional<Period>& period) {
  return period.has_value() && subscription.active_to.has_value() && period->to == *subscription.active_to;
}

Period counted_period(const DueLine& line) {
  TOLLGATE_ASSERT(line.period.has_value());
  Period counted = *line.period;
  if (line.opening) counted.from = std::max(Instant{counted.from.ms - limits::kMaxUsageBeforeBeginMs}, kFirstInstant);
  if (line.closing) counted.to = std::min(Instant{counted.to.ms + limits::kMaxUsageAfterEndMs}, kLastInstant);
  return counted;
}

UsageNeed need_of(const RateCard& card, const DueLine& line) {
  TOLLGATE_ASSERT(card.feature_key.has_value());
  return {*card.feature_key, counted_period(line)};
}

std::vector<UsageNeed> usages_needed(const Subscription& subscription, const std::vector<DueLine>& lines) {
  std::vector<UsageNeed> needs;
  for (const DueLine& line : lines) {
    const RateCard& card = line.card_of(subscription);
    if (card.type != catalog::RateCardType::usage_based) continue;
    UsageNeed need = need_of(card, line);
    if (std::find(needs.begin(), needs.end(), need) == needs.end()) needs.push_back(std::move(need));
  }
  return needs;
}

}  // namespace tollgate::billing
