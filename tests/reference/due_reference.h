#pragma once

#include "billing/due.h"
#include "tests/reference/calendar_reference.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <vector>

namespace tollgate::reference {

/// Bounds of a recurrence strictly between two moments, by looking at every day (every hour, for hours) in turn.
inline std::vector<std::int64_t> bounds_between(std::int64_t anchor_ms, Cadence cadence, std::int64_t from_ms,
                                                std::int64_t to_ms) {
  constexpr std::int64_t kHour = 3'600'000;
  const std::vector<Date>& days = every_day();
  const std::int64_t anchor_day = anchor_ms / kMsPerDay;
  const std::int64_t ms_of_day = anchor_ms % kMsPerDay;
  const Date& anchor = days[static_cast<std::size_t>(anchor_day)];
  std::vector<std::int64_t> bounds;
  for (std::int64_t day = from_ms / kMsPerDay - 1; day <= to_ms / kMsPerDay; ++day) {
    const auto index = static_cast<std::size_t>(day);
    for (std::int64_t hour = 0; hour < (cadence.unit == Cadence::Unit::hour ? 24 : 1); ++hour) {
      std::int64_t at = day * kMsPerDay + ms_of_day;
      bool bound = false;
      if (cadence.unit == Cadence::Unit::hour) {
        at = day * kMsPerDay + hour * kHour + ms_of_day % kHour;
        bound = (at - anchor_ms) / kHour % cadence.count == 0;
      } else {
        bound = bound_on(days[index], days[index + 1], day - anchor_day, anchor, cadence);
      }
      if (bound && from_ms < at && at < to_ms) bounds.push_back(at);
    }
  }
  return bounds;
}

/// Everything that a subscription owes up to `horizon_ms`, in no hurry: each phase is laid out in time, each card's
/// periods are cut out of it. A line is (due_at, phase, card, from, to, in advance); a one-time fee has from = to = -1.
using OwedLine = std::tuple<std::int64_t, std::size_t, std::size_t, std::int64_t, std::int64_t, bool>;

class Owed {
 public:
  Owed(const billing::Subscription& subscription, std::int64_t horizon_ms)
      : subscription_(subscription), horizon_(horizon_ms) {
    std::int64_t begin = subscription.active_from.ms;
    const std::int64_t end = subscription.active_to.has_value() ? subscription.active_to->ms : horizon_;
    for (std::size_t i = subscription.starting_phase; i < subscription.plan->phases.size() && begin < end; ++i) {
      const auto& duration = subscription.plan->phases[i].duration;
      std::int64_t phase_end = horizon_;
      if (duration.has_value()) {
        const auto bounds = bounds_between(begin, duration->cadence, begin, begin + 1100 * kMsPerDay);
        phase_end = bounds.front();
      }
      const bool ends = duration.has_value() || subscription.active_to.has_value();
      add_phase(i, begin, std::min(phase_end, end), ends && std::min(phase_end, end) < horizon_);
      begin = phase_end;
    }
    std::sort(lines_.begin(), lines_.end());
  }

  std::vector<OwedLine> between(std::int64_t from_ms, std::int64_t to_ms) const {
    std::vector<OwedLine> result;
    for (const OwedLine& line : lines_) {
      if (from_ms <= std::get<0>(line) && std::get<0>(line) < to_ms) result.push_back(line);
    }
    return result;
  }

 private:
  void add_phase(std::size_t phase, std::int64_t from, std::int64_t to, bool ends) {
    const auto& cards = subscription_.plan->phases[phase].rate_cards;
    for (std::size_t i = 0; i < cards.size(); ++i) {
      const catalog::RateCard& card = cards[i];
      if (!card.price.has_value()) continue;
      const bool advance =
          card.type == catalog::RateCardType::flat_fee && card.price->payment_term != catalog::PaymentTerm::in_arrears;
      if (!card.billing_cadence.has_value()) {
        if (advance) lines_.push_back({from, phase, i, -1, -1, true});
        if (!advance && ends) lines_.push_back({to, phase, i, -1, -1, false});
        continue;
      }
      std::vector<std::int64_t> cuts{from};
      for (std::int64_t bound :
           bounds_between(subscription_.billing_anchor.ms, card.billing_cadence->cadence, from, to)) {
        cuts.push_back(bound);
      }
      cuts.push_back(to);
      for (std::size_t cut = 1; cut < cuts.size(); ++cut) {
        const bool open = cut + 1 == cuts.size() && !ends;  // the horizon cuts this one, nothing else does
        if (advance) lines_.push_back({cuts[cut - 1], phase, i, cuts[cut - 1], open ? -1 : cuts[cut], true});
        if (!advance && !open) lines_.push_back({cuts[cut], phase, i, cuts[cut - 1], cuts[cut], false});
      }
    }
  }

  const billing::Subscription& subscription_;
  std::int64_t horizon_;
  std::vector<OwedLine> lines_;
};

}  // namespace tollgate::reference
