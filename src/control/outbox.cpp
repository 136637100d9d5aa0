#include "control/outbox.h"

#include "base/limits.h"
#include "control/list.h"
#include "control/snapshots.h"
#include "json/object_reader.h"

#include <algorithm>
#include <vector>

namespace tollgate::control {
namespace {

/// KV forgets an entry that nobody renewed for a day; the edge then asks the control plane.
constexpr std::int64_t kKvSeconds = 24 * 60 * 60;

// One statement for each choice of keys, so that each has its index: a bucket may have a million keys.
constexpr char kEnqueue[] =
    " INSERT INTO outbox (kind, target, body, idempotency_key, generation, attempts, not_before, created_at)"
    " SELECT 'snapshot', digest, '', 'snapshot:' || digest, 1, 0, ?1, ?1 FROM changed WHERE true"
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

void reschedule(Context& context, std::int64_t id, std::int64_t generation, std::string_view error) {
  const Rows rows = context.sql.query("SELECT attempts FROM outbox WHERE id = ? AND generation = ?", id, generation);
  const std::int64_t attempts = std::min<std::int64_t>(rows.first().number(0), 20);
  const std::int64_t delay = std::min(limits::kMaxOutboxDelayMs, std::int64_t{1000} << attempts);
  context.sql.exec(
      "UPDATE outbox SET attempts = attempts + 1, not_before = ?, last_error = ? WHERE id = ? AND generation = ?",
      context.real_now().ms + delay, error.substr(0, limits::kMaxLabel), id, generation);
}

/// A row that is due, with the snapshot that it asks for under way.
struct Due {
  std::int64_t id = 0;
  std::int64_t generation = 0;
  std::string digest;
  std::optional<SnapshotBuilder> snapshot;  ///< none: the key is no more
};

std::vector<Due> rows_that_are_due(Context& context) {
  std::vector<Due> due;
  const Rows rows = context.sql.query(
      "SELECT id, generation, target FROM outbox WHERE not_before <= ? ORDER BY not_before, id LIMIT ?",
      context.real_now(), limits::kOutboxPass);
  for (Row row : rows) {
    due.push_back(
        {row.number(0), row.number(1), std::string(row.text(2)), SnapshotBuilder::of_key(context, row.text(2))});
  }
  return due;
}

void write_effect(JsonWriter& to, const Context& context, const Due& due, const std::optional<std::string>& body) {
  to.begin_object();
  to.member("id", due.id);
  to.member("generation", due.generation);
  to.member("kind", body.has_value() ? "kv_put" : "kv_delete");
  to.member("target", std::string_view(due.digest));
  if (body.has_value()) {
    to.member("body", std::string_view(*body));
    to.member("takenAt", context.now().ms);
    to.member("ttlSeconds", kKvSeconds);
  }
  to.end_object();
}

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

Response take_outbox(Context& context) {
  std::vector<Due> rows = rows_that_are_due(context);
  for (Due& due : rows) {
    if (due.snapshot.has_value()) due.snapshot->ask();
  }
  if (context.objects.waiting()) return context.objects.suspended();
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  to.key("effects");
  to.begin_array();
  for (Due& due : rows) {
    const auto body = due.snapshot.has_value() ? due.snapshot->text() : std::nullopt;
    if (due.snapshot.has_value() && !body.has_value()) {
      reschedule(context, due.id, due.generation, "the ledger did not answer");
    } else {
      write_effect(to, context, due, body);
    }
  }
  to.end_array();
  to.end_object();
  return json_answer(200, text.take());
}

Response settle_outbox(Context& context) {
  constexpr std::int64_t kMost = std::int64_t{1} << 53;
  for (json::Value row : context.body.member("done")) {
    json::ObjectReader fields(row, "done", context.violations);
    context.sql.exec("DELETE FROM outbox WHERE id = ? AND generation = ?",
                     fields.optional_integer("id", 0, kMost).value_or(0),
                     fields.optional_integer("generation", 0, kMost).value_or(0));
  }
  for (json::Value row : context.body.member("failed")) {
    json::ObjectReader fields(row, "failed", context.violations);
    reschedule(context, fields.optional_integer("id", 0, kMost).value_or(0),
               fields.optional_integer("generation", 0, kMost).value_or(0), fields.take("error").text());
  }
  if (!context.violations.empty()) return context.invalid_input();
  const Rows rows = context.sql.query("SELECT min(not_before) FROM outbox");
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  if (!rows.first().is_null(0)) to.member("nextAt", rows.first().number(0));
  to.end_object();
  return json_answer(200, text.take());
}

}  // namespace tollgate::control
