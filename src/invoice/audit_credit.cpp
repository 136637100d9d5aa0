#include "invoice/audit_credit.h"

#include "billing/proration.h"
#include "invoice/origin.h"
#include "invoice/text.h"
#include "subscription/balance.h"

#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace tollgate::invoice {
namespace {

using billing::QuotaUse;
using money::Amount;

/// What is wrong; nothing where all is right.
using Objection = std::optional<std::string>;
using Verdict = Result<Objection, std::string>;

Verdict wrong(std::string why) { return Objection(std::move(why)); }
Verdict right() { return Objection(); }

/// What is used of an allowance at the end of periods that follow one another, with the overage that each carries on.
Quantity used_of(Quantity limit, const std::vector<Quantity>& usages) {
  catalog::EntitlementTemplate allowance;
  allowance.issue_after_reset = limit;
  allowance.preserve_overage_at_reset = true;
  return limit.minus(subscription::balance_of(allowance, usages).balance);
}

std::vector<Quantity> usages_of(const CountedQuota& quota) {
  std::vector<Quantity> usages;
  usages.reserve(quota.periods.size());
  for (const billing::SpanUsage& period : quota.periods) usages.push_back(period.quantity);
  return usages;
}

/// What a change gives back of one fee by the instant and, where there is one, the quota.
std::optional<Amount> credit_of_fee(const ReturnedFee& fee, Instant at, const std::optional<QuotaUse>& quota) {
  if (fee.amount.negative()) return std::nullopt;
  const auto value = fee.amount.decimal();
  if (!value.ok()) return std::nullopt;
  const std::span<const QuotaUse> quotas(quota.has_value() ? &*quota : nullptr, quota.has_value() ? 1 : 0);
  return billing::credit_of(*value, billing::consumed_of(fee.period, at, quotas), fee.amount.currency());
}

std::optional<Amount> credit_of_change(const ChangeOrigin& change, const std::optional<QuotaUse>& quota,
                                       money::Currency currency) {
  Amount sum = Amount::zero(currency);
  for (const ReturnedFee& fee : change.fees) {
    const auto credit = credit_of_fee(fee, change.at, quota);
    if (!credit.has_value()) return std::nullopt;
    const auto more = sum.plus(*credit);
    if (!more.ok()) return std::nullopt;
    sum = *more;
  }
  return sum;
}

/// One credit that a line uses.
class SourceAuditor {
 public:
  SourceAuditor(const ToldInvoice& invoice, AuditSource& source, const std::vector<ToldInvoice>& invoices)
      : invoice_(invoice), source_(source), invoices_(invoices) {}

  Verdict audit(const CreditShare& share) {
    Verdict origin = share.kind == CreditKind::change ? audit_change(share) : check_carried(share);
    if (!origin.ok() || origin->has_value()) return origin;
    return check_uses(share);
  }

  /// What came later than a credit was granted that is right.
  std::optional<std::string> came_later() const { return came_later_; }
  bool makes_a_difference() const { return makes_a_difference_; }

 private:
  /// Shows `visit` the lines of the customer's invoices that count, the audited one as it was given, until it answers
  /// false.
  template <class Visit>
  void each_line(Visit visit) const {
    for (const ToldInvoice& one : invoices_) {
      const ToldInvoice& invoice = one.id == invoice_.id ? invoice_ : one;
      if (invoice.is_void()) continue;
      for (const ToldLine& told : invoice.lines) {
        if (told.line.ok() && !visit(invoice, *told.line)) return;
      }
    }
  }

  Verdict audit_change(const CreditShare& share) {
    const auto change = read_change_origin(share.origin, invoice_.currency);
    if (change.ok()) return check_change(*change, share.granted);
    return wrong(change.error() == OriginFault::fee ? "a fee of the change cannot be read"
                                                    : "the change of plan cannot be read");
  }

  Verdict check_change(const ChangeOrigin& change, Amount granted) {
    const auto use = change.quota.has_value() ? std::optional(change.quota->use) : std::nullopt;
    const auto credit = credit_of_change(change, use, invoice_.currency);
    if (!credit.has_value()) return wrong("a fee of the change cannot be read");
    if (*credit != granted) return wrong("the change gives back " + text_of(*credit) + ", not " + text_of(granted));
    for (const ReturnedFee& fee : change.fees) {
      if (credit_of_fee(fee, change.at, use) != fee.credit) return wrong("a share of the credit is another one");
      if (!is_billed(change, fee)) return wrong("no invoice that counts has billed the fee that is given back");
    }
    const auto end = source_.end_of(change.subscription_id);
    if (!end.ok()) return fail(end.error());
    if (*end != change.at) return wrong("the subscription did not end when the change is said to have been");
    return change.quota.has_value() ? check_quota(change, *change.quota, granted) : right();
  }

