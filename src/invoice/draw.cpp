#include "invoice/draw.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace tollgate::invoice {
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

money::Currency currency_of(const billing::Subscription& subscription) {
  return money::Currency::of(subscription.plan->currency).value_or(money::Currency());
}

/// One invoice on its way.
class Drawing {
 public:
  Drawing(const InvoiceInput& input, std::vector<Credit> change)
      : input_(input),
        maker_(input.subscription, input.meters),
        change_(std::move(change), currency_of(input.subscription)),
        carried_(input.credits.carried, currency_of(input.subscription)) {
    invoice_.total = invoice_.carried = Amount::zero(currency_of(input.subscription));
  }

  DrawnInvoice draw() {
    add_due();
    for (const DrawnLine& line : input_.kept) add(line);
    for (const ComparedUsage& usage : input_.compared) {
      if (usage.changed()) add_late(usage);
    }
    if (!invoice_.failure.has_value()) balance();
    for (const CreditPurse* purse : {&change_, &carried_}) {
      for (CreditUse& use : purse->used()) invoice_.used.push_back(std::move(use));
    }
    return std::move(invoice_);
  }

 private:
  void fail(BillingError error, const std::string& line) {
    if (!invoice_.failure.has_value()) invoice_.failure = {error, line, std::string(explanation(error))};
  }
  void add(DrawnLine line) {
    const auto sum = invoice_.total.plus(line.amount);
    if (!sum.ok()) return fail(BillingError::overflow, {});
    invoice_.total = *sum;
    invoice_.lines.push_back(std::move(line));
  }

  /// Everything that is due, or all of it that can be rated.
  billing::InvoiceDraft rate_due() {
    std::vector<billing::DueLine> due = input_.due;
    while (true) {
      auto draft = billing::draw_up(input_.subscription, due, input_.usages, change_.left());
      if (draft.ok()) return std::move(*draft);
      const auto [line, error] = draft.error();
      if (line >= due.size()) {  // the sum of the rest, or the currency of nothing
        fail(error, {});
        return {};
      }
      fail(error, due[line].card_of(input_.subscription).key);
      due.erase(due.begin() + static_cast<std::ptrdiff_t>(line));
    }
  }

  void add_due() {
    billing::InvoiceDraft draft = rate_due();
    for (billing::InvoiceLine& line : draft.lines) {
      add(maker_.rated(line.due, std::move(line.rating)));
      if (line.credit.positive()) add(maker_.credit(&line.due, line.credit, change_.take(line.credit)));
    }
  }

  void add_late(const ComparedUsage& usage) {
    const catalog::RateCard& card = usage.line.card_of(input_.subscription);
    auto rating =
        billing::rate_late_usage(*card.price, card.discounts, usage.billed, usage.all, invoice_.total.currency());
    if (!rating.ok()) return fail(rating.error(), card.key);
    add(maker_.late(usage, std::move(*rating)));
  }

  void balance() {
    if (invoice_.total.negative()) {
      invoice_.carried = invoice_.total.negated();
      return add(maker_.carried(invoice_.carried));
    }
    const Amount credit = carried_.left().less_than(invoice_.total) ? carried_.left() : invoice_.total;
    if (credit.positive()) add(maker_.credit(nullptr, credit, carried_.take(credit)));
  }

  const InvoiceInput& input_;
  LineMaker maker_;
  CreditPurse change_;
  CreditPurse carried_;
  DrawnInvoice invoice_;
};

/// With the credit of changes of plan or, where a line cannot be rated, without it.
DrawnInvoice drawn_with_credit(const InvoiceInput& input) {
  DrawnInvoice invoice = Drawing(input, input.credits.change).draw();
  if (!invoice.failure.has_value() || invoice.used.empty()) return invoice;
  return Drawing(input, {}).draw();
}

bool is_corrected(const InvoiceInput& input, const LineKey& key) {
  return std::any_of(input.corrected.begin(), input.corrected.end(),
                     [&](const billing::DueLine& line) { return LineKey::of(line) == key; });
}

std::vector<NewlyBilled> newly_billed(const InvoiceInput& input, const std::vector<DrawnLine>& lines) {
  std::vector<NewlyBilled> billed;
  for (const billing::DueLine& line : input.due) {
    const LineKey key = LineKey::of(line);
    if (!is_corrected(input, key)) billed.push_back({line, usage_on(lines, key)});
  }
  return billed;
}

}  // namespace

bool is_empty(const InvoiceInput& input) {
  return input.due.empty() && std::none_of(input.compared.begin(), input.compared.end(),
                                           [](const ComparedUsage& usage) { return usage.changed(); });
}

std::optional<Quantity> usage_on(const std::vector<DrawnLine>& lines, const LineKey& key) {
  for (const DrawnLine& line : lines) {
    if (line.kind == LineKind::usage && line.key == key) return line.usage;
  }
  return std::nullopt;
}

DrawnInvoice draw_invoice(const InvoiceInput& input) {
  DrawnInvoice invoice = drawn_with_credit(input);
  if (input.usage_overflow && invoice.failure.has_value()) {
    // Lines without usage are what such a ledger makes: that is the reason to give.
    invoice.failure->error = BillingError::overflow;
    invoice.failure->detail = "The usage adds up to 10^18 or more.";
  }
  if (input.is_of_pack) {
    for (DrawnLine& line : invoice.lines) line.key.reset();
  } else {
    invoice.billed = newly_billed(input, invoice.lines);
  }
  return invoice;
}

}  // namespace tollgate::invoice
