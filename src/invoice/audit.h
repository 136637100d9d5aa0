#pragma once

#include "base/result.h"
#include "invoice/audit_source.h"

#include <string>
#include <vector>

namespace tollgate::invoice {

/// One line of an invoice, computed again.
struct AuditedLine {
  std::string kind;
  std::string card;
  std::string amount;    ///< as the invoice says
  std::string computed;  ///< empty where there is nothing to compute it from
  std::string usage;     ///< that was billed, and
  std::string ledger;    ///< what the ledger has; both empty for fees
  bool equal = false;
  bool later = false;  ///< equal, but of a ledger that knew less: what came since would have made it another one
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

/// Fails with a sentence where something that the invoice is held against cannot be told.
Result<Audit, std::string> audit_invoice(const ToldInvoice& invoice, AuditSource& source);

}  // namespace tollgate::invoice
