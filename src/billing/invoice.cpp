#include "billing/invoice.h"

#include <algorithm>

namespace tollgate::billing {
namespace {

using catalog::RateCard;
using money::Amount;

Result<Quantity, BillingError> usage_of(const RateCard& card, const DueLine& line, std::span<const Usage> usages) {
  if (card.type != catalog::RateCardType::usage_based) return Quantity();
  const auto need = need_of(card, line);
  const auto found = std::find_if(usages.begin(), usages.end(), [&](const Usage& usage) { return usage.of == need; });
  if (found == usages.end()) return fail(BillingError::usage_missing);
  return found->quantity;
}

Result<InvoiceLine, BillingError> rated(const RateCard& card, const DueLine& due, std::span<const Usage> usages,
                                        money::Currency currency) {
  const auto usage = usage_of(card, due, usages);
  if (!usage.ok()) return fail(usage.error());
  auto rating = rate(*card.price, card.discounts, *usage, currency);
  if (!rating.ok()) return fail(rating.error());
  const Amount total = rating->total;
  return InvoiceLine{due, std::move(*rating), Amount::zero(currency), total};
}

/// Takes as much of the credit off a fee as it can bear. Neither difference can overflow: both amounts are ≥ 0.
void apply_credit(InvoiceLine& line, Amount& credit) {
  if (!line.due.in_advance) return;
  line.credit = credit.less_than(line.total) ? credit : line.total;
  line.total = *line.total.minus(line.credit);
  credit = *credit.minus(line.credit);
}

}  // namespace

Result<InvoiceDraft, LineFailure> draw_up(const Subscription& subscription, const std::vector<DueLine>& lines,
                                          std::span<const Usage> usages, Amount credit) {
  const auto currency = money::Currency::of(subscription.plan->currency);
  if (!currency.has_value()) return fail(LineFailure{0, BillingError::unknown_currency});
  TOLLGATE_ASSERT(credit.currency() == *currency && !credit.negative());
  InvoiceDraft draft{{}, Amount::zero(*currency), credit};
  draft.lines.reserve(lines.size());
  for (const DueLine& due : lines) {
    auto line = rated(due.card_of(subscription), due, usages, *currency);
    if (!line.ok()) return fail(LineFailure{draft.lines.size(), line.error()});
    apply_credit(*line, draft.credit_left);
    const auto sum = draft.total.plus(line->total);
    if (!sum.ok()) return fail(LineFailure{lines.size(), BillingError::overflow});
    draft.total = *sum;
    draft.lines.push_back(std::move(*line));
  }
  return draft;
}

}  // namespace tollgate::billing
