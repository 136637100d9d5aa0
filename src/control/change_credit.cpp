#include "control/change_credit.h"

#include "control/billed_lines.h"
#include "control/credit_origin.h"
#include "control/credit_store.h"

namespace tollgate::control {
namespace {

using billing::ChangeTiming;

bool same_currency(const StoredSubscription& a, const StoredSubscription& b) {
  return a.plan.plan.currency == b.plan.plan.currency;
}

/// A change that was asked for ahead of time ends the period before it, one on the spot happens in the period that begins
/// with it, where one does. That is the whole difference between them.
ChangeTiming timing_of(const StoredSubscription& successor) {
  return successor.created_at < successor.active_from ? ChangeTiming::scheduled : ChangeTiming::immediate;
}

}  // namespace

Result<billing::ChangeCredit, billing::BillingError> change_credit(Context& context,
                                                                   const StoredSubscription& subscription, Instant at,
                                                                   ChangeTiming timing,
                                                                   const std::vector<Quota>& quotas) {
  auto credit = billing::credit_for_change(billing_view(subscription), at, timing, uses_of(quotas));
  if (!credit.ok()) return credit;
  std::erase_if(credit->fees, [&](const billing::FeeCredit& fee) {
    const bool is_ahead = fee.period.from > context.now();
    if (is_ahead || is_owed(context.sql, subscription.id, {credit->phase, fee.card, fee.period.from})) return false;
    credit->credit = *credit->credit.minus(fee.credit);  // at most all that there is
    return true;
  });
  return credit;
}

Invoicing take_over_credit(Context& context, const StoredSubscription& subscription) {
  if (!subscription.previous_id.has_value()) return Invoicing::done;
  auto previous = find_subscription(context.sql, *subscription.previous_id);
  if (!previous.has_value() || !same_currency(*previous, subscription)) return Invoicing::done;
  move_credits(context.sql, *previous, subscription);
  const Instant at = subscription.active_from;
  const ChangeTiming timing = timing_of(subscription);
  // The moment of a change on the spot still belongs to what is changed, and with it the period that begins there.
  if (timing == ChangeTiming::immediate) previous->active_to = Instant{at.ms + 1};
  const auto most = change_credit(context, *previous, at, timing, {});
  // What cannot be computed was never billed either: its line has failed.
  if (!most.ok() || most->fees.empty()) return Invoicing::done;
  Entitlements entitlements(context, *previous, at);
  entitlements.ask();
  if (!entitlements.known()) return not_answered(context);
  const std::vector<Quota> quotas = entitlements.quotas();
  const auto credit = change_credit(context, *previous, at, timing, quotas);
  if (!credit.ok()) return Invoicing::done;
  grant_credit(context, subscription.id, credit->credit,
               {CreditKind::change, previous->id, change_origin(context.sql, *previous, at, *credit, quotas)});
  return Invoicing::done;
}

}  // namespace tollgate::control
