#include "billing/proration.h"

#include "json/plan.h"
#include "tests/reference/cases.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>
#include <string>

namespace tollgate::billing {
namespace {

Instant instant(std::string_view text) { return *parse_instant(text); }

std::string text_of(money::Amount amount) {
  char text[money::Amount::kMaxText];
  return {text, amount.write(text)};
}

catalog::Plan plan_of(const std::string& phases, const char* proration = "") {
  const std::string body = R"({"key":"p","name":"P","currency":"USD","billingCadence":"P1M",)" +
                           std::string(proration) + R"("phases":)" + phases + "}";
  json::Document document;
  BOOST_REQUIRE_MESSAGE(document.parse(body).ok(), body);
  Violations violations;
  catalog::Plan plan = json::read_plan(document.root(), violations);
  BOOST_REQUIRE_EQUAL(violations.size(), 0U);
  return plan;
}

std::string fee(const char* key, const char* amount, const char* more) {
  return std::string(R"({"type":"flat_fee","key":")") + key + R"(","name":"N","price":{"type":"flat","amount":")" +
         amount + "\"" + more + "}";
}

const std::string kMonthly =
    R"([{"key":"d","name":"D","rateCards":[)" + fee("base", "29.00", R"(},"billingCadence":"P1M")") + "]}]";

Subscription june(const catalog::Plan& plan) {
  return {&plan, 0, instant("2026-06-01T00:00:00Z"), std::nullopt, instant("2026-06-01T00:00:00Z")};
}

struct Row {
  const char* at;
  const char* used;
  const char* credit;
  const char* time;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.at << " " << row.used; }

const Row kRows[] = {
    {"2026-06-16T00:00:00Z", "7000", "8.70", "0.5"},       {"2026-06-16T00:00:00Z", "100", "14.50", "0.5"},
    {"2026-06-01T00:00:00Z", "0", "29.00", "0"},           {"2026-06-02T00:00:00Z", "12000", "0.00", "0.033333"},
    {"2026-07-01T00:00:00Z", "0", "29.00", "0"},  // the next period, whose fee fell due at this moment
    {"2026-06-30T23:59:59.999Z", "0", "0.00", "0.999999"}, {"2026-05-31T23:59:59Z", "0", "0.00", "0"},
    {"2026-06-16T00:00:00Z", "-5", "14.50", "0.5"},
};

BOOST_DATA_TEST_CASE(immediate_changes, kRows, row) {
  const catalog::Plan plan = plan_of(kMonthly);
  const QuotaUse quotas[] = {{Quantity::units(10'000), *Quantity::parse(row.used)}};
  const auto change = credit_for_change(june(plan), instant(row.at), ChangeTiming::immediate, quotas);
  BOOST_REQUIRE(change.ok());
  BOOST_TEST(text_of(change->credit) == row.credit);
  BOOST_TEST(fraction_text(change->consumed.time) == row.time);
}

BOOST_AUTO_TEST_CASE(a_change_at_the_end_of_a_cycle_gives_no_credit) {
  const catalog::Plan plan = plan_of(kMonthly);
  Subscription subscription = june(plan);
  const auto credit = [&](const char* at) {
    return text_of(credit_for_change(subscription, instant(at), ChangeTiming::scheduled, {})->credit);
  };
  BOOST_TEST(credit("2026-07-01T00:00:00Z") == "0.00");
  BOOST_TEST(credit("2026-06-16T00:00:00Z") == "14.50");
  BOOST_TEST(credit("2026-06-01T00:00:00Z") == "29.00");
}

/// The end that the change itself sets does not cut the period off that was paid for.
BOOST_AUTO_TEST_CASE(the_end_of_the_old_subscription) {
  const catalog::Plan plan = plan_of(kMonthly);
  Subscription subscription = june(plan);
  const Instant at = instant("2026-06-16T00:00:00Z");
  const auto credit = [&](const char* active_to) {
    subscription.active_to = instant(active_to);
    return text_of(credit_for_change(subscription, at, ChangeTiming::immediate, {})->credit);
  };
  BOOST_TEST(credit("2026-06-16T00:00:00Z") == "14.50");
  BOOST_TEST(credit("2026-06-20T00:00:00Z") == "14.50");
  BOOST_TEST(credit("2026-06-15T23:59:59.999Z") == "0.00");
}

BOOST_AUTO_TEST_CASE(the_quota_that_is_used_up_furthest_counts) {
  const catalog::Plan plan = plan_of(kMonthly);
  const QuotaUse quotas[] = {{Quantity::units(10), Quantity::units(5)},
                             {Quantity::units(3), Quantity::units(2)},
                             {Quantity(), Quantity::units(50)},
                             {Quantity::units(100), Quantity::units(60)}};
  const auto change = credit_for_change(june(plan), instant("2026-06-16T00:00:00Z"), ChangeTiming::immediate, quotas);
  BOOST_TEST(text_of(change->credit) == "9.67");  // a third of 29.00
  BOOST_TEST(fraction_text(*change->consumed.quota) == "0.666666");
  const auto none =
      credit_for_change(june(plan), instant("2026-06-16T00:00:00Z"), ChangeTiming::immediate, std::span(quotas, 0));
  BOOST_TEST(!none->consumed.quota.has_value());
}

BOOST_AUTO_TEST_CASE(which_fees_give_something_back) {
  const std::string phases =
      R"([{"key":"t","name":"T","duration":"P1M","rateCards":[]},{"key":"d","name":"D","rateCards":[)" +
      fee("base", "30", R"(},"billingCadence":"P1M","discounts":{"percentage":"10"})") + "," +  // 27.00
      fee("support", "300", R"(},"billingCadence":"P3M")") + "," +                              // its own period
      fee("arrears", "50", R"(,"paymentTerm":"in_arrears"},"billingCadence":"P1M")") + "," +    // not paid yet
      fee("setup", "100", "}") + R"(,{"type":"flat_fee","key":"free","name":"F","billingCadence":"P1M"}]}])";
  const catalog::Plan plan = plan_of(phases);
  Subscription subscription = june(plan);
  const auto credit = [&](const char* at) {
    return text_of(credit_for_change(subscription, instant(at), ChangeTiming::immediate, {})->credit);
  };
  BOOST_TEST(credit("2026-06-16T00:00:00Z") == "0.00");  // the trial
  // 15 of 31 days of July; the quarter from June to August is cut off at the trial's end: 15 of 62 days.
  BOOST_TEST(credit("2026-07-16T00:00:00Z") == "241.36");  // 27 × 16/31 = 13.94, 300 × 47/62 = 227.42 (each rounded)
}

BOOST_AUTO_TEST_CASE(plans_without_proration) {
  const Instant at = instant("2026-06-16T00:00:00Z");
  const catalog::Plan off = plan_of(kMonthly, R"("proRatingConfig":{"enabled":false},)");
  BOOST_TEST(text_of(credit_for_change(june(off), at, ChangeTiming::immediate, {})->credit) == "0.00");
  const catalog::Plan on = plan_of(kMonthly, R"("proRatingConfig":{"enabled":true},)");
  BOOST_TEST(text_of(credit_for_change(june(on), at, ChangeTiming::immediate, {})->credit) == "14.50");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_prorated_is_an_error) {
  catalog::Plan plan = plan_of(kMonthly);
  BOOST_TEST((credit_for_change(june(plan), kLastInstant, ChangeTiming::immediate, {}).error() ==
              BillingError::out_of_calendar));
  plan.currency = "XXX";
  BOOST_TEST((credit_for_change(june(plan), instant("2026-06-16T00:00:00Z"), ChangeTiming::immediate, {}).error() ==
              BillingError::unknown_currency));
}

/// The other way round: what is left by time and by each quota is rounded by itself, and the least of them counts.
BOOST_AUTO_TEST_CASE(agrees_with_the_least_of_what_is_left) {
  std::mt19937_64 random(78);
  const int count = reference::cases(2'000'000);
  for (int i = 0; i < count; ++i) {
    const auto cents = static_cast<std::int64_t>(random() % (random() % 2 == 0 ? 10'000 : 1'000'000'000'000));
    const auto length = static_cast<std::int64_t>(1 + random() % 31'622'400'000);
    const auto elapsed = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(length + 1));
    std::int64_t least = static_cast<std::int64_t>((Int128(cents) * (length - elapsed) * 2 + length) / (2 * length));
    std::vector<QuotaUse> quotas;
    for (auto n = random() % 3; n > 0; --n) {
      const auto limit = static_cast<std::int64_t>(1 + random() % 1'000'000'000'000);
      const auto used = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(limit + limit / 8 + 1));
      const std::int64_t left = std::max(std::int64_t{0}, limit - used);
      quotas.push_back({Quantity::nanos(limit), Quantity::nanos(used)});
      least = std::min(least, static_cast<std::int64_t>((Int128(cents) * left * 2 + limit) / (2 * Int128(limit))));
    }
    const Period period{{1'000}, {1'000 + length}};
    const auto value = money::Amount::minor(cents, money::Currency::usd()).decimal();
    const money::Amount credit =
        credit_of(*value, consumed_of(period, {1'000 + elapsed}, quotas), money::Currency::usd());
    if (credit.minor_units() != least) {
      BOOST_FAIL(cents << " cents, " << elapsed << " of " << length << " ms, " << quotas.size()
                       << " quotas: " << text_of(credit) << ", not " << least << " cents");
    }
  }
  reference::report_cases("proration", count);
}

}  // namespace
}  // namespace tollgate::billing
