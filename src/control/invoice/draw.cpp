#include "control/invoice/draw.h"

#include <utility>

namespace tollgate::control {
namespace {

using billing::BillingError;
using money::Amount;

std::string_view explanation(BillingError error) {
  switch (error) {
    case BillingError::overflow: return "An amount is too large.";
    case BillingError::unknown_currency: return "The plan's currency is not one of ISO 4217.";
    case BillingError::invalid_price: return "The price does not cover the usage.";
    case BillingError::negative_usage: return "The usage is below 0, which has no price.";
    case BillingError::usage_missing: return "The feature has no meter that usage could be read from.";
    case BillingError::out_of_calendar: return "The period leads out of the years 0000 to 9999.";
    case BillingError::too_many_lines: return "More lines fall due than an invoice holds.";
  }
  return {};
}

/// One invoice on its way.
class Drawing {
 public:
  Drawing(Sql& sql, const StoredSubscription& subscription, const InvoiceInput& input)
      : subscription_(subscription),
        input_(input),
        maker_(sql, subscription),
        change_(input.credits.change, no_amount(subscription).currency()),
        carried_(input.credits.carried, no_amount(subscription).currency()) {
    const Amount zero = no_amount(subscription);
    invoice_ = {{}, zero, {}, zero, std::nullopt};
  }

  DrawnInvoice draw() {
    add_due();
    for (const invoice::DrawnLine& line : input_.kept) add(line);
    for (const LateUsage& usage : input_.late) add_late(usage);
    if (!invoice_.failure.has_value()) balance();
    for (const invoice::CreditPurse* purse : {&change_, &carried_}) {
      for (invoice::CreditUse& use : purse->used()) invoice_.used.push_back(std::move(use));
    }
    return std::move(invoice_);
  }

 private:
  const std::string& card_key(const billing::DueLine& due) const {
    return subscription_.plan.plan.phases[due.phase].rate_cards[due.card].key;
  }
  void fail(BillingError error, const std::string& line) {
    if (!invoice_.failure.has_value()) invoice_.failure = {error, line, std::string(explanation(error))};
  }
  void add(invoice::DrawnLine line) {
    const auto sum = invoice_.total.plus(line.amount);
    if (!sum.ok()) return fail(BillingError::overflow, {});
    invoice_.total = *sum;
    invoice_.lines.push_back(std::move(line));
  }

  /// Everything that is due, or all of it that can be rated.
  billing::InvoiceDraft rate_due() {
    std::vector<billing::DueLine> due = input_.due;
    while (true) {
      auto draft = billing::draw_up(billing_view(subscription_), due, input_.usages, change_.left());
      if (draft.ok()) return std::move(*draft);
      const auto [line, error] = draft.error();
      if (line >= due.size()) {  // the sum of the rest, or the currency of nothing
        fail(error, {});
        return {};
      }
      fail(error, card_key(due[line]));
      due.erase(due.begin() + static_cast<std::ptrdiff_t>(line));
    }
  }

  void add_due() {
    const billing::InvoiceDraft draft = rate_due();
    for (const billing::InvoiceLine& line : draft.lines) {
      add(maker_.rated(line.due, line.rating));
      if (line.credit.positive()) add(maker_.credit(&line.due, line.credit, change_.take(line.credit)));
    }
  }

  void add_late(const LateUsage& usage) {
    const catalog::RateCard& card = usage.line.card_of(billing_view(subscription_));
    const auto rating =
        billing::rate_late_usage(*card.price, card.discounts, usage.billed, usage.all, invoice_.total.currency());
    if (!rating.ok()) return fail(rating.error(), card.key);
    add(maker_.late(usage, *rating));
  }

  void balance() {
    if (invoice_.total.negative()) {
      invoice_.carried = invoice_.total.negated();
      return add(maker_.carried(invoice_.carried));
    }
    const Amount credit = carried_.left().less_than(invoice_.total) ? carried_.left() : invoice_.total;
    if (credit.positive()) add(maker_.credit(nullptr, credit, carried_.take(credit)));
  }

  const StoredSubscription& subscription_;
  const InvoiceInput& input_;
  LineMaker maker_;
  invoice::CreditPurse change_;
  invoice::CreditPurse carried_;
  DrawnInvoice invoice_;
};

}  // namespace

DrawnInvoice draw_invoice(Sql& sql, const StoredSubscription& subscription, const InvoiceInput& input) {
  DrawnInvoice invoice = Drawing(sql, subscription, input).draw();
  if (!invoice.failure.has_value() || invoice.used.empty()) return invoice;
  InvoiceInput without_credit = input;
  without_credit.credits.change.clear();
  return Drawing(sql, subscription, without_credit).draw();
}

}  // namespace tollgate::control
