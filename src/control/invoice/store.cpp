#include "control/invoice/store.h"

#include "json/document.h"
#include "money/text.h"

#include <algorithm>

namespace tollgate::control {
namespace {

constexpr Fragment kSelect =
    "SELECT id, number, subscription_id, customer_id, status, currency, total, parties, failure, due_at, finalize_at,"
    " finalized_at, paid_at, last_failed_at, voided_at, void_reason, replaces_id,"
    " (SELECT id FROM invoices AS next WHERE next.replaces_id = invoices.id), created_at, updated_at FROM invoices ";
constexpr Fragment kFailed = "AND (?4 IS NULL OR (failure IS NOT NULL) = ?4) ";
constexpr auto kMatching = Fragment(" (?2 IS NULL OR customer_id = ?2) AND (?3 IS NULL OR status = ?3) ") + kFailed;
constexpr auto kOfSubscription = Fragment("WHERE subscription_id = ?1 AND") + kMatching;
constexpr auto kOfCustomer =
    Fragment("WHERE ?1 IS NULL AND customer_id = ?2 AND (?3 IS NULL OR status = ?3) ") + kFailed;
constexpr auto kOfStatus = Fragment("WHERE ?1 IS NULL AND ?2 IS NULL AND status = ?3 ") + kFailed;
constexpr auto kOfAll = Fragment("WHERE ?1 IS NULL AND ?2 IS NULL AND ?3 IS NULL ") + kFailed;
constexpr Fragment kPage = "ORDER BY rowid LIMIT ?5 OFFSET ?6";
constexpr Fragment kCount = "SELECT count(*) FROM invoices ";
constexpr auto kFind = kSelect + "WHERE id = ?1 OR number = ?1";

constexpr auto kCountOfSubscription = kCount + kOfSubscription;
constexpr auto kPageOfSubscription = kSelect + kOfSubscription + kPage;
constexpr auto kCountOfCustomer = kCount + kOfCustomer;
constexpr auto kPageOfCustomer = kSelect + kOfCustomer + kPage;
constexpr auto kCountOfStatus = kCount + kOfStatus;
constexpr auto kPageOfStatus = kSelect + kOfStatus + kPage;
constexpr auto kCountOfAll = kCount + kOfAll;
constexpr auto kPageOfAll = kSelect + kOfAll + kPage;

ListStatements statements_for(const InvoiceFilter& filter) {
  if (filter.subscription_id.has_value()) return {kCountOfSubscription, kPageOfSubscription};
  if (filter.customer_id.has_value()) return {kCountOfCustomer, kPageOfCustomer};
  if (filter.status.has_value()) return {kCountOfStatus, kPageOfStatus};
  return {kCountOfAll, kPageOfAll};
}

template <class Enum, std::size_t kSize>
Enum named(std::string_view name, const std::string_view (&names)[kSize]) {
  const auto found = std::find(std::begin(names), std::end(names), name);
  TOLLGATE_ASSERT(found != std::end(names));
  return static_cast<Enum>(found - std::begin(names));
}

money::Amount amount_from(std::string_view text, money::Currency currency) {
  return money::Amount::parse(text, currency).value();
}

StoredInvoice invoice_from(Row row) {
  StoredInvoice invoice;
  invoice.id = row.text(0);
  invoice.number = row.optional_text(1);
  invoice.subscription_id = row.text(2);
  invoice.customer_id = row.text(3);
  invoice.status = named<InvoiceStatus>(row.text(4), kInvoiceStatusNames);
  invoice.total = amount_from(row.text(6), money::Currency::of(row.text(5)).value_or(money::Currency()));
  invoice.parties = row.text(7);
  invoice.failure = row.optional_text(8);
  invoice.due_at = row.instant(9);
  invoice.finalize_at = row.instant(10);
  invoice.finalized_at = row.optional_instant(11);
  invoice.paid_at = row.optional_instant(12);
  invoice.last_failed_at = row.optional_instant(13);
  invoice.voided_at = row.optional_instant(14);
  invoice.void_reason = row.optional_text(15);
  invoice.replaces_id = row.optional_text(16);
  invoice.replaced_by = row.optional_text(17);
  invoice.created_at = row.instant(18);
  invoice.updated_at = row.instant(19);
  return invoice;
}

std::optional<invoice::LineKey> key_from(Row row, std::size_t column) {
  if (row.is_null(column)) return std::nullopt;
  return invoice::LineKey{static_cast<std::size_t>(row.number(column)),
                          static_cast<std::size_t>(row.number(column + 1)), row.instant(column + 2)};
}

void write_text_member(JsonWriter& to, std::string_view name, const std::optional<std::string>& text) {
  if (text.has_value()) to.member(name, std::string_view(*text));
}

void write_void(JsonWriter& to, const StoredInvoice& invoice) {
  if (!invoice.voided_at.has_value()) return;
  to.key("void");
  to.begin_object();
  write_instant_member(to, "at", invoice.voided_at);
  write_text_member(to, "reason", invoice.void_reason);
  to.end_object();
}

void write_payment(JsonWriter& to, const StoredInvoice& invoice) {
  to.key("payment");
  to.begin_object();
  write_instant_member(to, "paidAt", invoice.paid_at);
  write_instant_member(to, "lastFailedAt", invoice.last_failed_at);
  to.end_object();
}

void write_amounts(JsonWriter& to, money::Amount total, const std::vector<invoice::DrawnLine>* lines) {
  to.member("currency", total.currency().code());
  to.member("total", std::string_view(amount_text(total)));
  if (lines == nullptr) return;
  to.key("lines");
  to.begin_array();
  for (const invoice::DrawnLine& line : *lines) to.raw(line.body);
  to.end_array();
}

/// The members of an object that is stored as text.
void write_members(JsonWriter& to, std::string_view object) {
  json::Document document;
  if (!document.parse(object).ok()) return;
  for (json::Value member : document.root()) to.raw_member(member.name(), json::compact(member));
}

}  // namespace

void insert_invoice(Sql& sql, const StoredInvoice& invoice) {
  sql.exec(
      "INSERT INTO invoices (id, number, subscription_id, customer_id, status, currency, total, parties, failure, "
      "due_at,"
      " finalize_at, finalized_at, paid_at, replaces_id, created_at, updated_at)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      invoice.id, invoice.number, invoice.subscription_id, invoice.customer_id, name(invoice.status),
      invoice.total.currency().code(), amount_text(invoice.total), invoice.parties, invoice.failure, invoice.due_at,
      invoice.finalize_at, invoice.finalized_at, invoice.paid_at, invoice.replaces_id, invoice.created_at,
      invoice.updated_at);
}

void update_invoice(Sql& sql, const StoredInvoice& invoice) {
  sql.exec(
      "UPDATE invoices SET number = ?2, status = ?3, total = ?4, failure = ?5, finalized_at = ?6, paid_at = ?7,"
      " last_failed_at = ?8, voided_at = ?9, void_reason = ?10, updated_at = ?11 WHERE id = ?1",
      invoice.id, invoice.number, name(invoice.status), amount_text(invoice.total), invoice.failure,
      invoice.finalized_at, invoice.paid_at, invoice.last_failed_at, invoice.voided_at, invoice.void_reason,
      invoice.updated_at);
}

std::optional<StoredInvoice> find_invoice(Sql& sql, std::string_view id_or_number) {
  const Rows rows = sql.query(kFind, id_or_number);
  if (rows.empty()) return std::nullopt;
  return invoice_from(rows.first());
}

void store_lines(Sql& sql, std::string_view invoice_id, const std::vector<invoice::DrawnLine>& lines) {
  sql.exec("DELETE FROM invoice_lines WHERE invoice_id = ?", invoice_id);
  int position = 0;
  for (const invoice::DrawnLine& line : lines) {
    std::optional<std::int64_t> phase;
    std::optional<std::int64_t> card;
    std::optional<Instant> begins_at;
    if (line.key.has_value()) {
      phase = static_cast<std::int64_t>(line.key->phase);
      card = static_cast<std::int64_t>(line.key->card);
      begins_at = line.key->begins_at;
    }
    sql.exec(
        "INSERT INTO invoice_lines (invoice_id, position, kind, phase, card, begins_at, usage, amount, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        invoice_id, position++, name(line.kind), phase, card, begins_at, line.usage, amount_text(line.amount),
        line.body);
  }
}

std::vector<invoice::DrawnLine> lines_of(Sql& sql, const StoredInvoice& invoice) {
  std::vector<invoice::DrawnLine> lines;
  const Rows rows = sql.query(
      "SELECT kind, phase, card, begins_at, usage, amount, body FROM invoice_lines WHERE invoice_id = ? ORDER BY "
      "position",
      invoice.id);
  for (Row row : rows) {
    std::optional<Quantity> usage;
    if (!row.is_null(4)) usage = row.quantity(4);
    lines.push_back({named<invoice::LineKind>(row.text(0), invoice::kLineKindNames), key_from(row, 1), usage,
                     amount_from(row.text(5), invoice.total.currency()), std::string(row.text(6))});
  }
  return lines;
}

std::string next_invoice_number(Sql& sql) {
  constexpr std::size_t kDigits = 6;
  const Rows rows = sql.query(
      "INSERT INTO counters (name, value) VALUES ('invoice', 1)"
      " ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value");
  const std::string digits = std::to_string(rows.first().number(0));
  const std::size_t zeros = digits.size() < kDigits ? kDigits - digits.size() : 0;
  return std::string("INV-").append(zeros, '0').append(digits);
}

Response list_stored_invoices(Context& context, const Page& page, const InvoiceFilter& filter) {
  const auto& [subscription, customer, status, failed] = filter;
  const ListStatements list = statements_for(filter);
  const Rows total = context.sql.query(list.count, subscription, customer, status, failed);
  const Rows rows = context.sql.query(list.page, subscription, customer, status, failed, page.size, page.offset());
  return list_answer(page, total, rows, [](JsonWriter& to, Row row) { write_invoice(to, invoice_from(row), nullptr); });
}

void write_invoice(JsonWriter& to, const StoredInvoice& invoice, const std::vector<invoice::DrawnLine>* lines) {
  to.begin_object();
  to.member("id", std::string_view(invoice.id));
  write_text_member(to, "number", invoice.number);
  to.member("status", name(invoice.status));
  to.member("subscriptionId", std::string_view(invoice.subscription_id));
  to.member("customerId", std::string_view(invoice.customer_id));
  write_members(to, invoice.parties);
  write_instant_member(to, "date", invoice.due_at);
  write_instant_member(to, "finalizeAt", invoice.finalize_at);
  write_instant_member(to, "finalizedAt", invoice.finalized_at);
  write_payment(to, invoice);
  if (invoice.failure.has_value()) to.raw_member("failure", *invoice.failure);
  write_void(to, invoice);
  write_text_member(to, "replaces", invoice.replaces_id);
  write_text_member(to, "replacedBy", invoice.replaced_by);
  write_amounts(to, invoice.total, lines);
  write_instant_member(to, "createdAt", invoice.created_at);
  write_instant_member(to, "updatedAt", invoice.updated_at);
  to.end_object();
}

void write_drawn(JsonWriter& to, const invoice::DrawnInvoice& drawn) {
  if (drawn.failure.has_value()) to.raw_member("failure", failure_text(*drawn.failure));
  write_amounts(to, drawn.total, &drawn.lines);
}

std::string failure_text(const invoice::InvoiceFailure& failure) {
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  to.member("code", billing::name(failure.error));
  if (!failure.line.empty()) to.member("line", std::string_view(failure.line));
  to.member("detail", std::string_view(failure.detail));
  to.end_object();
  return text.take();
}

}  // namespace tollgate::control
