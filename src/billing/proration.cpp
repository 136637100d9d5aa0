#include "billing/proration.h"

#include "billing/fee.h"
#include "billing/rating.h"
#include "money/round.h"
#include "subscription/timeline.h"

#include <algorithm>

namespace tollgate::billing {
namespace {

using money::Amount;
using money::Fraction;

/// Periods around `at` of a subscription, as its fees were billed for them.
struct Around {
  Instant billing_anchor;
  Instant at;
  Instant inside;  ///< a moment of the period that counts
  subscription::PhaseSpan phase;

  Result<Period, BillingError> period(Cadence cadence) const {
    const auto period = subscription::usage_period(billing_anchor, cadence, phase, std::nullopt, inside);
    if (!period.ok()) return fail(BillingError::out_of_calendar);
    return *period;
  }
};

Result<Around, BillingError> around(const Subscription& subscription, Instant at, ChangeTiming timing) {
  const Instant inside =
      std::max(subscription.active_from, timing == ChangeTiming::immediate ? at : Instant{at.ms - 1});
  const auto phase =
      subscription::phase_at(*subscription.plan, subscription.starting_phase, subscription.active_from, inside);
  if (!phase.ok()) return fail(BillingError::out_of_calendar);
  return Around{subscription.billing_anchor, at, inside, *phase};
}

/// What is left of one fee.
Result<FeeCredit, BillingError> credit_of_card(const catalog::Phase& phase, std::size_t index, const Around& around,
                                               std::span<const QuotaUse> quotas, money::Currency currency) {
  const catalog::RateCard& card = phase.rate_cards[index];
  const auto period = around.period(card.billing_cadence->cadence);
  if (!period.ok()) return fail(period.error());
  const auto fee = rate(*card.price, card.discounts, Quantity(), currency);
  if (!fee.ok()) return fail(fee.error());
  const auto value = fee->total.decimal();
  if (!value.ok()) return fail(BillingError::overflow);
  const Consumed consumed = consumed_of(*period, around.at, quotas);
  return FeeCredit{index, fee->total, *period, consumed, credit_of(*value, consumed, currency)};
}

}  // namespace

Fraction Consumed::most() const { return quota.has_value() && time < *quota ? *quota : time; }

Consumed consumed_of(Period period, Instant at, std::span<const QuotaUse> quotas) {
  Consumed consumed;
  consumed.time = Fraction::of(at.ms - period.from.ms, period.to.ms - period.from.ms);
  for (std::size_t i = 0; i < quotas.size(); ++i) {
    if (!quotas[i].limit.positive()) continue;
    const Fraction fraction = Fraction::of(quotas[i].used.nanos(), quotas[i].limit.nanos());
    if (consumed.quota.has_value() && !(*consumed.quota < fraction)) continue;
    consumed.quota = fraction;
    consumed.quota_index = i;
  }
  return consumed;
}

Amount credit_of(money::Decimal fee, const Consumed& consumed, money::Currency currency) {
  return money::rounded_share(fee, consumed.most().rest(), currency);
}

Result<ChangeCredit, BillingError> credit_for_change(const Subscription& subscription, Instant at, ChangeTiming timing,
                                                     std::span<const QuotaUse> quotas) {
  const auto currency = money::Currency::of(subscription.plan->currency);
  if (!currency.has_value()) return fail(BillingError::unknown_currency);
  const auto here = around(subscription, at, timing);
  if (!here.ok()) return fail(here.error());
  const auto period = here->period(subscription.plan->billing_cadence.cadence);
  if (!period.ok()) return fail(period.error());
  ChangeCredit result{Amount::zero(*currency), consumed_of(*period, at, quotas), here->phase.index, {}};
  const bool ended = subscription.active_to.has_value() && *subscription.active_to < at;
  const bool in_effect = subscription.active_from <= at && !ended;
  if (!in_effect || !subscription.plan->proration_enabled.value_or(true)) return result;
  const catalog::Phase& phase = subscription.plan->phases[here->phase.index];
  for (std::size_t i = 0; i < phase.rate_cards.size(); ++i) {
    if (!is_recurring_in_advance(phase.rate_cards[i])) continue;
    const auto fee = credit_of_card(phase, i, *here, quotas, *currency);
    if (!fee.ok()) return fail(fee.error());
    const auto sum = result.credit.plus(fee->credit);
    if (!sum.ok()) return fail(BillingError::overflow);
    result.credit = *sum;
    result.fees.push_back(*fee);
  }
  return result;
}

std::string fraction_text(Fraction fraction) {
  constexpr std::uint64_t kMillion = 1'000'000;
  const auto millionths = money::Uint256::product(fraction.numerator(), kMillion).divide(fraction.denominator());
  const auto decimal = Quantity::nanos(static_cast<Int128>(millionths.quotient.to_128()) * 1'000);
  char text[Quantity::kMaxText];
  return {text, decimal.write(text)};
}

}  // namespace tollgate::billing
