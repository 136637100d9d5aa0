#include "billing/invoice.h"

#include "json/plan.h"

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

constexpr const char* kPlan =
    R"({"key":"p","name":"P","currency":"USD","billingCadence":"P1M","phases":[{"key":"d","name":"D","rateCards":[)"
    R"({"type":"usage_based","key":"calls","featureKey":"calls","name":"Calls","billingCadence":"P1M",)"
    R"("price":{"type":"unit","amount":"0.005"}},)"
    R"({"type":"flat_fee","key":"base","name":"Base","billingCadence":"P1M","price":{"type":"flat","amount":"29"}},)"
    R"({"type":"flat_fee","key":"support","name":"Support","billingCadence":"P1M",)"
    R"("price":{"type":"flat","amount":"5.005"}},)"
    R"({"type":"usage_based","key":"data","featureKey":"data","name":"Data","billingCadence":"P1M",)"
    R"("price":{"type":"package","amount":"2","quantityPerPackage":"10"}}]}]})";

struct World {
  catalog::Plan plan;
  Subscription subscription;
  std::vector<DueLine> lines;  ///< at the boundary of February
  std::vector<Usage> usages;

  World() {
    json::Document document;
    BOOST_REQUIRE(document.parse(kPlan).ok());
    Violations violations;
    plan = json::read_plan(document.root(), violations);
    BOOST_REQUIRE(violations.empty());
    const Instant from = instant("2026-01-01T00:00:00Z");
    subscription = {&plan, 0, from, std::nullopt, from};
    const Instant at = instant("2026-02-01T00:00:00Z");
    lines = *lines_due(subscription, at, {at.ms + 1});
    for (const UsageNeed& need : usages_needed(subscription, lines)) usages.push_back({need, Quantity::units(11)});
  }

  InvoiceDraft draft(std::int64_t credit_minor = 0) const {
    const auto result =
        draw_up(subscription, lines, usages, money::Amount::minor(credit_minor, money::Currency::usd()));
    BOOST_REQUIRE(result.ok());
    return *result;
  }
};

/// $3: to the last unit.
void check_sum(const InvoiceDraft& draft) {
  Int128 sum = 0;
  for (const InvoiceLine& line : draft.lines) {
    BOOST_TEST((line.rating.total.minor_units() - line.credit.minor_units() == line.total.minor_units()));
    sum += line.total.minor_units();
  }
  BOOST_TEST((sum == draft.total.minor_units()));
}

BOOST_AUTO_TEST_CASE(lines_and_their_sum) {
  const World world;
  const InvoiceDraft draft = world.draft();
  const char* const totals[] = {"0.06", "29.00", "5.01", "4.00"};  // each rounded by itself
  BOOST_REQUIRE_EQUAL(draft.lines.size(), std::size(totals));
  for (std::size_t i = 0; i < std::size(totals); ++i) BOOST_TEST(text_of(draft.lines[i].total) == totals[i]);
  BOOST_TEST(text_of(draft.total) == "38.07");
  BOOST_TEST(text_of(draft.credit_left) == "0.00");
  check_sum(draft);
}

/// S7.8: fees that are due in advance, one after the other, and never usage.
BOOST_AUTO_TEST_CASE(a_credit_cascades) {
  const World world;
  struct Row {
    std::int64_t credit;
    const char* base;
    const char* support;
    const char* total;
    const char* left;
  };
  const Row rows[] = {
      {870, "20.30", "5.01", "29.37", "0.00"},   {2900, "0.00", "5.01", "9.07", "0.00"},
      {3000, "0.00", "4.01", "8.07", "0.00"},    {3401, "0.00", "0.00", "4.06", "0.00"},
      {10'000, "0.00", "0.00", "4.06", "65.99"},
  };
  for (const Row& row : rows) {
    const InvoiceDraft draft = world.draft(row.credit);
    BOOST_TEST_CONTEXT("a credit of " << row.credit) {
      BOOST_TEST(text_of(draft.lines[1].total) == row.base);
      BOOST_TEST(text_of(draft.lines[2].total) == row.support);
      BOOST_TEST(text_of(draft.total) == row.total);
      BOOST_TEST(text_of(draft.credit_left) == row.left);
      check_sum(draft);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_credit_is_consumed_over_later_invoices) {
  const World world;
  money::Amount credit = money::Amount::minor(10'000, money::Currency::usd());
  Int128 taken = 0;
  int invoices = 0;
  for (; !credit.zero(); ++invoices) {
    const InvoiceDraft draft = world.draft(static_cast<std::int64_t>(credit.minor_units()));
    for (const InvoiceLine& line : draft.lines) taken += line.credit.minor_units();
    credit = draft.credit_left;
  }
  BOOST_TEST(invoices == 3);  // 34.01 of fees each
  BOOST_TEST((taken == 10'000));
}

BOOST_AUTO_TEST_CASE(the_order_of_usages_and_lines_changes_nothing) {
  World world;
  const InvoiceDraft before = world.draft(870);
  std::mt19937_64 random(3);
  for (int i = 0; i < 20; ++i) {
    std::shuffle(world.usages.begin(), world.usages.end(), random);
    world.usages.push_back(world.usages.front());
    BOOST_TEST((world.draft(870).total == before.total));
    std::shuffle(world.lines.begin(), world.lines.end(), random);
    BOOST_TEST((world.draft(870).total == before.total));
  }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_drawn_up_names_its_line) {
  World world;
  const auto failure = [&] {
    const auto draft =
        draw_up(world.subscription, world.lines, world.usages, money::Amount::zero(money::Currency::usd()));
    BOOST_REQUIRE(!draft.ok());
    return std::string(name(draft.error().error)) + " at " + std::to_string(draft.error().line);
  };
  const auto usages = world.usages;
  world.usages.pop_back();
  BOOST_TEST(failure() == "usage_missing at 3");
  world.usages = usages;
  world.usages.front().quantity = Quantity::units(-1);
  BOOST_TEST(failure() == "negative_usage at 0");
  world.usages = usages;
  world.plan.phases[0].rate_cards[3].price->quantity_per_package = Quantity();
  BOOST_TEST(failure() == "invalid_price at 3");
  world.plan.phases[0].rate_cards[3].price->quantity_per_package = Quantity::nanos(1);
  world.plan.phases[0].rate_cards[3].price->amount = *money::Decimal::parse("999999999999999999");
  world.usages.back().quantity = *Quantity::parse("999999999999999999");
  BOOST_TEST(failure() == "overflow at 3");
  world.plan.currency = "EURO";
  BOOST_TEST(failure() == "unknown_currency at 0");
}

}  // namespace
}  // namespace tollgate::billing
