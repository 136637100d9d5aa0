#include "host-bindings/wasmtime/cli/audit.h"

#include "billing/rating.h"
#include "host-bindings/wasmtime/cli/audit_credit.h"
#include "host-bindings/wasmtime/cli/audit_text.h"
#include "json/object_reader.h"
#include "json/price.h"
#include "money/amount.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

namespace tollgate::cli {
namespace {

using money::Amount;

/// What a line was rated with.
struct Priced {
  catalog::Price price;
  catalog::Discounts discounts;
};

std::optional<Priced> read_price(json::Value line) {
  Violations violations;
  json::ObjectReader fields(line, "", violations);
  Priced priced;
  priced.price = json::read_price(fields.take("price"), "price", violations);
  priced.discounts = json::read_discounts(fields);
  if (!violations.empty()) return std::nullopt;
  return priced;
}

/// Computes lines of one invoice again.
class Auditor {
 public:
  Auditor(json::Value invoice, money::Currency currency, AuditSource& source)
      : invoice_(invoice), currency_(currency), source_(source) {}

  Result<AuditedLine, std::string> audit(json::Value line) const {
    AuditedLine audited;
    audited.kind = line.member("kind").text();
    audited.card = line.member("card").text();
    audited.amount = line.member("amount").text();
    audited.usage = line.member("usage").text();
    // What is carried on is made from all other lines.
    if (audited.kind == "carried") return audited;
    if (audited.kind == "credit") return audit_of_credit(line, std::move(audited));
    compute(line, audited);
    audited.equal = audited.computed == audited.amount;
    if (is_void() || audited.usage.empty()) return audited;
    if (const auto failure = compare_usage(line, audited)) return fail(*failure);
    return audited;
  }

 private:
  /// Its usage has not to be the ledger's.
  bool is_void() const { return invoice_.member("status").text() == "void"; }

  Result<AuditedLine, std::string> audit_of_credit(json::Value line, AuditedLine audited) const {
    const auto credit = audit_credit(invoice_, line, currency_, source_);
    if (!credit.ok()) return fail(credit.error());
    audited.computed = text_of(credit->amount);
    audited.equal = credit->right && audited.computed == audited.amount;
    audited.later = audited.equal && credit->later;
    audited.detail = credit->detail;
    return audited;
  }

  void compute(json::Value line, AuditedLine& audited) const {
    const auto priced = read_price(line);
    const auto usage = Quantity::parse(audited.usage.empty() ? "0" : audited.usage);
    if (!priced.has_value() || !usage.ok()) {
      audited.detail = "the price on the line cannot be read";
      return;
    }
    if (audited.kind == "late_usage") {
      const auto before = Quantity::parse(line.member("billedUsage").text());
      if (!before.ok()) return;
      const auto late = billing::rate_late_usage(priced->price, priced->discounts, *before, *usage, currency_);
      if (late.ok()) audited.computed = text_of(late->difference);
    } else {
      const auto rating = billing::rate(priced->price, priced->discounts, *usage, currency_);
      if (rating.ok()) audited.computed = text_of(rating->total);
    }
  }

  /// Usage that changed after it was billed is fine where later invoices have billed the difference.
  std::optional<std::string> compare_usage(json::Value line, AuditedLine& audited) const {
    const json::Value period = line.member("period");
    const json::Value from = line.member("usageFrom");
    const json::Value until = line.member("usageUntil");
    const auto ledger = source_.usage({invoice_.member("subscriptionId").text(), line.member("meter").text(),
                                       from.absent() ? period.member("from").text() : from.text(),
                                       until.absent() ? period.member("to").text() : until.text()});
    if (!ledger.ok()) return ledger.error();
    audited.ledger = text_of(*ledger);
    if (audited.ledger == audited.usage) return std::nullopt;
    const auto invoices = source_.invoices(invoice_.member("customerId").text());
    if (!invoices.ok()) return invoices.error();
    const bool is_billed = last_correction(line, **invoices) == *ledger;
    audited.equal = audited.equal && is_billed;
    audited.detail = is_billed ? "usage came late and is on a later invoice" : "usage came late and is not billed yet";
    return std::nullopt;
  }

  /// The usage up to which the line's period was corrected; nothing where it was not.
  std::optional<Quantity> last_correction(json::Value line, const std::vector<json::Document>& invoices) const {
    std::optional<Quantity> usage;
    for (const json::Document& other : invoices) {
      const bool counts =
          other.root().member("status").text() != "void" && same_text(other.root(), invoice_, "subscriptionId");
      if (!counts) continue;
      for (json::Value correction : other.root().member("lines")) {
        if (!corrects(correction, line)) continue;
        const auto corrected = Quantity::parse(correction.member("usage").text());
        if (corrected.ok()) usage = *corrected;
      }
    }
    return usage;
  }

