#pragma once

#include "control/http/context.h"

#include <optional>

namespace tollgate::control {

/// Repetitions of a creating request (S10). `Idempotency-Key` names the request; the first answer is kept for
/// `limits::kIdempotencyMs` in the transaction that did the work, so either both are there or neither.
///
/// A repetition gets the same status and body and `idempotency-replayed: true`. The one thing that is not kept is a
/// secret: the body of a repeated creation says everything but the key, which its owner can roll. Neither key nor body
/// of the request is stored, only digests. The same key for another request is refused (422).
class Idempotency {
 public:
  explicit Idempotency(Context& context);

  /// The answer to give instead of performing the request: the kept one, or a refusal.
  std::optional<Response> answer() const;
  /// Keeps the answer of a request that was performed.
  void keep(const Response& response);

 private:
  Context& context_;
  std::string_view key_;
  std::string fingerprint_;
};

}  // namespace tollgate::control
