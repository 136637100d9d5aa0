#include "host-bindings/wasmtime/cli/audit_credit.h"

#include "billing/proration.h"
#include "host-bindings/wasmtime/cli/audit_text.h"
#include "subscription/balance.h"

#include <optional>
#include <utility>
#include <vector>

namespace tollgate::cli {
namespace {

using billing::QuotaUse;
using money::Amount;

/// What is wrong; nothing where all is right.
using Objection = std::optional<std::string>;
using Verdict = Result<Objection, std::string>;

Verdict wrong(std::string why) { return Objection(std::move(why)); }
Verdict right() { return Objection(); }

std::optional<Instant> instant_of(json::Value instant) {
  const auto at = parse_instant(instant.text());
  return at.ok() ? std::optional(*at) : std::nullopt;
}

std::optional<Period> period_of(json::Value period) {
  const auto from = instant_of(period.member("from"));
  const auto to = instant_of(period.member("to"));
  if (!from.has_value() || !to.has_value() || *from >= *to) return std::nullopt;
  return Period{*from, *to};
}

/// What is used of an allowance at the end of periods that follow one another, with the overage that each carries on.
Quantity used_of(Quantity limit, const std::vector<Quantity>& usages) {
  catalog::EntitlementTemplate allowance;
  allowance.issue_after_reset = limit;
  allowance.preserve_overage_at_reset = true;
  return limit.minus(subscription::balance_of(allowance, usages).balance);
}

/// The quota of a change as the line tells it.
struct ToldQuota {
  json::Value value;
  QuotaUse use;
  std::vector<Quantity> usages;
};

std::optional<ToldQuota> read_quota(json::Value value) {
  const auto limit = Quantity::parse(value.member("limit").text());
  const auto used = Quantity::parse(value.member("used").text());
  const json::Value periods = value.member("periods");
  if (!limit.ok() || !used.ok() || !limit->positive() || periods.size() == 0) return std::nullopt;
  ToldQuota quota{value, {*limit, *used}, {}};
  for (json::Value period : periods) {
    const auto usage = Quantity::parse(period.member("usage").text());
    if (!usage.ok() || !period_of(period).has_value()) return std::nullopt;
    quota.usages.push_back(*usage);
  }
  return quota;
}

/// What a change gives back of one fee by the instant and, where there is one, the quota.
std::optional<Amount> credit_of_fee(json::Value fee, Instant at, const std::optional<QuotaUse>& quota,
                                    money::Currency currency) {
  const auto period = period_of(fee.member("period"));
  const auto amount = Amount::parse(fee.member("amount").text(), currency);
  if (!period.has_value() || !amount.ok() || amount->negative()) return std::nullopt;
  const auto value = amount->decimal();
  if (!value.ok()) return std::nullopt;
  const std::span<const QuotaUse> quotas(quota.has_value() ? &*quota : nullptr, quota.has_value() ? 1 : 0);
  return billing::credit_of(*value, billing::consumed_of(*period, at, quotas), currency);
}

std::optional<Amount> credit_of_change(json::Value change, Instant at, const std::optional<QuotaUse>& quota,
                                       money::Currency currency) {
  Amount sum = Amount::zero(currency);
  for (json::Value fee : change.member("fees")) {
    const auto credit = credit_of_fee(fee, at, quota, currency);
    if (!credit.has_value()) return std::nullopt;
    const auto more = sum.plus(*credit);
    if (!more.ok()) return std::nullopt;
    sum = *more;
  }
  return sum;
}

/// Whether the member of both is there and the same.
bool same(json::Value a, json::Value b, std::string_view name) {
  return !a.member(name).absent() && json::compact(a.member(name)) == json::compact(b.member(name));
}

bool counts(json::Value invoice) { return invoice.member("status").text() != "void"; }

/// One credit that a line uses.
class SourceAuditor {
 public:
  SourceAuditor(json::Value invoice, money::Currency currency, AuditSource& source,
                const std::vector<json::Document>& invoices)
      : invoice_(invoice), currency_(currency), source_(source), invoices_(invoices) {}

  Verdict audit(json::Value credit) {
    const auto granted = Amount::parse(credit.member("granted").text(), currency_);
    if (!granted.ok()) return wrong("a source of the credit cannot be read");
    const json::Value change = credit.member("change");
    Verdict origin =
        change.absent() ? check_carried(credit.member("carried"), *granted) : check_change(change, *granted);
    if (!origin.ok() || origin->has_value()) return origin;
    return check_uses(credit, *granted);
  }

  /// What came later than a credit was granted that is right.
  std::optional<std::string> came_later() const { return came_later_; }
  bool makes_a_difference() const { return makes_a_difference_; }

 private:
  /// Shows `visit` the lines of the customer's invoices, the audited one as it was given, until it answers false.
  template <class Visit>
  void each_line(Visit visit) const {
    for (const json::Document& document : invoices_) {
      const bool is_this = document.root().member("id").text() == invoice_.member("id").text();
      const json::Value invoice = is_this ? invoice_ : document.root();
      for (json::Value line : invoice.member("lines")) {
        if (!visit(invoice, line)) return;
      }
    }
  }

