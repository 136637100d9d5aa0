#include "subscription/payment.h"

#include "subscription/timeline.h"

#include <algorithm>

namespace tollgate::subscription {
namespace {

bool is_debt(PaymentStatus status) { return status == PaymentStatus::failed || status == PaymentStatus::uncollectible; }

/// The first phase that costs something; as many as there are phases: none does.
std::size_t first_phase_with_price(const catalog::Plan& plan, std::size_t starting_phase) {
  std::size_t phase = starting_phase;
  while (phase < plan.phases.size() && is_free(plan.phases[phase])) ++phase;
  return phase;
}

bool takes_in_advance(const catalog::RateCard& card) {
  return card.type == catalog::RateCardType::flat_fee && !is_free(card) &&
         card.price->payment_term.value_or(catalog::PaymentTerm::in_advance) == catalog::PaymentTerm::in_advance;
}

}  // namespace

Payment payment_at_begin(const catalog::Plan& plan, std::size_t starting_phase) {
  const std::size_t with_price = first_phase_with_price(plan, starting_phase);
  Payment payment;
  payment.status = with_price == starting_phase ? PaymentStatus::pending : PaymentStatus::not_required;
  payment.is_first = with_price < plan.phases.size();
  return payment;
}

Payment payment_in_place_of(const Payment& payment, const Payment& previous) {
  Payment next = payment;
  next.is_first = payment.is_first && !previous.last_succeeded_at.has_value();
  if (!payment.last_succeeded_at.has_value()) next.last_succeeded_at = previous.last_succeeded_at;
  next.access_blocked = payment.access_blocked || previous.access_blocked;
  if (payment.status == PaymentStatus::pending && is_debt(previous.status)) {
    next.status = previous.status;
    next.last_failed_at = previous.last_failed_at;
  }
  return next;
}

Payment payment_in_phase(const Payment& payment, const catalog::Plan& plan, std::size_t starting_phase,
                         std::size_t phase) {
  Payment next = payment;
  const bool falls_due = phase > starting_phase && phase == first_phase_with_price(plan, starting_phase);
  if (payment.status == PaymentStatus::not_required && falls_due) next.status = PaymentStatus::pending;
  return next;
}

Payment reported(const Payment& payment, const PaymentReport& report, Instant now) {
  Payment next = payment;
  next.status = report.status;
  next.last_failed_at = report.failed_at;
  if (report.succeeded_at.has_value()) next.last_succeeded_at = report.succeeded_at;
  if (report.status == PaymentStatus::failed) next.last_failed_at = report.failed_at.value_or(now);
  if (report.status == PaymentStatus::uncollectible && !report.failed_at.has_value()) {
    next.last_failed_at = payment.last_failed_at;
  }
  if (report.status == PaymentStatus::paid) next.last_succeeded_at = report.succeeded_at.value_or(now);
  // What is not required says nothing about a payment to come.
  if (report.status != PaymentStatus::not_required) next.is_first = !next.last_succeeded_at.has_value();
  next.access_blocked = report.access_blocked.value_or(payment.access_blocked);
  return next;
}

std::optional<Instant> payment_due_at(const catalog::Plan& plan, std::size_t starting_phase, Instant active_from,
                                      Instant billing_anchor, Instant at) {
  const auto span = phase_at(plan, starting_phase, active_from, at);
  const auto period = period_containing(billing_anchor, plan.billing_cadence.cadence, at);
  if (!span.ok() || !period.ok()) return std::nullopt;
  const catalog::Phase& phase = plan.phases[span->index];
  if (is_free(phase)) return std::nullopt;
  if (span->from < period->from) return period->from;
  const bool in_advance = std::any_of(phase.rate_cards.begin(), phase.rate_cards.end(), takes_in_advance);
  return in_advance ? span->from : period->to;
}

}  // namespace tollgate::subscription
