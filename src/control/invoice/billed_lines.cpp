#include "control/invoice/billed_lines.h"

#include "base/limits.h"
#include "billing/fee.h"

#include <algorithm>

namespace tollgate::control {
namespace {

/// What late events may still change: it was last looked at before the last of them could come.
constexpr Fragment kOpen =
    " b.usage IS NOT NULL AND b.checked_at - b.ends_at < ?2"
    " AND EXISTS (SELECT 1 FROM invoices WHERE id = b.invoice_id AND status NOT IN ('draft', 'void'))";
constexpr Fragment kSelect =
    "SELECT b.phase, b.card, b.begins_at, b.ends_at, b.invoice_id, b.usage FROM billed_lines b ";
constexpr auto kOfInvoice = kSelect + "WHERE b.invoice_id = ? ORDER BY b.phase, b.card, b.begins_at";
constexpr auto kToCheck =
    kSelect + "WHERE b.subscription_id = ?1 AND" + kOpen + " ORDER BY b.checked_at, b.begins_at LIMIT ?3";
constexpr auto kLastToCheck =
    Fragment("SELECT max(b.ends_at) FROM billed_lines b WHERE b.subscription_id = ?1 AND") + kOpen;

BilledLine billed_line_from(const StoredSubscription& subscription, Row row) {
  BilledLine billed;
  billing::DueLine& line = billed.line;
  line.phase = static_cast<std::size_t>(row.number(0));
  line.card = static_cast<std::size_t>(row.number(1));
  line.in_advance = billing::is_in_advance(subscription.plan.plan.phases[line.phase].rate_cards[line.card]);
  if (!row.is_null(3)) line.period = Period{row.instant(2), row.instant(3)};
  line.opening = billing::is_opening(billing_view(subscription), line.period);
  line.closing = billing::is_closing(billing_view(subscription), line.period);
  billed.invoice_id = row.text(4);
  if (!row.is_null(5)) billed.usage = row.quantity(5);
  return billed;
}

std::vector<BilledLine> billed_lines_from(const StoredSubscription& subscription, const Rows& rows) {
  std::vector<BilledLine> lines;
  for (Row row : rows) lines.push_back(billed_line_from(subscription, row));
  return lines;
}

bool is_billed(Sql& sql, std::string_view subscription_id, const invoice::LineKey& key) {
  return !sql.query("SELECT 1 FROM billed_lines WHERE subscription_id = ? AND phase = ? AND card = ? AND begins_at = ?",
                    subscription_id, static_cast<std::int64_t>(key.phase), static_cast<std::int64_t>(key.card),
                    key.begins_at)
              .empty();
}

}  // namespace

std::vector<billing::DueLine> not_billed(Sql& sql, const StoredSubscription& subscription,
                                         std::vector<billing::DueLine> due) {
  std::erase_if(
      due, [&](const billing::DueLine& line) { return is_billed(sql, subscription.id, invoice::LineKey::of(line)); });
  return due;
}

void keep_billed(Sql& sql, std::string_view subscription_id, std::string_view invoice_id, const billing::DueLine& line,
                 std::optional<Quantity> usage, Instant now) {
  const invoice::LineKey key = invoice::LineKey::of(line);
  std::optional<Instant> ends_at;
  if (line.period.has_value()) ends_at = line.period->to;
  sql.exec(
      "INSERT INTO billed_lines (subscription_id, phase, card, begins_at, ends_at, in_advance, invoice_id, usage,"
      " checked_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
      " ON CONFLICT (subscription_id, phase, card, begins_at) DO UPDATE SET invoice_id = ?7, usage = ?8, checked_at = "
      "?9",
      subscription_id, static_cast<std::int64_t>(key.phase), static_cast<std::int64_t>(key.card), key.begins_at,
      ends_at, line.in_advance, invoice_id, usage, now);
}

void move_billed(Sql& sql, std::string_view subscription_id, std::string_view invoice_id,
                 const billing::DueLine& line) {
  const invoice::LineKey key = invoice::LineKey::of(line);
  sql.exec(
      "UPDATE billed_lines SET invoice_id = ? WHERE subscription_id = ? AND phase = ? AND card = ? AND begins_at = ?",
      invoice_id, subscription_id, static_cast<std::int64_t>(key.phase), static_cast<std::int64_t>(key.card),
      key.begins_at);
}

std::vector<BilledLine> billed_lines_of(Sql& sql, const StoredSubscription& subscription, std::string_view invoice_id) {
  return billed_lines_from(subscription, sql.query(kOfInvoice, invoice_id));
}

std::vector<BilledLine> usage_to_check(Sql& sql, const StoredSubscription& subscription) {
  return billed_lines_from(subscription, sql.query(kToCheck, subscription.id, limits::kMaxEventAgeMs,
                                                   static_cast<std::int64_t>(limits::kMaxUsagePeriods)));
}

void keep_checked(Sql& sql, std::string_view subscription_id, const billing::DueLine& line, Quantity usage,
                  Instant now) {
  const invoice::LineKey key = invoice::LineKey::of(line);
  sql.exec(
      "UPDATE billed_lines SET usage = ?, checked_at = ?"
      " WHERE subscription_id = ? AND phase = ? AND card = ? AND begins_at = ?",
      usage, now, subscription_id, static_cast<std::int64_t>(key.phase), static_cast<std::int64_t>(key.card),
      key.begins_at);
}

std::optional<Instant> last_check(Sql& sql, std::string_view subscription_id) {
  const auto ends_at = sql.query(kLastToCheck, subscription_id, limits::kMaxEventAgeMs).first().optional_instant(0);
  if (!ends_at.has_value()) return std::nullopt;
  return Instant{ends_at->ms + limits::kMaxEventAgeMs};
}

bool is_owed(Sql& sql, std::string_view subscription_id, const invoice::LineKey& key) {
  return !sql.query(
                 "SELECT 1 FROM billed_lines b JOIN invoices i ON i.id = b.invoice_id WHERE b.subscription_id = ?"
                 " AND b.phase = ? AND b.card = ? AND b.begins_at = ? AND i.status <> 'void'",
                 subscription_id, static_cast<std::int64_t>(key.phase), static_cast<std::int64_t>(key.card),
                 key.begins_at)
              .empty();
}

std::string billed_on(Sql& sql, std::string_view subscription_id, const invoice::LineKey& key) {
  const Rows rows = sql.query(
      "SELECT invoice_id FROM billed_lines WHERE subscription_id = ? AND phase = ? AND card = ? AND begins_at = ?",
      subscription_id, static_cast<std::int64_t>(key.phase), static_cast<std::int64_t>(key.card), key.begins_at);
  return std::string(rows.first().text(0));
}

}  // namespace tollgate::control
