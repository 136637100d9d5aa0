#pragma once

#include "base/quantity.h"
#include "base/result.h"
#include "json/document.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::cli {

/// Usage of a meter in a half-open period, as the ledger has it now; the sentence is why it cannot be told.
using LedgerUsage = std::function<Result<Quantity, std::string>(json::Value line)>;
/// The usage up to which later invoices have corrected the period of a line; nothing where none has.
using Correction = std::function<Result<std::optional<Quantity>, std::string>(json::Value line)>;

/// One line of an invoice, computed again.
struct AuditedLine {
  std::string kind;
  std::string card;
  std::string amount;    ///< as the invoice says
  std::string computed;  ///< empty where there is nothing to compute it from
  std::string usage;     ///< that was billed, and
  std::string ledger;    ///< what the ledger has; both empty for fees
  bool equal = false;
  std::string detail;  ///< for people
};

/// An invoice, computed again from the ledger with the same core.
struct Audit {
  std::string id;
  std::string number;
  std::string status;
  std::string currency;
  std::vector<AuditedLine> lines;
  std::string total;     ///< as the invoice says
  std::string computed;  ///< the sum of the lines
  bool equal = false;    ///< all of it
};

/// `invoice` is what `GET invoices/{id}` answers. Fails with a sentence where it is not, or where the ledger cannot be
/// asked.
Result<Audit, std::string> audit_invoice(json::Value invoice, const LedgerUsage& usage_of, const Correction& corrected);

std::string audit_json(const Audit& audit);
std::string audit_text(const Audit& audit);

}  // namespace tollgate::cli
