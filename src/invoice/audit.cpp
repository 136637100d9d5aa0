#include "invoice/audit.h"

#include "billing/rating.h"
#include "invoice/audit_credit.h"
#include "invoice/text.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace tollgate::invoice {
namespace {

using money::Amount;

/// What is said of a line that cannot be read.
std::string_view objection_to(LineFault fault) {
  switch (fault) {
    case LineFault::head: return "the line cannot be read";
    case LineFault::price:
    case LineFault::usage: return "the price on the line cannot be read";
    case LineFault::sources: return "the line does not tell where the credit comes from";
    case LineFault::granted: return "a source of the credit cannot be read";
  }
  return {};
}

/// Computes lines of one invoice again.
class Auditor {
 public:
  Auditor(const ToldInvoice& invoice, AuditSource& source) : invoice_(invoice), source_(source) {}

  Result<AuditedLine, std::string> audit(const ToldLine& told) const {
    AuditedLine audited{told.kind, told.card, told.amount, {}, told.usage, {}, false, false, {}};
    // What is carried on is made from all other lines.
    if (told.kind == name(LineKind::carried)) return audited;
    if (!told.line.ok()) return unreadable(told.line.error(), std::move(audited));
    const Line& line = *told.line;
    if (line.kind == LineKind::credit) return audit_of_credit(line, std::move(audited));
    audited.computed = computed(line);
    audited.equal = audited.computed == audited.amount;
    if (invoice_.is_void() || !line.usage.has_value()) return audited;
    if (const auto failure = compare_usage(line, audited)) return fail(*failure);
    return audited;
  }

 private:
  AuditedLine unreadable(LineFault fault, AuditedLine audited) const {
    audited.detail = objection_to(fault);
    if (fault == LineFault::sources) audited.computed = text_of(Amount::zero(invoice_.currency));
    return audited;
  }

  Result<AuditedLine, std::string> audit_of_credit(const Line& line, AuditedLine audited) const {
    const auto credit = audit_credit(invoice_, line, source_);
    if (!credit.ok()) return fail(credit.error());
    audited.computed = text_of(credit->amount);
    audited.equal = credit->right && audited.computed == audited.amount;
    audited.later = audited.equal && credit->later;
    audited.detail = credit->detail;
    return audited;
  }

  /// What the line comes to; empty where its price does not cover its usage.
  std::string computed(const Line& line) const {
    const LineTerms& terms = *line.terms;
    const Quantity usage = line.usage.value_or(Quantity());
    if (line.kind == LineKind::late_usage) {
      const auto late =
          billing::rate_late_usage(terms.price, terms.discounts, *line.billed_usage, usage, invoice_.currency);
      return late.ok() ? text_of(late->difference) : std::string();
    }
    const auto rating = billing::rate(terms.price, terms.discounts, usage, invoice_.currency);
    return rating.ok() ? text_of(rating->total) : std::string();
  }

  /// The usage of which the line's period consists, as `billing::counted_period` says.
  static Period counted_period(const Line& line) {
    return {line.terms->usage_from.value_or(line.card->period->from),
            line.terms->usage_until.value_or(line.card->period->to)};
  }

  /// Usage that changed after it was billed is fine where later invoices have billed the difference.
  std::optional<std::string> compare_usage(const Line& line, AuditedLine& audited) const {
    const std::string meter = line.terms->meter.value_or("");
    const auto ledger = source_.usage({invoice_.subscription_id, meter, counted_period(line)});
    if (!ledger.ok()) return ledger.error();
    audited.ledger = text_of(*ledger);
    if (audited.ledger == audited.usage) return std::nullopt;
    const auto invoices = source_.invoices(invoice_.customer_id);
    if (!invoices.ok()) return invoices.error();
    const bool is_billed = last_correction(line, **invoices) == *ledger;
    audited.equal = audited.equal && is_billed;
    audited.detail = is_billed ? "usage came late and is on a later invoice" : "usage came late and is not billed yet";
    return std::nullopt;
  }

  /// The usage up to which the line's period was corrected; nothing where it was not.
  std::optional<Quantity> last_correction(const Line& line, const std::vector<ToldInvoice>& invoices) const {
    std::optional<Quantity> usage;
    for (const ToldInvoice& other : invoices) {
      if (other.is_void() || other.subscription_id != invoice_.subscription_id) continue;
      for (const ToldLine& told : other.lines) {
        if (told.line.ok() && corrects(*told.line, line)) usage = told.line->usage;
      }
    }
    return usage;
  }

  static bool corrects(const Line& other, const Line& line) {
    return other.kind == LineKind::late_usage && other.card->card == line.card->card &&
           other.card->phase == line.card->phase && other.card->period->from == line.card->period->from;
  }

  const ToldInvoice& invoice_;
  AuditSource& source_;
};

std::optional<Amount> sum_of(const std::vector<AuditedLine>& lines, money::Currency currency) {
  Amount sum = Amount::zero(currency);
  for (const AuditedLine& line : lines) {
    const auto amount = Amount::parse(line.amount, currency);
    if (!amount.ok()) return std::nullopt;
    const auto more = sum.plus(*amount);
    if (!more.ok()) return std::nullopt;
    sum = *more;
  }
  return sum;
}

/// What is carried on is what the other lines come to below 0.
void audit_carried(std::vector<AuditedLine>& lines, money::Currency currency) {
  const auto is_carried = [](const AuditedLine& line) { return line.kind == name(LineKind::carried); };
  std::vector<AuditedLine> others = lines;
  std::erase_if(others, is_carried);
  const auto sum = sum_of(others, currency);
  for (AuditedLine& line : lines) {
    if (!is_carried(line) || !sum.has_value()) continue;
    line.computed = text_of(sum->negative() ? sum->negated() : Amount::zero(currency));
    line.equal = line.computed == line.amount;
  }
}

}  // namespace

Result<Audit, std::string> audit_invoice(const ToldInvoice& invoice, AuditSource& source) {
  Audit audit{invoice.id, invoice.number, invoice.status, std::string(invoice.currency.code()), {}, invoice.total,
              {},         false};
  const Auditor auditor(invoice, source);
  for (const ToldLine& line : invoice.lines) {
    auto audited = auditor.audit(line);
    if (!audited.ok()) return fail(audited.error());
    audit.lines.push_back(std::move(*audited));
  }
  audit_carried(audit.lines, invoice.currency);
  const auto sum = sum_of(audit.lines, invoice.currency);
  if (sum.has_value()) audit.computed = text_of(*sum);
  audit.equal = audit.computed == audit.total &&
                std::all_of(audit.lines.begin(), audit.lines.end(), [](const AuditedLine& line) { return line.equal; });
  return audit;
}

}  // namespace tollgate::invoice
