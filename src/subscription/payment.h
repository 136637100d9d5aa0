#pragma once

#include "calendar/instant.h"
#include "catalog/plan.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tollgate::subscription {

/// Whether what was due has been paid (S2.4).
enum class PaymentStatus : std::uint8_t {
  paid,
  not_required,   ///< nothing has been due so far
  pending,        ///< due, and neither paid nor failed
  failed,         ///< tried without success; may be tried again
  uncollectible,  ///< given up
};
inline constexpr std::string_view kPaymentStatusNames[] = {"paid", "not_required", "pending", "failed",
                                                           "uncollectible"};
constexpr std::string_view name(PaymentStatus status) { return kPaymentStatusNames[static_cast<std::size_t>(status)]; }

/// What is known of a subscription's payments.
struct Payment {
  PaymentStatus status = PaymentStatus::not_required;
  bool is_first = false;  ///< the payment that is, or will be, due is the first one: none has ever succeeded
  std::optional<Instant> last_failed_at;
  std::optional<Instant> last_succeeded_at;
  bool access_blocked = false;  ///< whatever the status, no access
};

/// Of a new subscription: `pending` where its first phase costs something, `not_required` while none has begun that
/// does (a trial).
Payment payment_at_begin(const catalog::Plan& plan, std::size_t starting_phase);

/// Of a subscription that begins in place of `previous`: that it was paid once stays true, and a change of plan does
/// not settle a debt. What failed goes along where something is due, a block does always.
Payment payment_in_place_of(const Payment& payment, const Payment& previous);

/// When a phase begins, by its index: the first one that costs something makes `pending` of `not_required`.
Payment payment_in_phase(const Payment& payment, const catalog::Plan& plan, std::size_t starting_phase,
                         std::size_t phase);

/// What a payment provider reports. Absent members say nothing.
struct PaymentReport {
  PaymentStatus status = PaymentStatus::paid;
  std::optional<Instant> failed_at;
  std::optional<Instant> succeeded_at;
  std::optional<bool> access_blocked;
};

/// The payment after a report at `now`. A failure or success without a date happened at `now`. The date of a failure
/// goes when it is settled, so that it is no start of grace for the next one.
Payment reported(const Payment& payment, const PaymentReport& report, Instant now);

/// When the payment of the billing period around `at` is due: at its beginning, for what it costs in advance and for
/// what the period before it cost in arrears. In the phase's first period, which may be under way when the phase
/// begins: when the phase begins or, where it takes nothing in advance, at the period's end. Nothing in a phase that
/// costs nothing. Grace starts here where no failed payment has started it (S2.4).
std::optional<Instant> payment_due_at(const catalog::Plan& plan, std::size_t starting_phase, Instant active_from,
                                      Instant billing_anchor, Instant at);

}  // namespace tollgate::subscription
