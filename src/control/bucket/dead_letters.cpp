#include "control/bucket/dead_letters.h"

#include "base/limits.h"
#include "base/sha256.h"
#include "control/http/list.h"
#include "json/object_reader.h"

namespace tollgate::control {
namespace {

const json::TextRule kReasonText = {0, limits::kMaxDeadLetterReason, nullptr, {}, {}};

void write_dead_letter(JsonWriter& to, Row row) {
  to.begin_object();
  to.member("id", row.text(0));
  to.member("reason", row.text(1));
  to.raw_member("event", row.text(2));
  to.member("times", row.number(3));
  write_instant_member(to, "receivedAt", row.instant(4));
  to.end_object();
}

}  // namespace

Response add_dead_letter(Context& context) {
  json::ObjectReader fields(context.body, "", context.violations);
  const std::string reason = fields.text("reason", kReasonText);
  const json::Value event = fields.take("event");
  fields.refuse_others();
  const std::string text = json::compact(event);
  if (text.size() > limits::kMaxDeadLetter) {
    fields.refuse("event", "length", "must have at most " + std::to_string(limits::kMaxDeadLetter) + " bytes");
  }
  if (!context.violations.empty()) return context.invalid_input();
  context.sql.exec(
      "INSERT INTO dead_letters (id, event_digest, reason, event, times, received_at) VALUES (?, ?, ?, ?, 1, ?)"
      " ON CONFLICT (event_digest) DO UPDATE SET times = times + 1",
      context.new_id(), digest_hex(text), reason, text, context.now());
  return no_content();
}

Response list_dead_letters(Context& context) {
  const Page page = read_page(context);
  if (!context.violations.empty()) return context.invalid_input();
  const Rows total = context.sql.query("SELECT count(*) FROM dead_letters");
  const Rows rows = context.sql.query(
      "SELECT id, reason, event, times, received_at FROM dead_letters ORDER BY rowid LIMIT ? OFFSET ?", page.size,
      page.offset());
  return list_answer(page, total, rows, write_dead_letter);
}

}  // namespace tollgate::control
