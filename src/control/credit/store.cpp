#include "control/credit/store.h"

#include "money/text.h"

#include <utility>

namespace tollgate::control {
namespace {

using money::Amount;

Amount amount_of(std::string_view text, money::Currency currency) { return Amount::parse(text, currency).value(); }

std::vector<invoice::Credit> credits_of_kind(Sql& sql, const StoredSubscription& subscription,
                                             invoice::CreditKind kind) {
  Amount sum = no_amount(subscription);
  const money::Currency currency = sum.currency();
  std::vector<invoice::Credit> credits;
  const Rows rows = sql.query(
      "SELECT id, amount, remaining, origin FROM credits WHERE subscription_id = ? AND kind = ? AND currency = ?"
      " AND used_up = 0 ORDER BY rowid",
      subscription.id, name(kind), currency.code());
  for (Row row : rows) {
    invoice::Credit credit{std::string(row.text(0)), kind, amount_of(row.text(1), currency),
                           amount_of(row.text(2), currency), std::string(row.text(3))};
    const auto more = sum.plus(credit.remaining);
    if (!more.ok()) break;
    sum = *more;
    credits.push_back(std::move(credit));
  }
  return credits;
}

void set_remaining(Sql& sql, std::string_view credit_id, Amount remaining) {
  sql.exec("UPDATE credits SET remaining = ?, used_up = ? WHERE id = ?", amount_text(remaining), remaining.zero(),
           credit_id);
}

}  // namespace

invoice::Credits credits_of(Sql& sql, const StoredSubscription& subscription) {
  return {credits_of_kind(sql, subscription, invoice::CreditKind::change),
          credits_of_kind(sql, subscription, invoice::CreditKind::carried)};
}

void grant_credit(Context& context, std::string_view subscription_id, Amount amount, const CreditSource& source) {
  if (!amount.positive()) return;
  context.sql.exec(
      "INSERT INTO credits (id, subscription_id, source, kind, currency, amount, remaining, used_up, origin,"
      " created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, 0, ?7, ?8)",
      context.new_id(), subscription_id, source.invoice_id, name(source.kind), amount.currency().code(),
      amount_text(amount), source.origin, context.now());
}

void use_credits(Sql& sql, std::string_view invoice_id, const std::vector<invoice::CreditUse>& uses) {
  for (const auto& [credit, used] : uses) {
    set_remaining(sql, credit.id, *credit.remaining.minus(used));
    sql.exec("INSERT INTO invoice_credits (invoice_id, credit_id, amount) VALUES (?, ?, ?)", invoice_id, credit.id,
             amount_text(used));
  }
}

void give_credits_back(Sql& sql, std::string_view invoice_id) {
  const Rows rows = sql.query(
      "SELECT c.id, c.currency, c.remaining, u.amount FROM invoice_credits u JOIN credits c ON c.id = u.credit_id"
      " WHERE u.invoice_id = ?",
      invoice_id);
  for (Row row : rows) {
    const money::Currency currency = money::Currency::of(row.text(1)).value_or(money::Currency());
    set_remaining(sql, row.text(0), *amount_of(row.text(2), currency).plus(amount_of(row.text(3), currency)));
  }
  sql.exec("DELETE FROM invoice_credits WHERE invoice_id = ?", invoice_id);
}

std::string users_of_credits_from(Sql& sql, std::string_view invoice_id) {
  const Rows rows = sql.query(
      "SELECT DISTINCT coalesce(i.number, i.id) FROM credits c JOIN invoice_credits u ON u.credit_id = c.id"
      " JOIN invoices i ON i.id = u.invoice_id WHERE c.source = ? ORDER BY 1",
      invoice_id);
  std::string users;
  for (const Row row : rows) {
    if (!users.empty()) users += ", ";
    users += row.text(0);
  }
  return users;
}

void revoke_credits_from(Sql& sql, std::string_view invoice_id) {
  sql.exec("DELETE FROM credits WHERE source = ?", invoice_id);
}

void move_credits(Sql& sql, const StoredSubscription& from, const StoredSubscription& to) {
  sql.exec("UPDATE credits SET subscription_id = ? WHERE subscription_id = ? AND currency = ?", to.id, from.id,
           to.plan.plan.currency);
}

}  // namespace tollgate::control
