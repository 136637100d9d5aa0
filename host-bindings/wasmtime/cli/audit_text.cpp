#include "host-bindings/wasmtime/cli/audit_text.h"

#include "json/text.h"
#include "json/writer.h"

#include <algorithm>
#include <string_view>

namespace tollgate::cli {
namespace {

using invoice::Audit;
using invoice::AuditedLine;

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
