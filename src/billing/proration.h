#pragma once

#include "base/quantity.h"
#include "base/result.h"
#include "billing/error.h"
#include "billing/subscription.h"
#include "calendar/period.h"
#include "money/amount.h"
#include "money/fraction.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tollgate::billing {

/// What was granted for the period of a fee and what was used of it. Entitlements without a grant (`limit` of 0, soft
/// limits without `issueAfterReset`) have no fraction to consume: leave them out, or pass 0.
struct QuotaUse {
  Quantity limit;
  Quantity used;
};

/// How much of a period is used up (S7.8): its time, and of several quotas the one that is used up furthest.
struct Consumed {
  money::Fraction time;
  std::optional<money::Fraction> quota;  ///< none: time alone counts
  std::size_t quota_index = 0;           ///< which of the quotas it is

  /// The greater of the two.
  money::Fraction most() const;
};

/// Time counts from 0 at `period.from` to all of it at `period.to`, and is neither less before nor more after.
Consumed consumed_of(Period period, Instant at, std::span<const QuotaUse> quotas);

/// What is left of a fee that was paid in advance: fee × (1 − what is consumed), in exact fractions, rounded once
/// (S7.8). `fee` is ≥ 0.
///
///     29.00 a month, half the period gone, 7 000 of 10 000 used: 8.70
money::Amount credit_of(money::Decimal fee, const Consumed& consumed, money::Currency currency);

/// When a change of plan was asked for.
enum class ChangeTiming : std::uint8_t {
  immediate,  ///< now: the fee of a period that begins at this very moment has fallen due already
  scheduled,  ///< before: at a bound, the old plan's fee for the next period never falls due, and nothing is given back
};

/// What a change of plan gives back of one fee.
struct FeeCredit {
  std::size_t card = 0;  ///< of the phase
  money::Amount fee;     ///< as it was billed
  Period period;         ///< that it was billed for
  Consumed consumed;     ///< of that period
  money::Amount credit;  ///< ≥ 0
};

/// The credit for a change of plan at some moment.
struct ChangeCredit {
  money::Amount credit;         ///< ≥ 0, in the plan's currency: the sum of the fees' credits
  Consumed consumed;            ///< of the billing period around the moment
  std::size_t phase = 0;        ///< of the plan: the one whose fees these are
  std::vector<FeeCredit> fees;  ///< in the order of the cards
};

/// What a change of plan at `at` gives back (S7.8): for each recurring fee that the phase in effect takes in advance,
/// what is left of its period around `at`, as it was billed (after discounts, before credits). One-time fees have no
/// period and give nothing back. 0 where `proRatingConfig.enabled` is false, before the subscription begins and after
/// its end. `active_to` may be at `at` already; a period is not cut off by it, since its fee was due in full.
/// `quotas` are those of the metered entitlements in effect at `at`.
///
/// Fails with `unknown_currency`, `overflow` or `out_of_calendar`.
Result<ChangeCredit, BillingError> credit_for_change(const Subscription& subscription, Instant at, ChangeTiming timing,
                                                     std::span<const QuotaUse> quotas);

/// A fraction for people: at most six fractional digits, those beyond dropped: `0.5`, `0.333333`.
std::string fraction_text(money::Fraction fraction);

}  // namespace tollgate::billing
