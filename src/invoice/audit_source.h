#pragma once

#include "base/quantity.h"
#include "base/result.h"
#include "calendar/period.h"
#include "invoice/told_invoice.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::invoice {

/// A span of the events of one subscription that a meter counts.
struct LedgerSpan {
  std::string_view subscription;
  std::string_view meter;
  Period period;
};

/// What an audit is held against beside the invoice itself, asked for when it is needed: a control plane as anybody
/// sees it who may read. A failure is a sentence that says why something cannot be told.
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
  virtual Result<const std::vector<ToldInvoice>*, std::string> invoices(std::string_view customer) = 0;
  /// When a subscription ends or has ended; nothing where it goes on.
  virtual Result<std::optional<Instant>, std::string> end_of(std::string_view subscription) = 0;
};

}  // namespace tollgate::invoice