  static bool same_text(json::Value a, json::Value b, std::string_view name) {
    return a.member(name).text() == b.member(name).text();
  }
  static bool corrects(json::Value other, json::Value line) {
    return other.member("kind").text() == "late_usage" && same_text(other, line, "card") &&
           same_text(other, line, "phase") && same_text(other.member("period"), line.member("period"), "from");
  }

  json::Value invoice_;
  money::Currency currency_;
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
  std::vector<AuditedLine> others;
  std::copy_if(lines.begin(), lines.end(), std::back_inserter(others),
               [](const AuditedLine& line) { return line.kind != "carried"; });
  const auto sum = sum_of(others, currency);
  for (AuditedLine& line : lines) {
    if (line.kind != "carried" || !sum.has_value()) continue;
    line.computed = text_of(sum->negative() ? sum->negated() : Amount::zero(currency));
    line.equal = line.computed == line.amount;
  }
}

void append_padded(std::string& text, std::string_view part, std::size_t width) {
  text.append(part).append(width > part.size() ? width - part.size() : 0, ' ').append("  ");
}

void append_line(std::string& text, const AuditedLine& line) {
  text.append("  ");
  append_padded(text, !line.equal ? "DIFFERENT" : line.later ? "later" : "equal", 9);
  append_padded(text, line.kind, 10);
  append_padded(text, line.card, 16);
  text.append(line.amount);
  if (!line.computed.empty() && line.computed != line.amount) text.append(", computed ").append(line.computed);
  if (!line.usage.empty()) text.append("  usage ").append(line.usage);
  if (!line.ledger.empty() && line.ledger != line.usage) text.append(", ledger ").append(line.ledger);
  if (!line.detail.empty()) text.append("  (").append(line.detail).append(")");
  text.append("\n");
}

}  // namespace

Result<Audit, std::string> audit_invoice(json::Value invoice, AuditSource& source) {
  Audit audit;
  audit.id = invoice.member("id").text();
  audit.number = invoice.member("number").text();
  audit.status = invoice.member("status").text();
  audit.currency = invoice.member("currency").text();
  audit.total = invoice.member("total").text();
  const auto currency = money::Currency::of(audit.currency);
  if (!currency.has_value() || audit.id.empty()) return fail(std::string("the answer is no invoice"));
  const Auditor auditor(invoice, *currency, source);
  for (json::Value line : invoice.member("lines")) {
    auto audited = auditor.audit(line);
    if (!audited.ok()) return fail(audited.error());
    audit.lines.push_back(std::move(*audited));
  }
  audit_carried(audit.lines, *currency);
  const auto sum = sum_of(audit.lines, *currency);
  if (sum.has_value()) audit.computed = text_of(*sum);
  audit.equal = audit.computed == audit.total &&
                std::all_of(audit.lines.begin(), audit.lines.end(), [](const AuditedLine& line) { return line.equal; });
  return audit;
}

std::string audit_json(const Audit& audit) {
  json::Text text;
  json::Writer<json::Text> to(text);
  const auto member = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) to.member(name, std::string_view(value));
  };
  to.begin_object();
  member("invoice", audit.id);
  member("number", audit.number);
  member("status", audit.status);
  member("currency", audit.currency);
  to.member("equal", audit.equal);
  member("total", audit.total);
  member("computed", audit.computed);
  to.key("lines");
  to.begin_array();
  for (const AuditedLine& line : audit.lines) {
    to.begin_object();
    member("kind", line.kind);
    member("card", line.card);
    member("amount", line.amount);
    member("computed", line.computed);
    member("usage", line.usage);
    member("ledgerUsage", line.ledger);
    to.member("equal", line.equal);
    if (line.later) to.member("later", true);
    member("detail", line.detail);
    to.end_object();
  }
  to.end_array();
  to.end_object();
  return text.take() + "\n";
}

std::string audit_text(const Audit& audit) {
  std::string text = audit.number.empty() ? audit.id : audit.number;
  text.append("  ")
      .append(audit.status)
      .append("  ")
      .append(audit.total)
      .append(" ")
      .append(audit.currency)
      .append("\n");
  for (const AuditedLine& line : audit.lines) append_line(text, line);
  text.append("  ");
  append_padded(text, audit.computed == audit.total ? "equal" : "DIFFERENT", 9);
  text.append("sum of the lines ").append(audit.computed).append("\n");
  const bool later =
      std::any_of(audit.lines.begin(), audit.lines.end(), [](const AuditedLine& line) { return line.later; });
  if (!audit.equal) return text + "The invoice is NOT what the ledger says.\n";
  text.append(later ? "The invoice is what the ledger said when it was drawn up.\n"
                    : "The invoice is what the ledger says.\n");
  return text;
}

}  // namespace tollgate::cli
