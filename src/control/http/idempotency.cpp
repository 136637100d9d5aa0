#include "control/http/idempotency.h"

#include "base/limits.h"
#include "base/sha256.h"
#include "base/text.h"

namespace tollgate::control {

Idempotency::Idempotency(Context& context) : context_(context), key_(context.request.header("idempotency-key")) {
  if (key_.empty()) return;
  std::string text(context.request.method);
  fingerprint_ = digest_hex(text.append("\n").append(context.request.target).append("\n").append(context.request.body));
}

std::optional<Response> Idempotency::answer() const {
  if (key_.empty()) return std::nullopt;
  if (key_.size() > limits::kMaxIdempotencyKey || has_control(key_)) {
    Violations violations;
    violations.add("Idempotency-Key", "length", "must have 1 to 255 characters, none of them a control character");
    return invalid(context_.request, violations);
  }
  const Rows rows =
      context_.sql.query("SELECT fingerprint, status, body FROM idempotency WHERE key_digest = ? AND created_at > ?",
                         digest_hex(key_), context_.real_now().ms - limits::kIdempotencyMs);
  if (rows.empty()) return std::nullopt;
  if (rows.first().text(0) != fingerprint_) {
    return problem(context_.request, 422, "idempotency_key_reused",
                   "The Idempotency-Key was used for another request already.");
  }
  Response response = json_answer(static_cast<int>(rows.first().number(1)), std::string(rows.first().text(2)));
  response.headers.emplace_back("idempotency-replayed", "true");
  return response;
}

void Idempotency::keep(const Response& response) {
  if (key_.empty() || !response.commits()) return;
  context_.sql.exec("DELETE FROM idempotency WHERE created_at <= ?", context_.real_now().ms - limits::kIdempotencyMs);
  context_.sql.exec(
      "INSERT INTO idempotency (key_digest, fingerprint, status, body, created_at) VALUES (?, ?, ?, ?, ?)",
      digest_hex(key_), fingerprint_, response.status, context_.replay_body.value_or(response.body),
      context_.real_now());
}

}  // namespace tollgate::control
