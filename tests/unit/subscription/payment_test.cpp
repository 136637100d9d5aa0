#include "subscription/payment.h"

#include <boost/test/unit_test.hpp>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

using namespace tollgate;
using namespace tollgate::subscription;

namespace {

using enum PaymentStatus;

Instant at(std::string_view text) { return *parse_instant(text); }

std::optional<Instant> maybe(std::string_view text) { return text == "-" ? std::nullopt : std::optional(at(text)); }

std::string text_of(std::optional<Instant> instant) {
  if (!instant.has_value()) return "-";
  char text[kInstantText];
  return std::string(text, write_instant(*instant, text));
}

catalog::Phase phase(std::string_view kind) {
  catalog::Phase phase;
  if (kind == "free") return phase;
  catalog::RateCard card;
  card.type = kind == "metered" ? catalog::RateCardType::usage_based : catalog::RateCardType::flat_fee;
  card.price = catalog::Price();
  card.price->amount = *money::Decimal::parse("29");
  if (kind == "metered") card.price->type = catalog::PriceType::unit;
  if (kind == "arrears") card.price->payment_term = catalog::PaymentTerm::in_arrears;
  phase.rate_cards.push_back(card);
  return phase;
}

/// Monthly, with phases of these kinds: `free`; `fee` in advance; `arrears` and `metered` in arrears. Each but the last
/// lasts for a week.
catalog::Plan plan(std::initializer_list<std::string_view> kinds) {
  catalog::Plan plan;
  plan.billing_cadence = {"P1M", *parse_cadence("P1M")};
  for (std::string_view kind : kinds) {
    plan.phases.push_back(phase(kind));
    plan.phases.back().duration = {"P1W", *parse_cadence("P1W")};
  }
  plan.phases.back().duration.reset();
  return plan;
}

Payment payment(PaymentStatus status, bool is_first, std::string_view failed = "-", std::string_view succeeded = "-",
                bool blocked = false) {
  return {status, is_first, maybe(failed), maybe(succeeded), blocked};
}

std::string described(const Payment& payment) {
  return std::string(kPaymentStatusNames[static_cast<std::size_t>(payment.status)]) +
         (payment.is_first ? " first " : " later ") + text_of(payment.last_failed_at) + " " +
         text_of(payment.last_succeeded_at) + (payment.access_blocked ? " blocked" : "");
}

constexpr std::string_view kJan1 = "2026-01-01T00:00:00Z";
constexpr std::string_view kJan5 = "2026-01-05T00:00:00Z";
constexpr std::string_view kJan9 = "2026-01-09T00:00:00Z";

}  // namespace

BOOST_AUTO_TEST_SUITE(payment_rules)

BOOST_AUTO_TEST_CASE(nothing_is_pending_before_a_phase_costs_something) {
  struct Case {
    catalog::Plan plan;
    std::size_t starting_phase;
    std::string_view expected;
  };
  const Case cases[] = {
      {plan({"free"}), 0, "not_required later - -"},   {plan({"fee"}), 0, "pending first - -"},
      {plan({"metered"}), 0, "pending first - -"},     {plan({"free", "fee"}), 0, "not_required first - -"},
      {plan({"free", "fee"}), 1, "pending first - -"}, {plan({"fee", "free"}), 1, "not_required later - -"},
  };
  for (const Case& one : cases) BOOST_TEST(described(payment_at_begin(one.plan, one.starting_phase)) == one.expected);
}

BOOST_AUTO_TEST_CASE(a_change_keeps_what_was_paid_and_what_is_owed) {
  const catalog::Plan free = plan({"free"});
  const catalog::Plan paid = plan({"fee"});
  const catalog::Plan trial = plan({"free", "fee"});
  struct Case {
    Payment previous;
    const catalog::Plan& plan;
    std::string_view expected;
  };
  const Case cases[] = {
      {payment(not_required, false), paid, "pending first - -"},
      {payment(pending, true), paid, "pending first - -"},
      {payment(pending, true), free, "not_required later - -"},
      {payment(PaymentStatus::paid, false, "-", kJan1), paid, "pending later - 2026-01-01T00:00:00Z"},
      {payment(PaymentStatus::paid, false, "-", kJan1), trial, "not_required later - 2026-01-01T00:00:00Z"},
      {payment(PaymentStatus::paid, false, "-", kJan1), free, "not_required later - 2026-01-01T00:00:00Z"},
      {payment(not_required, false, "-", kJan1), paid, "pending later - 2026-01-01T00:00:00Z"},
      {payment(failed, false, kJan5, kJan1), paid, "failed later 2026-01-05T00:00:00Z 2026-01-01T00:00:00Z"},
      {payment(failed, true, kJan5), paid, "failed first 2026-01-05T00:00:00Z -"},
      {payment(failed, true, kJan5), free, "not_required later - -"},
      {payment(uncollectible, true, kJan5), paid, "uncollectible first 2026-01-05T00:00:00Z -"},
      {payment(PaymentStatus::paid, false, "-", kJan1, true), free,
       "not_required later - 2026-01-01T00:00:00Z blocked"},
  };
  for (const Case& one : cases) {
    BOOST_TEST(described(payment_in_place_of(payment_at_begin(one.plan, 0), one.previous)) == one.expected);
  }
  const Payment settled = payment(PaymentStatus::paid, false, "-", kJan9, true);
  BOOST_TEST(described(payment_in_place_of(settled, payment(failed, false, kJan5, kJan1))) == described(settled));
}

