#include "control/usage/grant_store.h"

namespace tollgate::control {
namespace {

constexpr Fragment kSelect =
    "SELECT id, subscription_id, feature_key, name, plan_id, invoice_id, amount, voided, used_before, priority,"
    " effective_at, expires_at, created_at FROM grants WHERE ";
constexpr auto kFind = kSelect + "subscription_id = ? AND id = ?";
constexpr auto kInUse =
    kSelect + "subscription_id = ?1 AND in_use = 1 AND (?2 IS NULL OR feature_key = ?2) ORDER BY rowid";
constexpr auto kOfInvoice = kSelect + "invoice_id = ? ORDER BY rowid";
constexpr auto kPage = kSelect + "subscription_id = ? ORDER BY rowid LIMIT ? OFFSET ?";

StoredGrant grant_from(Row row) {
  StoredGrant grant;
  grant.id = row.text(0);
  grant.subscription_id = row.text(1);
  grant.feature_key = row.text(2);
  grant.name = row.optional_text(3);
  grant.plan_id = row.optional_text(4);
  grant.invoice_id = row.optional_text(5);
  grant.amount = row.quantity(6);
  grant.voided = row.quantity(7);
  grant.used_before = row.quantity(8);
  grant.priority = static_cast<std::int32_t>(row.number(9));
  grant.effective_at = row.instant(10);
  grant.expires_at = row.optional_instant(11);
  grant.created_at = row.instant(12);
  return grant;
}

std::vector<StoredGrant> grants_from(const Rows& rows) {
  std::vector<StoredGrant> grants;
  for (Row row : rows) grants.push_back(grant_from(row));
  return grants;
}

void write_text_member(JsonWriter& to, std::string_view name, const std::optional<std::string>& text) {
  if (text.has_value()) to.member(name, std::string_view(*text));
}

}  // namespace

void insert_grant(Sql& sql, const StoredGrant& grant) {
  sql.exec(
      "INSERT INTO grants (id, subscription_id, feature_key, name, plan_id, invoice_id, amount, voided, used_before,"
      " priority, effective_at, expires_at, in_use, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)",
      grant.id, grant.subscription_id, grant.feature_key, grant.name, grant.plan_id, grant.invoice_id, grant.amount,
      grant.voided, grant.used_before, static_cast<std::int64_t>(grant.priority), grant.effective_at, grant.expires_at,
      grant.created_at);
}

std::optional<StoredGrant> find_grant(Sql& sql, std::string_view subscription_id, std::string_view id) {
  const Rows rows = sql.query(kFind, subscription_id, id);
  if (rows.empty()) return std::nullopt;
  return grant_from(rows.first());
}

std::vector<StoredGrant> page_of_grants(Sql& sql, std::string_view subscription_id, const Page& page) {
  return grants_from(sql.query(kPage, subscription_id, page.size, page.offset()));
}

std::int64_t count_grants(Sql& sql, std::string_view subscription_id) {
  return sql.query("SELECT count(*) FROM grants WHERE subscription_id = ?", subscription_id).first().number(0);
}

std::vector<StoredGrant> grants_in_use(Sql& sql, std::string_view subscription_id,
                                       std::optional<std::string_view> feature_key) {
  return grants_from(sql.query(kInUse, subscription_id, feature_key));
}

std::int64_t count_grants_in_use(Sql& sql, std::string_view subscription_id) {
  return sql.query("SELECT count(*) FROM grants WHERE subscription_id = ? AND in_use = 1", subscription_id)
      .first()
      .number(0);
}

std::vector<StoredGrant> grants_of_invoice(Sql& sql, std::string_view invoice_id) {
  return grants_from(sql.query(kOfInvoice, invoice_id));
}

void move_to_invoice(Sql& sql, std::string_view from_invoice_id, std::string_view to_invoice_id) {
  sql.exec("UPDATE grants SET invoice_id = ?2 WHERE invoice_id = ?1", from_invoice_id, to_invoice_id);
}

void update_grant(Sql& sql, const StoredGrant& grant) {
  sql.exec(
      "UPDATE grants SET subscription_id = ?2, voided = ?3, used_before = ?4, in_use = in_use AND ?5 WHERE id = ?1",
      grant.id, grant.subscription_id, grant.voided, grant.used_before, grant.rest().positive());
}

void retire_grant(Sql& sql, std::string_view id) { sql.exec("UPDATE grants SET in_use = 0 WHERE id = ?", id); }

std::optional<Instant> next_grant_bound(Sql& sql, std::string_view subscription_id, Instant now) {
  return sql
      .query(
          "SELECT min(at) FROM (SELECT effective_at AS at FROM grants WHERE subscription_id = ?1 AND in_use = 1"
          " UNION ALL SELECT expires_at FROM grants WHERE subscription_id = ?1 AND in_use = 1) WHERE at > ?2",
          subscription_id, now)
      .first()
      .optional_instant(0);
}

bool has_lasting_grants(Sql& sql, std::string_view subscription_id, Instant at) {
  return !sql.query(
                 "SELECT 1 FROM grants WHERE subscription_id = ? AND in_use = 1"
                 " AND (expires_at IS NULL OR expires_at > ?) LIMIT 1",
                 subscription_id, at)
              .empty();
}

void write_grant(JsonWriter& to, const StoredGrant& grant, std::optional<Quantity> remaining) {
  to.begin_object();
  to.member("id", std::string_view(grant.id));
  to.member("subscriptionId", std::string_view(grant.subscription_id));
  to.member("featureKey", std::string_view(grant.feature_key));
  write_text_member(to, "name", grant.name);
  write_text_member(to, "planId", grant.plan_id);
  write_text_member(to, "invoiceId", grant.invoice_id);
  to.member("amount", grant.amount);
  if (remaining.has_value()) to.member("remaining", *remaining);
  if (grant.voided.positive()) to.member("voided", grant.voided);
  to.member("priority", static_cast<std::int64_t>(grant.priority));
  write_instant_member(to, "effectiveAt", grant.effective_at);
  write_instant_member(to, "expiresAt", grant.expires_at);
  write_instant_member(to, "createdAt", grant.created_at);
  to.end_object();
}

}  // namespace tollgate::control
