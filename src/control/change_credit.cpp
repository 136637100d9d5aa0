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

}  // namespace

Result<billing::ChangeCredit, billing::BillingError> change_credit(Sql& sql, const StoredSubscription& subscription,
                                                                   Instant at, ChangeTiming timing,
                                                                   const std::vector<Quota>& quotas) {
  auto credit = billing::credit_for_change(billing_view(subscription), at, timing, uses_of(quotas));
  if (!credit.ok()) return credit;
  std::erase_if(credit->fees, [&](const billing::FeeCredit& fee) {
    if (!is_void(sql, subscription.id, {credit->phase, fee.card, fee.period.from})) return false;
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
  const auto prepaid = last_prepaid(context.sql, previous->id);
  if (!prepaid.has_value() || prepaid->to < at) return Invoicing::done;
  const ChangeTiming timing = prepaid->from < at ? ChangeTiming::scheduled : ChangeTiming::immediate;
  // A period that began at this moment was paid for although it was cut off at once: its quota counts, not the last one's.
  if (timing == ChangeTiming::immediate) previous->active_to.reset();
  Entitlements entitlements(context, *previous, at);
  entitlements.ask();
  if (!entitlements.known()) return not_answered(context);
  const std::vector<Quota> quotas = entitlements.quotas();
  const auto credit = change_credit(context.sql, *previous, at, timing, quotas);
  // What cannot be computed was never billed either: its line has failed.
  if (!credit.ok()) return Invoicing::done;
  grant_credit(context, subscription.id, credit->credit,
               {CreditKind::change, previous->id, change_origin(context.sql, *previous, at, *credit, quotas)});
  return Invoicing::done;
}

}  // namespace tollgate::control
