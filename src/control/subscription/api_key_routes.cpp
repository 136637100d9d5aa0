#include "control/subscription/api_key_routes.h"

#include "base/api_key.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "base/text.h"
#include "control/schedule/outbox.h"
#include "control/subscription/api_keys.h"
#include "control/subscription/revisions.h"
#include "control/subscription/store.h"
#include "json/object_reader.h"

#include <algorithm>

namespace tollgate::control {
namespace {

bool is_visible_text(std::string_view text) { return std::all_of(text.begin(), text.end(), is_visible); }
/// As the edge takes keys from elsewhere.
bool is_key(std::string_view text) { return well_formed(text, KeyFormat::any); }

const json::TextRule kConsumerText = {1, limits::kMaxConsumer, is_visible_text, "consumer_format",
                                      "printable ASCII without blanks"};
const json::TextRule kImportedKeyText = {limits::kMinImportedKey, limits::kMaxImportedKey, is_key, "key_format",
                                         "printable ASCII without blanks and commas"};

/// The subscription that the path names, where it can still have keys; else the refusal.
std::optional<StoredSubscription> living_subscription(Context& context, Response& refusal) {
  auto subscription = find_subscription(context.sql, context.parameters[0]);
  if (!subscription.has_value()) {
    refusal = context.not_found("subscription");
  } else if (subscription->status(context.now()) == subscription::Status::inactive) {
    refusal = context.conflict("subscription_inactive", "The subscription has ended; its keys open nothing.");
  } else {
    return subscription;
  }
  return std::nullopt;
}

bool has_consumer(Sql& sql, std::string_view subscription_id, std::string_view consumer) {
  return !sql.query("SELECT 1 FROM api_keys WHERE subscription_id = ? AND consumer = ? LIMIT 1", subscription_id,
                    consumer)
              .empty();
}

/// That of the oldest key; where there is none any more, that of the key which a subscription begins with.
std::string first_consumer(Context& context, const StoredSubscription& subscription) {
  const Rows rows = context.sql.query("SELECT consumer FROM api_keys WHERE subscription_id = ? ORDER BY rowid LIMIT 1",
                                      subscription.id);
  if (!rows.empty()) return std::string(rows.first().text(0));
  const auto customer = find_customer(context.sql, subscription.customer_id);
  return customer.has_value() ? consumer_of(*customer) : subscription.customer_id;
}

std::optional<Instant> read_expiry(json::ObjectReader& fields, Instant now) {
  const auto at = fields.optional_instant("expiresAt");
  if (at.has_value() && *at < now) fields.refuse("expiresAt", "not_past", "must not lie in the past");
  return at;
}

/// Why the subscription cannot have the key, if it cannot.
std::optional<Response> refuse_key(const Context& context, Sql& sql, const StoredSubscription& subscription,
                                   const KeyOrder& order) {
  if (order.imported.has_value() &&
      !sql.query("SELECT 1 FROM api_keys WHERE digest = ?", digest_hex(*order.imported)).empty()) {
    return context.conflict("key_taken", "The key is known to this bucket already.");
  }
  const Rows in_force =
      sql.query("SELECT count(*) FROM api_keys WHERE subscription_id = ?1 AND (expires_at IS NULL OR expires_at > ?2)",
                subscription.id, context.now());
  if (in_force.first().number(0) < limits::kMaxKeysInForce) return std::nullopt;
  return context.conflict("too_many_keys", "The subscription has " + std::to_string(limits::kMaxKeysInForce) +
                                               " keys in force, which is as many as it can have.");
}

Response issued_key_answer(Context& context, const IssuedKey& key) {
  const auto text_of = [&](bool shown) {
    json::Text text;
    JsonWriter to(text);
    write_issued_key(to, key, shown);
    return text.take();
  };
  context.replay_body = text_of(false);
  return json_answer(201, text_of(true));
}

Response issue(Context& context, const StoredSubscription& subscription, const KeyOrder& order) {
  if (auto refusal = refuse_key(context, context.sql, subscription, order); refusal.has_value()) return *refusal;
  const IssuedKey key = issue_api_key(context, subscription.id, order);
  if (order.imported.has_value()) continue_revision(context, subscription.id, digest_hex(key.text));
  publish_snapshot_of_key(context, key.id);
  return issued_key_answer(context, key);
}

void write_key(JsonWriter& to, Row row) {
  to.begin_object();
  to.member("id", row.text(0));
  to.member("consumer", row.text(1));
  write_instant_member(to, "createdAt", row.instant(2));
  write_instant_member(to, "expiresAt", row.optional_instant(3));
  to.end_object();
}

/// Whose keys are rolled, and when the old ones end.
struct Roll {
  std::optional<std::string> consumer;
  Instant old_keys_expire_at;
};

Roll read_roll(Context& context, const StoredSubscription& subscription) {
  json::ObjectReader fields(context.body, "", context.violations);
  Roll roll;
  roll.consumer = fields.optional_text("consumer", kConsumerText);
  const auto transition = fields.optional_integer("transitionSeconds", 0, limits::kMaxKeyTransitionSeconds);
  const auto expires_at = read_expiry(fields, context.now());
  if (fields.has("transitionSeconds") && fields.has("expiresAt")) {
    fields.refuse("transitionSeconds", "at_most_one", "is not possible together with expiresAt");
  }
  if (roll.consumer.has_value() && !has_consumer(context.sql, subscription.id, *roll.consumer)) {
    fields.refuse("consumer", "exists", "names no consumer with a key of this subscription");
  }
  fields.refuse_others();
  roll.old_keys_expire_at = expires_at.value_or(Instant{context.now().ms + transition.value_or(0) * kMsPerSecond});
  return roll;
}

}  // namespace

Response create_api_key(Context& context) {
  Response refusal;
  const auto subscription = living_subscription(context, refusal);
  if (!subscription.has_value()) return refusal;
  json::ObjectReader fields(context.body, "", context.violations);
  KeyOrder order;
  const auto consumer = fields.optional_text("consumer", kConsumerText);
  order.expires_at = read_expiry(fields, context.now());
  order.imported = fields.optional_text("key", kImportedKeyText);
  fields.refuse_others();
  if (!context.violations.empty()) return context.invalid_input();
  if (order.imported.has_value() && context.caller.role != ServiceRole::admin) {
    return problem(context.request, 403, "role", "Importing a key is for admins.");
  }
  order.consumer = consumer.value_or(first_consumer(context, *subscription));
  return issue(context, *subscription, order);
}

Response list_api_keys(Context& context) {
  const Page page = read_page(context);
  if (!context.violations.empty()) return context.invalid_input();
  const std::string_view subscription_id = context.parameters[0];
  if (!subscription_exists(context.sql, subscription_id)) return context.not_found("subscription");
  const Rows total = context.sql.query("SELECT count(*) FROM api_keys WHERE subscription_id = ?", subscription_id);
  const Rows rows = context.sql.query(
      "SELECT id, consumer, created_at, expires_at FROM api_keys WHERE subscription_id = ?"
      " ORDER BY rowid LIMIT ? OFFSET ?",
      subscription_id, page.size, page.offset());
  return list_answer(page, total, rows, write_key);
}

Response delete_api_key(Context& context) {
  const std::string_view subscription_id = context.parameters[0];
  const std::string_view key_id = context.parameters[1];
  if (!subscription_exists(context.sql, subscription_id)) return context.not_found("subscription");
  const bool is_there =
      !context.sql.query("SELECT 1 FROM api_keys WHERE id = ? AND subscription_id = ?", key_id, subscription_id)
           .empty();
  if (!is_there) return context.not_found("key");
  leave_revision(context, subscription_id, key_id);
  context.sql.exec("DELETE FROM api_keys WHERE id = ?", key_id);
  return no_content();
}

Response roll_api_keys(Context& context) {
  Response refusal;
  const auto subscription = living_subscription(context, refusal);
  if (!subscription.has_value()) return refusal;
  const Roll roll = read_roll(context, *subscription);
  if (!context.violations.empty()) return context.invalid_input();
  const KeyOrder order{roll.consumer.value_or(first_consumer(context, *subscription))};
  context.sql.exec(
      "UPDATE api_keys SET expires_at = ?3"
      " WHERE subscription_id = ?1 AND consumer = ?2 AND (expires_at IS NULL OR expires_at > ?3)",
      subscription->id, order.consumer, roll.old_keys_expire_at);
  change_snapshots(context, subscription->id);
  return issue(context, *subscription, order);
}

}  // namespace tollgate::control
