#include "control/credit_store.h"

namespace tollgate::control {
namespace {

using money::Amount;

constexpr Fragment kUsable =
    "SELECT id, remaining FROM credits WHERE subscription_id = ? AND kind = ? AND currency = ?"
    " AND used_up = 0 ORDER BY rowid";

std::string_view name(CreditKind kind) { return kCreditKindNames[static_cast<std::size_t>(kind)]; }

Amount amount_of(std::string_view text, money::Currency currency) { return Amount::parse(text, currency).value(); }

Amount sum_of(Sql& sql, const StoredSubscription& subscription, CreditKind kind) {
  Amount sum = no_amount(subscription);
  const money::Currency currency = sum.currency();
  for (Row row : sql.query(kUsable, subscription.id, name(kind), currency.code())) {
    const auto more = sum.plus(amount_of(row.text(1), currency));
    if (!more.ok()) break;  // the rest waits until this is used
    sum = *more;
  }
  return sum;
}

void set_remaining(Sql& sql, std::string_view credit_id, Amount remaining) {
  sql.exec("UPDATE credits SET remaining = ?, used_up = ? WHERE id = ?", amount_text(remaining), remaining.zero(),
           credit_id);
}

void use(Sql& sql, std::string_view invoice_id, std::string_view subscription_id, CreditKind kind, Amount amount) {
  if (!amount.positive()) return;
  for (Row row : sql.query(kUsable, subscription_id, name(kind), amount.currency().code())) {
    if (!amount.positive()) return;
    const Amount remaining = amount_of(row.text(1), amount.currency());
    const Amount taken = remaining.less_than(amount) ? remaining : amount;
    set_remaining(sql, row.text(0), *remaining.minus(taken));
    sql.exec("INSERT INTO invoice_credits (invoice_id, credit_id, amount) VALUES (?, ?, ?)", invoice_id, row.text(0),
             amount_text(taken));
    amount = *amount.minus(taken);
  }
}

}  // namespace

Credits credits_of(Sql& sql, const StoredSubscription& subscription) {
  return {sum_of(sql, subscription, CreditKind::change), sum_of(sql, subscription, CreditKind::carried)};
}

void grant_credit(Context& context, std::string_view subscription_id, CreditKind kind, std::string_view source,
                  Amount amount) {
  if (!amount.positive()) return;
  context.sql.exec(
      "INSERT INTO credits (id, subscription_id, source, kind, currency, amount, remaining, used_up, created_at)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, 0, ?7)",
      context.new_id(), subscription_id, source, name(kind), amount.currency().code(), amount_text(amount),
      context.now());
}

void use_credits(Sql& sql, std::string_view invoice_id, std::string_view subscription_id, const Credits& used) {
  use(sql, invoice_id, subscription_id, CreditKind::change, used.change);
  use(sql, invoice_id, subscription_id, CreditKind::carried, used.carried);
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

bool revoke_credit(Sql& sql, std::string_view source) {
  if (!sql.query("SELECT 1 FROM credits WHERE source = ? AND remaining <> amount", source).empty()) return false;
  sql.exec("DELETE FROM credits WHERE source = ?", source);
  return true;
}

void move_credits(Sql& sql, const StoredSubscription& from, const StoredSubscription& to) {
  sql.exec("UPDATE credits SET subscription_id = ? WHERE subscription_id = ? AND currency = ?", to.id, from.id,
           to.plan.plan.currency);
}

}  // namespace tollgate::control
