#include "host-bindings/wasmtime/cli/audit.h"

#include "billing/rating.h"
#include "json/object_reader.h"
#include "json/price.h"
#include "money/amount.h"

#include <algorithm>

namespace tollgate::cli {
namespace {

using money::Amount;

template <class Number>
std::string text_of(const Number& number) {
  char text[Number::kMaxText];
  return {text, number.write(text)};
}

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

/// Rates lines of one invoice again.
class Auditor {
 public:
  Auditor(money::Currency currency, bool counts, const LedgerUsage& usage_of, const Correction& corrected)
      : currency_(currency), counts_(counts), usage_of_(usage_of), corrected_(corrected) {}

  Result<AuditedLine, std::string> audit(json::Value line) const {
    AuditedLine audited;
    audited.kind = line.member("kind").text();
    audited.card = line.member("card").text();
    audited.amount = line.member("amount").text();
    audited.usage = line.member("usage").text();
    if (audited.kind == "credit" || audited.kind == "carried") {
      audited.equal = true;
      audited.detail = "not made from usage; counts in the total";
      return audited;
    }
    compute(line, audited);
    audited.equal = audited.computed == audited.amount;
    if (counts_ && !audited.usage.empty()) {
      if (const auto failure = compare_usage(line, audited)) return fail(*failure);
    }
    return audited;
  }

 private:
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
    const auto ledger = usage_of_(line);
    if (!ledger.ok()) return ledger.error();
    audited.ledger = text_of(*ledger);
    if (audited.ledger == audited.usage) return std::nullopt;
    const auto correction = corrected_(line);
    if (!correction.ok()) return correction.error();
    const bool is_billed = correction->has_value() && **correction == *ledger;
    audited.equal = audited.equal && is_billed;
    audited.detail = is_billed ? "usage came late and is on a later invoice" : "usage came late and is not billed yet";
    return std::nullopt;
  }

  money::Currency currency_;
  bool counts_;  ///< the invoice is not void: its usage has to be the ledger's
  const LedgerUsage& usage_of_;
  const Correction& corrected_;
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

void append_padded(std::string& text, std::string_view part, std::size_t width) {
  text.append(part).append(width > part.size() ? width - part.size() : 0, ' ').append("  ");
}

void append_line(std::string& text, const AuditedLine& line) {
  text.append("  ");
  append_padded(text, line.equal ? "equal" : "DIFFERENT", 9);
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

Result<Audit, std::string> audit_invoice(json::Value invoice, const LedgerUsage& usage_of,
                                         const Correction& corrected) {
  Audit audit;
  audit.id = invoice.member("id").text();
  audit.number = invoice.member("number").text();
  audit.status = invoice.member("status").text();
  audit.currency = invoice.member("currency").text();
  audit.total = invoice.member("total").text();
  const auto currency = money::Currency::of(audit.currency);
  if (!currency.has_value() || audit.id.empty()) return fail(std::string("the answer is no invoice"));
  const Auditor auditor(*currency, audit.status != "void", usage_of, corrected);
  for (json::Value line : invoice.member("lines")) {
    auto audited = auditor.audit(line);
    if (!audited.ok()) return fail(audited.error());
    audit.lines.push_back(std::move(*audited));
  }
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
  text.append(audit.equal ? "The invoice is what the ledger says.\n" : "The invoice is NOT what the ledger says.\n");
  return text;
}

}  // namespace tollgate::cli
