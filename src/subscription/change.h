#pragma once

#include "calendar/period.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tollgate::subscription {

/// What a change of plan is, as far as it decides when the change takes effect (S7.7).
enum class Direction : std::uint8_t {
  upgrade,    ///< takes effect at once
  downgrade,  ///< takes effect when the billing cycle ends, which is paid for
};

/// By the places of the two plans in `plan_order`, keys from the lowest plan to the highest: an equal or higher place
/// is an upgrade, a lower one a downgrade. Where either is not listed there is nothing to compare: an upgrade.
Direction direction_of(std::span<const std::string> plan_order, std::string_view from, std::string_view to);

/// The billing anchor of a subscription that replaces another one from `begin` on: the other one's, where its grid of
/// `cadence`, the new plan's, has a boundary at `begin`, so that the days of billing stay what they were (the 31st is
/// not lost in February); otherwise `begin`.
Instant anchor_after_change(Instant anchor, Cadence cadence, Instant begin);

}  // namespace tollgate::subscription
