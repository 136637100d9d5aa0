#pragma once

#include "calendar/instant.h"
#include "money/amount.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::payment {

/// A final invoice, as far as whoever collects it needs to know. Texts are borrowed for the length of the call.
struct Bill {
  std::string_view invoice_id;
  std::string_view number;  ///< `INV-000042`
  std::string_view customer_id;
  money::Amount total;  ///< > 0
};

/// Something that must happen at the provider: a row of the outbox, written in the transaction that causes it. Neither
/// key nor body ever changes, so that however often it is tried, it happens once (invariants O1, O3).
struct Intent {
  std::string kind;  ///< what to do, in the provider's words
  std::string body;  ///< JSON
  std::string idempotency_key;
};

/// How a payment stands, as somebody reports it.
enum class Outcome : std::uint8_t {
  paid,
  failed,         ///< tried without success; may be tried again
  uncollectible,  ///< given up
};

/// What became of a bill.
struct Report {
  Outcome outcome = Outcome::paid;
  Instant at;  ///< when it happened, not when it was heard of
};

/// Whoever turns final invoices into money (S9). Implementations are constants without state: they see a bill and say
/// what is to happen.
class Provider {
 public:
  virtual std::string_view name() const = 0;
  /// The bill is final: what must happen so that it is paid. Nothing is asked for bills of 0, which are paid by
  /// themselves.
  virtual std::vector<Intent> collect(const Bill& bill) const = 0;
  /// The bill was voided before it was paid: nobody must pay it any more.
  virtual std::vector<Intent> withdraw(const Bill& bill) const = 0;

 protected:
  ~Provider() = default;
};

}  // namespace tollgate::payment
