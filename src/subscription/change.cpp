#include "subscription/change.h"

#include <algorithm>

namespace tollgate::subscription {

Direction direction_of(std::span<const std::string> plan_order, std::string_view from, std::string_view to) {
  const auto old_place = std::find(plan_order.begin(), plan_order.end(), from);
  const auto new_place = std::find(plan_order.begin(), plan_order.end(), to);
  const bool both_listed = old_place != plan_order.end() && new_place != plan_order.end();
  return both_listed && new_place < old_place ? Direction::downgrade : Direction::upgrade;
}

Instant anchor_after_change(Instant anchor, Cadence cadence, Instant begin) {
  const auto period = period_containing(anchor, cadence, begin);
  return period.ok() && period->from == begin ? anchor : begin;
}

}  // namespace tollgate::subscription
