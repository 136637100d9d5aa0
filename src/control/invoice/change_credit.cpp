#include "control/invoice/change_credit.h"

#include "control/credit/store.h"
#include "control/invoice/billed_lines.h"
#include "control/invoice/credit_origin.h"

#include <set>
#include <utility>

namespace tollgate::control {
namespace {

using billing::ChangeCredit;
using billing::ChangeTiming;

bool same_currency(const StoredSubscription& a, const StoredSubscription& b) {
  return a.plan.plan.currency == b.plan.plan.currency;
}

/// A change that was asked for ahead of time ends the period before it, one on the spot happens in the period that
/// begins with it, where one does. That is the whole difference between them.
ChangeTiming timing_of(const StoredSubscription& successor) {
  return successor.created_at < successor.active_from ? ChangeTiming::scheduled : ChangeTiming::immediate;
}

/// A change of plan that has come.
struct Change {
  StoredSubscription previous;
  Instant at;
  ChangeTiming timing = ChangeTiming::immediate;
};

/// The change by which a subscription began, where it can have brought a credit along.
std::optional<Change> change_to(Sql& sql, const StoredSubscription& successor) {
  if (!successor.previous_id.has_value()) return std::nullopt;
  auto previous = find_subscription(sql, *successor.previous_id);
  if (!previous.has_value() || !same_currency(*previous, successor)) return std::nullopt;
  Change change{std::move(*previous), successor.active_from, timing_of(successor)};
  // The moment of a change on the spot still belongs to what is changed, and with it the period that begins there.
  if (change.timing == ChangeTiming::immediate) change.previous.active_to = Instant{change.at.ms + 1};
  return change;
}

/// Leaves of a credit what `is_kept` says of its fees.
template <class Predicate>
void keep_fees(ChangeCredit& credit, Predicate is_kept) {
  std::erase_if(credit.fees, [&](const billing::FeeCredit& fee) {
    if (is_kept(fee)) return false;
    credit.credit = *credit.credit.minus(fee.credit);  // at most all that there is
    return true;
  });
}

invoice::LineKey key_of(const ChangeCredit& credit, const billing::FeeCredit& fee) {
  return {credit.phase, fee.card, fee.period.from};
}

void keep_fees_on(Sql& sql, const Change& change, std::string_view invoice_id, ChangeCredit& credit) {
  keep_fees(credit, [&](const billing::FeeCredit& fee) {
    return billed_on(sql, change.previous.id, key_of(credit, fee)) == invoice_id;
  });
}

/// What was used of the changed subscription's quotas; nothing without an answer.
std::optional<std::vector<Quota>> quotas_at(Context& context, const Change& change) {
  Entitlements entitlements(context, change.previous, change.at);
  entitlements.ask();
  if (!entitlements.known()) return std::nullopt;
  return entitlements.quotas();
}

/// Whether the subscription was billed for the first time, and so took over what the one before it had left.
bool has_taken_over(Sql& sql, const StoredSubscription& subscription) {
  return !sql.query("SELECT 1 FROM subscriptions WHERE id = ? AND billed_until IS NOT NULL", subscription.id).empty();
}

}  // namespace

Result<billing::ChangeCredit, billing::BillingError> change_credit(Context& context,
                                                                   const StoredSubscription& subscription, Instant at,
                                                                   ChangeTiming timing,
                                                                   const std::vector<Quota>& quotas) {
  auto credit = billing::credit_for_change(billing_view(subscription), at, timing, uses_of(quotas));
  if (!credit.ok()) return credit;
  keep_fees(*credit, [&](const billing::FeeCredit& fee) {
    return fee.period.from > context.now() || is_owed(context.sql, subscription.id, key_of(*credit, fee));
  });
  return credit;
}

Invoicing take_over_credit(Context& context, const StoredSubscription& subscription) {
  const auto change = change_to(context.sql, subscription);
  if (!change.has_value()) return Invoicing::done;
  const auto& [previous, at, timing] = *change;
  move_credits(context.sql, previous, subscription);
  const auto most = change_credit(context, previous, at, timing, {});
  // What cannot be computed was never billed either: its line has failed.
  if (!most.ok() || most->fees.empty()) return Invoicing::done;
  const auto quotas = quotas_at(context, *change);
  if (!quotas.has_value()) return not_answered(context);
  const auto credit = change_credit(context, previous, at, timing, *quotas);
  if (!credit.ok()) return Invoicing::done;
  std::set<std::string> invoices;
  for (const billing::FeeCredit& fee : credit->fees) {
    invoices.insert(billed_on(context.sql, previous.id, key_of(*credit, fee)));
  }
  for (const std::string& invoice_id : invoices) {
    ChangeCredit share = *credit;
    keep_fees_on(context.sql, *change, invoice_id, share);
    grant_credit(context, subscription.id, share.credit,
                 {invoice::CreditKind::change, invoice_id, change_origin(context.sql, previous, at, share, *quotas)});
  }
  return Invoicing::done;
}

Invoicing read_returned_fees(Context& context, const StoredInvoice& voided, std::optional<ReturnedFees>& returned) {
  const auto billed = find_subscription(context.sql, voided.subscription_id);
  const auto successor = billed.has_value() ? find_successor(context.sql, *billed) : std::nullopt;
  if (!successor.has_value() || !has_taken_over(context.sql, *successor)) return Invoicing::done;
  const auto change = change_to(context.sql, *successor);
  if (!change.has_value()) return Invoicing::done;
  const auto credit_by = [&](const std::vector<Quota>& quotas) {
    auto credit =
        billing::credit_for_change(billing_view(change->previous), change->at, change->timing, uses_of(quotas));
    if (credit.ok()) keep_fees_on(context.sql, *change, voided.id, *credit);
    return credit;
  };
  const auto most = credit_by({});
  if (!most.ok() || most->fees.empty()) return Invoicing::done;
  const auto quotas = quotas_at(context, *change);
  if (!quotas.has_value()) return not_answered(context);
  const auto credit = credit_by(*quotas);
  if (!credit.ok()) return Invoicing::done;
  returned = ReturnedFees{credit->credit, change_origin(context.sql, change->previous, change->at, *credit, *quotas)};
  return Invoicing::done;
}

}  // namespace tollgate::control
