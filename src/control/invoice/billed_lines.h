#pragma once

#include "billing/due.h"
#include "control/port/sql.h"
#include "control/subscription/store.h"
#include "invoice/line.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::control {

// What was billed of each subscription, line by line: whatever is in here is never billed again, and usage that is in
// here is compared with the ledger until nothing late can come any more (M6, M7).

/// A line that was billed, and how much of its usage was, on whatever invoices.
struct BilledLine {
  billing::DueLine line;
  std::string invoice_id;         ///< where it stands; of a voided invoice, where it stood
  std::optional<Quantity> usage;  ///< none: a fee, or usage that could not be rated
};

/// The lines among `due` that were not billed yet.
std::vector<billing::DueLine> not_billed(Sql& sql, const StoredSubscription& subscription,
                                         std::vector<billing::DueLine> due);
/// Adds a line, or makes it stand on another invoice with other usage.
void keep_billed(Sql& sql, std::string_view subscription_id, std::string_view invoice_id, const billing::DueLine& line,
                 std::optional<Quantity> usage, Instant now);
/// The line stands on another invoice now; of its usage nothing changes.
void move_billed(Sql& sql, std::string_view subscription_id, std::string_view invoice_id, const billing::DueLine& line);
std::vector<BilledLine> billed_lines_of(Sql& sql, const StoredSubscription& subscription, std::string_view invoice_id);

/// Usage on final invoices that late events may still change, or may have changed since it was looked at last; what was
/// looked at longest ago first, at most `limits::kMaxUsagePeriods`.
std::vector<BilledLine> usage_to_check(Sql& sql, const StoredSubscription& subscription);
/// All usage of the line that is known by `now` is billed, or about to be.
void keep_checked(Sql& sql, std::string_view subscription_id, const billing::DueLine& line, Quantity usage,
                  Instant now);
/// When nothing late can come any more for what `usage_to_check` would give; nothing where it gives none.
std::optional<Instant> last_check(Sql& sql, std::string_view subscription_id);

/// Whether the line was billed, on an invoice that is not void: somebody owes it, or has paid it.
bool is_owed(Sql& sql, std::string_view subscription_id, const invoice::LineKey& key);
/// The invoice that the line stands on, void or not; empty where it was not billed.
std::string billed_on(Sql& sql, std::string_view subscription_id, const invoice::LineKey& key);

}  // namespace tollgate::control