BOOST_AUTO_TEST_CASE(the_first_phase_with_a_price_makes_it_pending) {
  const catalog::Plan three = plan({"free", "fee", "fee"});
  struct Case {
    PaymentStatus before;
    std::size_t phase;
    PaymentStatus after;
  };
  const Case cases[] = {
      {not_required, 0, not_required},
      {not_required, 1, pending},
      {not_required, 2, not_required},
      {paid, 1, paid},
      {failed, 1, failed},
      {uncollectible, 1, uncollectible},
  };
  for (const Case& one : cases) {
    BOOST_TEST((payment_in_phase(payment(one.before, true), three, 0, one.phase).status == one.after));
    BOOST_TEST(payment_in_phase(payment(one.before, true), three, 0, one.phase).is_first);
  }
  // The phase that it starts in begins nothing: what an operator has said of it by then holds.
  BOOST_TEST((payment_in_phase(payment(not_required, true), plan({"free", "fee"}), 1, 1).status == not_required));
}

BOOST_AUTO_TEST_CASE(reports_of_a_provider) {
  struct Case {
    Payment before;
    PaymentReport report;
    std::string_view after;
  };
  const Case cases[] = {
      {payment(pending, true), {paid, {}, {}, {}}, "paid later - 2026-01-09T00:00:00Z"},
      {payment(pending, true), {paid, {}, at(kJan1), {}}, "paid later - 2026-01-01T00:00:00Z"},
      {payment(failed, true, kJan5), {paid, {}, {}, {}}, "paid later - 2026-01-09T00:00:00Z"},
      {payment(pending, true), {failed, {}, {}, {}}, "failed first 2026-01-09T00:00:00Z -"},
      {payment(failed, true, kJan1), {failed, at(kJan5), {}, {}}, "failed first 2026-01-05T00:00:00Z -"},
      {payment(paid, false, "-", kJan1),
       {failed, {}, {}, {}},
       "failed later 2026-01-09T00:00:00Z 2026-01-01T00:00:00Z"},
      {payment(failed, false, kJan5, kJan1),
       {uncollectible, {}, {}, {}},
       "uncollectible later 2026-01-05T00:00:00Z 2026-01-01T00:00:00Z"},
      {payment(failed, false, kJan5, kJan1), {pending, {}, {}, {}}, "pending later - 2026-01-01T00:00:00Z"},
      {payment(pending, true), {not_required, {}, {}, {}}, "not_required first - -"},
      {payment(not_required, false), {pending, {}, {}, {}}, "pending first - -"},
      {payment(paid, false, "-", kJan1), {paid, {}, {}, true}, "paid later - 2026-01-09T00:00:00Z blocked"},
      {payment(failed, true, "-", "-", true), {paid, {}, {}, {}}, "paid later - 2026-01-09T00:00:00Z blocked"},
      {payment(failed, true, "-", "-", true), {paid, {}, {}, false}, "paid later - 2026-01-09T00:00:00Z"},
  };
  for (const Case& one : cases) BOOST_TEST(described(reported(one.before, one.report, at(kJan9))) == one.after);
}

BOOST_AUTO_TEST_CASE(when_payments_are_due) {
  const catalog::Plan fee = plan({"fee"});
  const catalog::Plan trial = plan({"free", "fee"});
  struct Case {
    catalog::Plan plan;
    std::string_view anchor, at, due;
  };
  const Case cases[] = {
      {fee, kJan1, "2026-01-20T00:00:00Z", "2026-01-01T00:00:00Z"},
      {fee, kJan1, "2026-02-20T00:00:00Z", "2026-02-01T00:00:00Z"},
      {fee, "2025-12-20T00:00:00Z", "2026-01-10T00:00:00Z", "2026-01-01T00:00:00Z"},
      {trial, kJan1, "2026-01-07T23:59:59.999Z", "-"},
      {trial, kJan1, "2026-01-08T00:00:00Z", "2026-01-08T00:00:00Z"},
      {trial, kJan1, "2026-02-02T00:00:00Z", "2026-02-01T00:00:00Z"},
      {plan({"metered"}), kJan1, "2026-01-20T00:00:00Z", "2026-02-01T00:00:00Z"},
      {plan({"metered"}), kJan1, "2026-02-20T00:00:00Z", "2026-02-01T00:00:00Z"},
      {plan({"arrears"}), kJan1, "2026-01-20T00:00:00Z", "2026-02-01T00:00:00Z"},
      {plan({"free", "metered"}), kJan1, "2026-01-08T00:00:00Z", "2026-02-01T00:00:00Z"},
      {plan({"free"}), kJan1, "2026-01-20T00:00:00Z", "-"},
      {fee, kJan1, "9999-12-31T00:00:00Z", "-"},
  };
  for (const Case& one : cases) {
    BOOST_TEST(text_of(payment_due_at(one.plan, 0, at(kJan1), at(one.anchor), at(one.at))) == one.due, one.at);
  }
}

BOOST_AUTO_TEST_SUITE_END()
