#include "control/schedule/outbox.h"

namespace tollgate::control {
namespace {

// One statement for each choice of keys, so that each has its index: a bucket may have a million keys.
constexpr auto kEnqueue =
    Fragment(
        " INSERT INTO outbox (kind, target, body, idempotency_key, generation, attempts, not_before, created_at)"
        " SELECT '") +
    kSnapshotRow + "', digest, '', '" + kSnapshotRow +
    ":' || digest, 1, 0, ?1, ?1 FROM changed WHERE true"
    " ON CONFLICT (idempotency_key) DO UPDATE SET generation = outbox.generation + 1, attempts = 0,"
    " not_before = excluded.not_before, last_error = NULL";
constexpr auto kEnqueueKey = Fragment("WITH changed AS (SELECT digest FROM api_keys WHERE id = ?2)") + kEnqueue;
constexpr auto kEnqueueSubscription =
    Fragment("WITH changed AS (SELECT digest FROM api_keys WHERE subscription_id = ?2)") + kEnqueue;
constexpr auto kEnqueueCustomer =
    Fragment(
        "WITH changed AS (SELECT k.digest FROM subscriptions s JOIN api_keys k ON k.subscription_id = s.id"
        " WHERE s.customer_id = ?2)") +
    kEnqueue;
constexpr auto kEnqueueAll = Fragment("WITH changed AS (SELECT digest FROM api_keys)") + kEnqueue;

constexpr Fragment kRaise = "UPDATE subscriptions SET revision = revision + 1, updated_at = ?1 ";
constexpr auto kRaiseSubscription = kRaise + "WHERE id = ?2";
constexpr auto kRaiseCustomer = kRaise + "WHERE customer_id = ?2";

}  // namespace

void publish_snapshots(Context& context, std::string_view subscription_id) {
  context.sql.exec(kEnqueueSubscription, context.real_now(), subscription_id);
}

void publish_snapshot_of_key(Context& context, std::string_view key_id) {
  context.sql.exec(kEnqueueKey, context.real_now(), key_id);
}

void change_snapshots(Context& context, std::string_view subscription_id) {
  context.sql.exec(kRaiseSubscription, context.now(), subscription_id);
  context.sql.exec(kEnqueueSubscription, context.real_now(), subscription_id);
}

void change_snapshots_of_customer(Context& context, std::string_view customer_id) {
  context.sql.exec(kRaiseCustomer, context.now(), customer_id);
  context.sql.exec(kEnqueueCustomer, context.real_now(), customer_id);
}

void change_all_snapshots(Context& context) {
  context.sql.exec(kRaise, context.now());
  context.sql.exec(kEnqueueAll, context.real_now());
}

bool has_outbox(Sql& sql) { return !sql.query("SELECT 1 FROM outbox LIMIT 1").empty(); }

}  // namespace tollgate::control
