#include "control/outbox_run.h"

#include "base/limits.h"
#include "control/http/list.h"
#include "control/schedule/outbox.h"
#include "control/usage/snapshots.h"
#include "json/object_reader.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace tollgate::control {
namespace {

/// KV forgets an entry that nobody renewed for a day; the edge then asks the control plane.
constexpr std::int64_t kKvSeconds = 24 * 60 * 60;

/// A row that is due, with what it asks for under way.
struct Due {
  std::int64_t id = 0;
  std::int64_t generation = 0;
  std::string kind;
  std::string target;
  std::optional<SnapshotBuilder> snapshot = {};  ///< of a row of that kind; none: the key is no more
};

// --- the kinds -------------------------------------------------------------------------------------------------------

void ask_for_snapshot(Context& context, Due& due) {
  due.snapshot = SnapshotBuilder::of_key(context, due.target);
  if (due.snapshot.has_value()) due.snapshot->ask();
}

std::string_view write_snapshot(JsonWriter& to, const Context& context, const Due& due) {
  const auto body = due.snapshot.has_value() ? due.snapshot->text() : std::nullopt;
  if (due.snapshot.has_value() && !body.has_value()) return "the ledger did not answer";
  to.begin_object();
  to.member("id", due.id);
  to.member("generation", due.generation);
  to.member("kind", body.has_value() ? "kv_put" : "kv_delete");
  to.member("target", std::string_view(due.target));
  if (body.has_value()) {
    to.member("body", std::string_view(*body));
    to.member("takenAt", context.now().ms);
    to.member("ttlSeconds", kKvSeconds);
  }
  to.end_object();
  return {};
}

/// How rows of a kind become effects.
struct Kind {
  std::string_view name;            ///< as stored
  void (*ask)(Context&, Due& due);  ///< asks other objects for what the effect is made of
  /// Writes the effect as a value, or nothing and says why it cannot be made now.
  std::string_view (*write)(JsonWriter& to, const Context&, const Due& due);
};
constexpr Kind kKinds[] = {{kSnapshotRow, ask_for_snapshot, write_snapshot}};

/// Null for a kind that this code does not know: of a newer version of it, say.
const Kind* kind_of(const Due& due) {
  const auto* found =
      std::find_if(std::begin(kKinds), std::end(kKinds), [&](const Kind& kind) { return kind.name == due.kind; });
  return found == std::end(kKinds) ? nullptr : found;
}

// ---------------------------------------------------------------------------------------------------------------------

std::vector<Due> rows_that_are_due(Context& context) {
  std::vector<Due> due;
  const Rows rows = context.sql.query(
      "SELECT id, generation, kind, target FROM outbox WHERE not_before <= ? ORDER BY not_before, id LIMIT ?",
      context.real_now(), limits::kOutboxPass);
  for (Row row : rows) {
    due.push_back({row.number(0), row.number(1), std::string(row.text(2)), std::string(row.text(3))});
  }
  return due;
}

void reschedule(Context& context, std::int64_t id, std::int64_t generation, std::string_view error) {
  const Rows rows = context.sql.query("SELECT attempts FROM outbox WHERE id = ? AND generation = ?", id, generation);
  const std::int64_t attempts = std::min<std::int64_t>(rows.first().number(0), 20);
  const std::int64_t delay = std::min(limits::kMaxOutboxDelayMs, std::int64_t{1000} << attempts);
  context.sql.exec(
      "UPDATE outbox SET attempts = attempts + 1, not_before = ?, last_error = ? WHERE id = ? AND generation = ?",
      context.real_now().ms + delay, error.substr(0, limits::kMaxLabel), id, generation);
}

/// Names a row that is of an unknown kind in the operator's log.
void log_unknown(std::string& log, const Due& due) {
  log.append(log.empty() ? "A row of the outbox is of an unknown kind and is tried again later: " : ", ");
  log.append(due.kind).append(" of id ").append(std::to_string(due.id));
}

}  // namespace

Response take_outbox(Context& context) {
  std::vector<Due> rows = rows_that_are_due(context);
  for (Due& due : rows) {
    if (const Kind* kind = kind_of(due); kind != nullptr) kind->ask(context, due);
  }
  if (context.objects.waiting()) return context.objects.suspended();
  std::string log;
  json::Text text;
  JsonWriter to(text);
  to.begin_object();
  to.key("effects");
  to.begin_array();
  for (const Due& due : rows) {
    const Kind* kind = kind_of(due);
    if (kind == nullptr) log_unknown(log, due);
    const std::string_view error = kind == nullptr ? "the kind is unknown" : kind->write(to, context, due);
    if (!error.empty()) reschedule(context, due.id, due.generation, error);
  }
  to.end_array();
  to.end_object();
  Response response = json_answer(200, text.take());
  response.log = std::move(log);
  return response;
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
