#pragma once

#include "control/http/context.h"
#include "control/http/list.h"
#include "invoice/draw.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::control {

enum class InvoiceStatus : std::uint8_t {
  draft,          ///< may change still; has no number
  open,           ///< final, and not paid
  paid,           ///< final; at once where it comes to 0
  uncollectible,  ///< final, and given up
  voided,         ///< counts for nothing any more
};
inline constexpr std::string_view kInvoiceStatusNames[] = {"draft", "open", "paid", "uncollectible", "void"};

constexpr std::string_view name(InvoiceStatus status) { return kInvoiceStatusNames[static_cast<std::size_t>(status)]; }

/// An invoice as it stands in the bucket, without its lines. From the day on which it is final only `status`, what
/// became of its payment, and what was done to it afterwards ever change.
struct StoredInvoice {
  std::string id;
  std::optional<std::string> number;  ///< from the moment on that it is final, without gaps
  std::string subscription_id;
  std::string customer_id;
  InvoiceStatus status = InvoiceStatus::draft;
  money::Amount total;
  std::string parties;                 ///< JSON: `customer` and `plan` as they were when it was drawn up
  std::optional<std::string> failure;  ///< JSON: why it cannot be made final
  Instant due_at;                      ///< the instant that it was drawn up for
  Instant finalize_at;
  std::optional<Instant> finalized_at;
  std::optional<Instant> paid_at;
  std::optional<Instant> last_failed_at;
  std::optional<Instant> voided_at;
  std::optional<std::string> void_reason;
  std::optional<std::string> replaces_id;  ///< the voided one in whose place it stands
  std::optional<std::string> replaced_by;  ///< computed; nothing to store
  Instant created_at;
  Instant updated_at;
};

void insert_invoice(Sql& sql, const StoredInvoice& invoice);
/// Stores everything that may change.
void update_invoice(Sql& sql, const StoredInvoice& invoice);
std::optional<StoredInvoice> find_invoice(Sql& sql, std::string_view id_or_number);

/// Replaces the lines of an invoice.
void store_lines(Sql& sql, std::string_view invoice_id, const std::vector<invoice::DrawnLine>& lines);
std::vector<invoice::DrawnLine> lines_of(Sql& sql, const StoredInvoice& invoice);

/// The next number of the bucket: `INV-000001`, then `INV-000002`. Taken in the transaction that makes an invoice
/// final, so that none is ever missing.
std::string next_invoice_number(Sql& sql);

/// Which invoices a list is to have; what is absent does not restrict it.
struct InvoiceFilter {
  std::optional<std::string_view> subscription_id;
  std::optional<std::string_view> customer_id;
  std::optional<std::string_view> status;
  std::optional<bool> failed;  ///< whether there is a `failure`
};
Response list_stored_invoices(Context& context, const Page& page, const InvoiceFilter& filter);

/// The invoice as a value; with its lines where there are any given.
void write_invoice(JsonWriter& to, const StoredInvoice& invoice, const std::vector<invoice::DrawnLine>* lines);
/// The members that an invoice shares with one that is only computed: `failure`, `currency`, `total`, `lines`.
void write_drawn(JsonWriter& to, const invoice::DrawnInvoice& drawn);
/// `{"code": "overflow", "line": "api_requests", "detail": "…"}`.
std::string failure_text(const invoice::InvoiceFailure& failure);

}  // namespace tollgate::control
