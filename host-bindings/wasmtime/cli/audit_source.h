#pragma once

#include "base/quantity.h"
#include "base/result.h"
#include "json/document.h"

#include <string>
#include <string_view>
#include <vector>

namespace tollgate::cli {

/// A half-open span of the events of one subscription that a meter counts. Instants as RFC 3339 writes them.
struct LedgerSpan {
  std::string_view subscription;
  std::string_view meter;
  std::string_view from;
  std::string_view to;
};

/// What an audit is held against beside the invoice itself: a control plane as anybody sees it who may read. A failure
/// is a sentence that says why something cannot be told.
class AuditSource {
 public:
  AuditSource() = default;
  AuditSource(const AuditSource&) = delete;
  AuditSource& operator=(const AuditSource&) = delete;
  virtual ~AuditSource() = default;

  /// Usage as the ledger has it now; 0 where there is none.
  virtual Result<Quantity, std::string> usage(const LedgerSpan& span) = 0;
  /// All invoices of a customer with their lines, in the order in which they were drawn up. They stay where they are as
  /// long as this does.
  virtual Result<const std::vector<json::Document>*, std::string> invoices(std::string_view customer) = 0;
  virtual Result<json::Document, std::string> subscription(std::string_view id) = 0;
};

}  // namespace tollgate::cli