  Verdict check_change(json::Value change, Amount granted) {
    const auto at = instant_of(change.member("at"));
    const json::Value told = change.member("quota");
    const auto quota = read_quota(told);
    if (!at.has_value() || (!told.absent() && !quota.has_value())) return wrong("the change of plan cannot be read");
    const auto use = quota.has_value() ? std::optional(quota->use) : std::nullopt;
    const auto credit = credit_of_change(change, *at, use, currency_);
    if (!credit.has_value()) return wrong("a fee of the change cannot be read");
    if (*credit != granted) return wrong("the change gives back " + text_of(*credit) + ", not " + text_of(granted));
    for (json::Value fee : change.member("fees")) {
      const auto share = credit_of_fee(fee, *at, use, currency_);
      if (text_of(*share) != fee.member("credit").text()) return wrong("a share of the credit is another one");
      if (!is_billed(change, fee)) return wrong("no invoice that counts has billed the fee that is given back");
    }
    const auto previous = source_.subscription(change.member("subscriptionId").text());
    if (!previous.ok()) return fail(previous.error());
    if (instant_of(previous->root().member("activeTo")) != at) {
      return wrong("the subscription did not end when the change is said to have been");
    }
    return quota.has_value() ? check_quota(change, *at, *quota, granted) : right();
  }

  /// By the beginning of its period: where an end was scheduled before, it was billed for one that was cut.
  bool is_billed(json::Value change, json::Value fee) const {
    bool found = false;
    each_line([&](json::Value invoice, json::Value line) {
      found = line.member("kind").text() == "fee" && counts(invoice) && same(invoice, change, "subscriptionId") &&
              same(line, fee, "phase") && same(line, fee, "card") && same(line, fee, "amount") &&
              same(line.member("period"), fee.member("period"), "from");
      return !found;
    });
    return found;
  }

  Verdict check_quota(json::Value change, Instant at, const ToldQuota& quota, Amount granted) {
    const auto& [limit, used] = quota.use;
    if (used_of(limit, quota.usages) != used) return wrong("what is used of the quota does not add up");
    std::vector<Quantity> usages;
    for (json::Value period : quota.value.member("periods")) {
      const auto usage = source_.usage({change.member("subscriptionId").text(), quota.value.member("meter").text(),
                                        period.member("from").text(), period.member("to").text()});
      if (!usage.ok()) return fail(usage.error());
      usages.push_back(*usage);
    }
    const Quantity now = used_of(limit, usages);
    if (now == used) return right();
    const std::string had = text_of(used) + " of the quota counted as used, and the ledger has " + text_of(now);
    if (now < used) return wrong(had);
    const auto with_it = credit_of_change(change, at, QuotaUse{limit, now}, currency_);
    makes_a_difference_ = makes_a_difference_ || with_it != granted;
    came_later_ =
        had + ": " + text_of(now.minus(used)) + " came after the change, " +
        (with_it == granted ? "which makes no difference" : "else " + text_of(*with_it) + " were given back") +
        late_invoice(change, quota.value);
    return right();
  }

  /// Where usage of the meter that came late was billed, if it was.
  std::string late_invoice(json::Value change, json::Value quota) const {
    std::string number;
    each_line([&](json::Value invoice, json::Value line) {
      const bool is_late = line.member("kind").text() == "late_usage" && same(invoice, change, "subscriptionId") &&
                           same(line, quota, "meter") && counts(invoice);
      if (is_late) number = invoice.member("number").text();
      return number.empty();
    });
    return number.empty() ? "" : "; billed on " + number;
  }

  Verdict check_carried(json::Value carried, Amount granted) const {
    bool found = false;
    each_line([&](json::Value invoice, json::Value line) {
      found = line.member("kind").text() == "carried" &&
              invoice.member("id").text() == carried.member("invoiceId").text() && counts(invoice) &&
              line.member("amount").text() == text_of(granted);
      return !found;
    });
    return found ? right() : wrong("no invoice carried that amount on");
  }

  Verdict check_uses(json::Value credit, Amount granted) const {
    Amount sum = Amount::zero(currency_);
    bool agree = true;
    each_line([&](json::Value invoice, json::Value line) {
      if (!counts(invoice)) return true;
      for (json::Value other : line.member("sources")) {
        if (other.member("creditId").text() != credit.member("creditId").text()) continue;
        const auto used = Amount::parse(other.member("used").text(), currency_);
        const auto more = used.ok() && used->positive() ? sum.plus(*used) : used;
        const bool alike =
            same(other, credit, "granted") && (same(other, credit, "change") || same(other, credit, "carried"));
        agree = agree && alike && more.ok();
        if (more.ok()) sum = *more;
      }
      return agree;
    });
    if (!agree) return wrong("another line tells the same credit in another way");
    if (granted.less_than(sum)) return wrong(text_of(sum) + " are used of a credit of " + text_of(granted));
    return right();
  }

  json::Value invoice_;
  money::Currency currency_;
  AuditSource& source_;
  const std::vector<json::Document>& invoices_;
  std::optional<std::string> came_later_;
  bool makes_a_difference_ = false;
};

/// What the sources of a line say that is used of them; nothing where one cannot be read.
std::optional<Amount> sum_of_uses(json::Value line, money::Currency currency) {
  Amount sum = Amount::zero(currency);
  for (json::Value credit : line.member("sources")) {
    const auto used = Amount::parse(credit.member("used").text(), currency);
    if (!used.ok() || !used->positive()) return std::nullopt;
    const auto more = sum.plus(*used);
    if (!more.ok()) return std::nullopt;
    sum = *more;
  }
  return sum;
}

}  // namespace

Result<AuditedCredit, std::string> audit_credit(json::Value invoice, json::Value line, money::Currency currency,
                                                AuditSource& source) {
  AuditedCredit audited;
  audited.amount = Amount::zero(currency);
  const auto sum = sum_of_uses(line, currency);
  if (!sum.has_value() || line.member("sources").size() == 0) {
    audited.detail = "the line does not tell where the credit comes from";
    return audited;
  }
  audited.amount = sum->negated();
  const auto invoices = source.invoices(invoice.member("customerId").text());
  if (!invoices.ok()) return fail(invoices.error());
  SourceAuditor auditor(invoice, currency, source, **invoices);
  for (json::Value credit : line.member("sources")) {
    auto verdict = auditor.audit(credit);
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

}  // namespace tollgate::cli