  /// By the beginning of its period: where an end was scheduled before, it was billed for one that was cut.
  bool is_billed(const ChangeOrigin& change, const ReturnedFee& fee) const {
    bool found = false;
    each_line([&](const ToldInvoice& invoice, const Line& line) {
      found = line.kind == LineKind::fee && invoice.subscription_id == change.subscription_id &&
              line.card->phase == fee.phase && line.card->card == fee.card && line.amount == fee.amount &&
              line.card->period.has_value() && line.card->period->from == fee.period.from;
      return !found;
    });
    return found;
  }

  Verdict check_quota(const ChangeOrigin& change, const CountedQuota& quota, Amount granted) {
    const auto& [limit, used] = quota.use;
    if (used_of(limit, usages_of(quota)) != used) return wrong("what is used of the quota does not add up");
    const std::string meter = quota.meter.value_or("");
    std::vector<Quantity> usages;
    for (const billing::SpanUsage& period : quota.periods) {
      const auto usage = source_.usage({change.subscription_id, meter, period.span});
      if (!usage.ok()) return fail(usage.error());
      usages.push_back(*usage);
    }
    const Quantity now = used_of(limit, usages);
    if (now == used) return right();
    const std::string had = text_of(used) + " of the quota counted as used, and the ledger has " + text_of(now);
    if (now < used) return wrong(had);
    const auto with_it = credit_of_change(change, QuotaUse{limit, now}, invoice_.currency);
    makes_a_difference_ = makes_a_difference_ || with_it != granted;
    came_later_ =
        had + ": " + text_of(now.minus(used)) + " came after the change, " +
        (with_it == granted ? "which makes no difference" : "else " + text_of(*with_it) + " were given back") +
        late_invoice(change, quota);
    return right();
  }

  /// Where usage of the meter that came late was billed, if it was.
  std::string late_invoice(const ChangeOrigin& change, const CountedQuota& quota) const {
    std::string number;
    each_line([&](const ToldInvoice& invoice, const Line& line) {
      const bool is_late = line.kind == LineKind::late_usage && invoice.subscription_id == change.subscription_id &&
                           line.terms->meter.has_value() && line.terms->meter == quota.meter;
      if (is_late) number = invoice.number;
      return number.empty();
    });
    return number.empty() ? "" : "; billed on " + number;
  }

  Verdict check_carried(const CreditShare& share) const {
    const CarriedOrigin origin = read_carried_origin(share.origin);
    bool found = false;
    each_line([&](const ToldInvoice& invoice, const Line& line) {
      found = line.kind == LineKind::carried && invoice.id == origin.invoice_id && line.amount == share.granted;
      return !found;
    });
    return found ? right() : wrong("no invoice carried that amount on");
  }

  Verdict check_uses(const CreditShare& share) const {
    Amount sum = Amount::zero(invoice_.currency);
    bool agree = true;
    each_line([&](const ToldInvoice&, const Line& line) {
      for (const CreditShare& other : line.sources) {
        if (other.credit_id != share.credit_id) continue;
        const bool alike = other.kind == share.kind && other.granted == share.granted && other.origin == share.origin;
        const auto more = alike ? sum.plus(other.used) : fail(money::MoneyError::overflow);
        agree = agree && more.ok();
        if (more.ok()) sum = *more;
      }
      return agree;
    });
    if (!agree) return wrong("another line tells the same credit in another way");
    if (share.granted.less_than(sum)) {
      return wrong(text_of(sum) + " are used of a credit of " + text_of(share.granted));
    }
    return right();
  }

  const ToldInvoice& invoice_;
  AuditSource& source_;
  const std::vector<ToldInvoice>& invoices_;
  std::optional<std::string> came_later_;
  bool makes_a_difference_ = false;
};

/// What the sources of a line say that is used of them; nothing where that is more than an amount can be.
std::optional<Amount> sum_of_uses(const Line& line, money::Currency currency) {
  Amount sum = Amount::zero(currency);
  for (const CreditShare& share : line.sources) {
    const auto more = sum.plus(share.used);
    if (!more.ok()) return std::nullopt;
    sum = *more;
  }
  return sum;
}

}  // namespace

Result<AuditedCredit, std::string> audit_credit(const ToldInvoice& invoice, const Line& line, AuditSource& source) {
  AuditedCredit audited;
  audited.amount = Amount::zero(invoice.currency);
  const auto sum = sum_of_uses(line, invoice.currency);
  if (!sum.has_value()) {
    audited.detail = "the line does not tell where the credit comes from";
    return audited;
  }
  audited.amount = sum->negated();
  const auto invoices = source.invoices(invoice.customer_id);
  if (!invoices.ok()) return fail(invoices.error());
  SourceAuditor auditor(invoice, source, **invoices);
  for (const CreditShare& share : line.sources) {
    auto verdict = auditor.audit(share);
    if (!verdict.ok()) return fail(verdict.error());
    if (!verdict->has_value()) continue;
    audited.detail = **verdict;
    return audited;
  }
  audited.right = true;
  audited.later = auditor.makes_a_difference();
  audited.detail = auditor.came_later().value_or("");
  return audited;
}

}  // namespace tollgate::invoice
