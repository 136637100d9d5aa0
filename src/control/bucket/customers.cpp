#include "control/bucket/customers.h"

#include "base/limits.h"
#include "base/text.h"
#include "control/bucket/email.h"
#include "control/http/list.h"
#include "control/schedule/outbox.h"
#include "json/metadata.h"
#include "json/object_reader.h"
#include "money/currency.h"

#include <algorithm>

namespace tollgate::control {
namespace {

constexpr Fragment kSelect =
    "SELECT id, key, name, primary_email, currency, metadata, created_at, updated_at FROM customers ";
constexpr auto kFind = kSelect + "WHERE id = ?1 OR key = ?1 ORDER BY id <> ?1 LIMIT 1";
constexpr Fragment kOfKey = "WHERE key = ?1 AND (?2 IS NULL OR lower(primary_email) = ?2) ";
constexpr Fragment kOfEmail = "WHERE ?1 IS NULL AND lower(primary_email) = ?2 ";
constexpr Fragment kOfAll = "WHERE ?1 IS NULL AND ?2 IS NULL ";
constexpr Fragment kCount = "SELECT count(*) FROM customers ";
constexpr Fragment kPage = "ORDER BY rowid LIMIT ?3 OFFSET ?4";
constexpr auto kCountOfKey = kCount + kOfKey;
constexpr auto kPageOfKey = kSelect + kOfKey + kPage;
constexpr auto kCountOfEmail = kCount + kOfEmail;
constexpr auto kPageOfEmail = kSelect + kOfEmail + kPage;
constexpr auto kCountOfAll = kCount + kOfAll;
constexpr auto kPageOfAll = kSelect + kOfAll + kPage;

ListStatements statements_for(bool by_key, bool by_email) {
  if (by_key) return {kCountOfKey, kPageOfKey};
  if (by_email) return {kCountOfEmail, kPageOfEmail};
  return {kCountOfAll, kPageOfAll};
}

bool is_visible_text(std::string_view text) { return std::all_of(text.begin(), text.end(), is_visible); }

const json::TextRule kCustomerKeyText = {1, limits::kMaxCustomerKey, is_visible_text, "key_format",
                                         "printable ASCII without blanks"};
const json::TextRule kCurrencyText = {3, 3, money::is_currency, "currency", "an ISO 4217 currency code"};

struct CustomerInput {
  std::string key;
  std::string name;
  std::optional<std::string> email;
  std::optional<std::string> currency;
  catalog::Metadata metadata;
};

CustomerInput read_input(Context& context) {
  json::ObjectReader fields(context.body, "", context.violations);
  CustomerInput input;
  input.key = fields.text("key", kCustomerKeyText);
  input.name = fields.text("name", json::kLabelText);
  input.email = fields.optional_text("primaryEmail", kEmailText);
  input.currency = fields.optional_text("currency", kCurrencyText);
  input.metadata = json::read_metadata(fields);
  fields.refuse_others();
  return input;
}

void write_customer(JsonWriter& to, Row row) {
  to.begin_object();
  to.member("id", row.text(0));
  to.member("key", row.text(1));
  to.member("name", row.text(2));
  write_optional_member(to, "primaryEmail", row, 3);
  write_optional_member(to, "currency", row, 4);
  json::write_metadata(to, json::metadata_from(row.text(5)));
  write_instant_member(to, "createdAt", row.instant(6));
  write_instant_member(to, "updatedAt", row.instant(7));
  to.end_object();
}

Response customer_answer(Context& context, int status, std::string_view id_or_key) {
  const Rows rows = context.sql.query(kFind, id_or_key);
  if (rows.empty()) return context.not_found("customer");
  return item_answer(status, rows.first(), write_customer);
}

bool key_is_taken(Sql& sql, std::string_view key, std::string_view by_other_than) {
  return !sql.query("SELECT 1 FROM customers WHERE key = ? AND id <> ?", key, by_other_than).empty();
}

Response key_taken(const Context& context, std::string_view key) {
  return context.conflict("key_taken", "There is a customer with the key \"" + std::string(key) + "\" already.");
}

}  // namespace

Response create_customer(Context& context) {
  const CustomerInput input = read_input(context);
  if (!context.violations.empty()) return context.invalid_input();
  if (key_is_taken(context.sql, input.key, "")) return key_taken(context, input.key);
  const std::string id = context.new_id();
  context.sql.exec(
      "INSERT INTO customers (id, key, name, primary_email, currency, metadata, created_at, updated_at)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
      id, input.key, input.name, input.email, input.currency, json::metadata_text(input.metadata), context.now());
  return customer_answer(context, 201, id);
}

Response list_customers(Context& context) {
  const Page page = read_page(context, {"key", "email"});
  if (!context.violations.empty()) return context.invalid_input();
  const auto key = query_parameter(context, "key");
  const auto email = folded_email_parameter(context);
  const ListStatements list = statements_for(key.has_value(), email.has_value());
  return list_answer(page, context.sql.query(list.count, key, email),
                     context.sql.query(list.page, key, email, page.size, page.offset()), write_customer);
}

Response get_customer(Context& context) { return customer_answer(context, 200, context.parameters[0]); }

Response update_customer(Context& context) {
  const auto present = find_customer(context.sql, context.parameters[0]);
  if (!present.has_value()) return context.not_found("customer");
  const CustomerInput input = read_input(context);
  if (!context.violations.empty()) return context.invalid_input();
  if (key_is_taken(context.sql, input.key, present->id)) return key_taken(context, input.key);
  context.sql.exec(
      "UPDATE customers SET key = ?, name = ?, primary_email = ?, currency = ?, metadata = ?, updated_at = ?"
      " WHERE id = ?",
      input.key, input.name, input.email, input.currency, json::metadata_text(input.metadata), context.now(),
      present->id);
  // The metadata may carry the days of grace, which stand on every snapshot of the customer.
  if (catalog::overdue_days(input.metadata) != catalog::overdue_days(present->metadata)) {
    change_snapshots_of_customer(context, present->id);
  }
  return customer_answer(context, 200, present->id);
}

Response delete_customer(Context& context) {
  const auto customer = find_customer(context.sql, context.parameters[0]);
  if (!customer.has_value()) return context.not_found("customer");
  const Rows rows = context.sql.query("SELECT id FROM subscriptions WHERE customer_id = ? LIMIT 1", customer->id);
  if (!rows.empty()) {
    return context.conflict("customer_in_use",
                            "The customer has the subscription " + std::string(rows.first().text(0)) + ".");
  }
  context.sql.exec("DELETE FROM customers WHERE id = ?", customer->id);
  return no_content();
}

std::optional<std::string> find_customer_by_key(Sql& sql, std::string_view key) {
  const Rows rows = sql.query("SELECT id FROM customers WHERE key = ?", key);
  return rows.first().optional_text(0);
}

std::optional<StoredCustomer> find_customer(Sql& sql, std::string_view id_or_key) {
  const Rows rows = sql.query(kFind, id_or_key);
  if (rows.empty()) return std::nullopt;
  const Row row = rows.first();
  StoredCustomer customer{std::string(row.text(0)), std::string(row.text(1)), std::nullopt, std::nullopt,
                          json::metadata_from(row.text(5))};
  if (!row.is_null(3)) customer.primary_email = std::string(row.text(3));
  if (!row.is_null(4)) customer.currency = std::string(row.text(4));
  return customer;
}

}  // namespace tollgate::control
