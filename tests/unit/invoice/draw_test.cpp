#include "invoice/draw.h"

#include "invoice/line_json.h"
#include "json/plan.h"
#include "money/text.h"

#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace tollgate;
using namespace tollgate::invoice;

namespace {

using Texts = std::vector<std::string>;

const money::Currency kCurrency = money::Currency::usd();

money::Amount cents(std::int64_t units) { return money::Amount::minor(units, kCurrency); }

Instant instant(std::string_view text) { return *parse_instant(text); }

constexpr const char* kPlan =
    R"({"key":"p","name":"P","currency":"USD","billingCadence":"P1M","phases":[{"key":"d","name":"D","rateCards":[)"
    R"({"type":"usage_based","key":"calls","featureKey":"calls","name":"Calls","billingCadence":"P1M",)"
    R"("price":{"type":"tiered","mode":"volume","tiers":[{"upToAmount":100,"unitPrice":{"type":"unit","amount":"1"}},)"
    R"({"unitPrice":{"type":"unit","amount":"0.5"}}]}},)"
    R"({"type":"flat_fee","key":"base","name":"Base","billingCadence":"P1M","price":{"type":"flat","amount":"29"}}]}]})";

/// What there is to know at the boundary of February: a fee of 29.00 for it, and January's calls.
struct World {
  catalog::Plan plan;
  InvoiceInput input;
  billing::DueLine calls;

  World() {
    json::Document document;
    BOOST_REQUIRE(document.parse(kPlan).ok());
    Violations violations;
    plan = json::read_plan(document.root(), violations);
    BOOST_REQUIRE(violations.empty());
    const Instant from = instant("2026-01-01T00:00:00Z");
    const Instant at = instant("2026-02-01T00:00:00Z");
    input.subscription = {&plan, 0, from, std::nullopt, from};
    input.due = *billing::lines_due(input.subscription, at, {at.ms + 1});
    calls = input.due[0];
    input.meters = {{"calls", "api_calls"}};
    use("60");
  }

  void use(std::string_view quantity) {
    input.usages = {{billing::need_of(calls.card_of(input.subscription), calls), *Quantity::parse(quantity)}};
  }
  /// Nothing is due; of January's calls so many were billed, and there are so many.
  void compare(std::string_view billed, std::string_view all) {
    input.compared = {{calls, *Quantity::parse(billed), *Quantity::parse(all)}};
    input.due.clear();
  }
};

Credit credit(CreditKind kind, std::int64_t remaining) {
  return {"01C", kind, cents(remaining), cents(remaining), R"({"number":"INV-000001"})"};
}

/// `kind amount` of each line.
Texts told(const DrawnInvoice& drawn) {
  Texts texts;
  for (const DrawnLine& line : drawn.lines)
    texts.push_back(std::string(name(line.kind)) + " " + amount_text(line.amount));
  return texts;
}

Line line_of(const DrawnLine& drawn) {
  json::Document document;
  BOOST_REQUIRE(document.parse(drawn.body).ok());
  return read_line(document.root(), kCurrency).value();
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(drawing, World)

BOOST_AUTO_TEST_CASE(what_is_due_is_rated_and_added_up) {
  const DrawnInvoice drawn = draw_invoice(input);
  BOOST_TEST(told(drawn) == (Texts{"usage 60.00", "fee 29.00"}), boost::test_tools::per_element());
  BOOST_TEST((drawn.total == cents(8900)));
  BOOST_TEST(!drawn.failure.has_value());
  BOOST_TEST(drawn.used.empty());
  BOOST_TEST(drawn.carried.zero());
}

BOOST_AUTO_TEST_CASE(a_line_carries_its_own_proof) {
  const DrawnLine drawn = draw_invoice(input).lines[0];
  const Line line = line_of(drawn);
  BOOST_TEST(line.description == "Calls");
  BOOST_TEST(*line.terms->meter == "api_calls");
  BOOST_TEST((line.card->period == calls.period));
  BOOST_TEST((line.usage == drawn.usage));
  BOOST_TEST((line.rating->total == drawn.amount));
  BOOST_TEST(line_text(line) == drawn.body);
}

BOOST_AUTO_TEST_CASE(what_is_billed_is_to_be_stored_with_its_usage) {
  const DrawnInvoice drawn = draw_invoice(input);
  BOOST_REQUIRE(drawn.billed.size() == 2u);
  BOOST_TEST((drawn.billed[0].usage == Quantity::units(60)));
  BOOST_TEST(!drawn.billed[1].usage.has_value());
}

BOOST_AUTO_TEST_CASE(usage_that_was_corrected_is_billed_already) {
  input.corrected = {calls};
  const DrawnInvoice drawn = draw_invoice(input);
  BOOST_TEST(drawn.lines.size() == 2u);
  BOOST_REQUIRE(drawn.billed.size() == 1u);
  BOOST_TEST((LineKey::of(drawn.billed[0].line) == LineKey::of(input.due[1])));
}

BOOST_AUTO_TEST_CASE(a_packs_lines_are_known_by_nothing) {
  input.is_of_pack = true;
  const DrawnInvoice drawn = draw_invoice(input);
  BOOST_TEST(drawn.billed.empty());
  for (const DrawnLine& line : drawn.lines) BOOST_TEST(!line.key.has_value());
}

/// S7.8: off the fee, not off usage; what was carried comes off what is left.
BOOST_AUTO_TEST_CASE(credits_come_off_what_they_may_reduce) {
  input.credits = {{credit(CreditKind::change, 3000)}, {credit(CreditKind::carried, 1000)}};
  const DrawnInvoice drawn = draw_invoice(input);
  BOOST_TEST(told(drawn) == (Texts{"usage 60.00", "fee 29.00", "credit -29.00", "credit -10.00"}),
             boost::test_tools::per_element());
  BOOST_TEST((drawn.total == cents(5000)));
  BOOST_REQUIRE(drawn.used.size() == 2u);
  BOOST_TEST((drawn.used[0].used == cents(2900)));
  BOOST_TEST((line_of(drawn.lines[2]).card->card == "base"));
  BOOST_TEST(!line_of(drawn.lines[3]).card.has_value());
}

BOOST_AUTO_TEST_CASE(late_usage_costs_the_difference) {
  compare("60", "80");
  const DrawnInvoice drawn = draw_invoice(input);
  BOOST_TEST(told(drawn) == Texts{"late_usage 20.00"}, boost::test_tools::per_element());
  BOOST_TEST((line_of(drawn.lines[0]).billed_usage == Quantity::units(60)));
}

/// 100 at 1.00 come to more than 120 at 0.50.
BOOST_AUTO_TEST_CASE(what_comes_to_less_than_nothing_is_carried_on) {
  compare("100", "120");
  const DrawnInvoice drawn = draw_invoice(input);
  BOOST_TEST(told(drawn) == (Texts{"late_usage -40.00", "carried 40.00"}), boost::test_tools::per_element());
  BOOST_TEST(drawn.total.zero());
  BOOST_TEST((drawn.carried == cents(4000)));
}

BOOST_AUTO_TEST_CASE(what_stands_already_stays) {
  input.kept = {{LineKind::late_usage, LineKey{}, Quantity::units(3), cents(150), "{}"}};
  const DrawnInvoice drawn = draw_invoice(input);
  BOOST_TEST(told(drawn) == (Texts{"usage 60.00", "fee 29.00", "late_usage 1.50"}), boost::test_tools::per_element());
  BOOST_TEST(drawn.lines[2].body == "{}");
}

BOOST_AUTO_TEST_CASE(nothing_due_and_nothing_late_is_no_invoice) {
  BOOST_TEST(!is_empty(input));
  compare("60", "60");
  BOOST_TEST(is_empty(input));
  compare("60", "61");
  BOOST_TEST(!is_empty(input));
}

BOOST_AUTO_TEST_CASE(a_line_that_cannot_be_rated_is_left_out_and_told) {
  input.usages.clear();
  input.credits.change = {credit(CreditKind::change, 500)};
  const DrawnInvoice drawn = draw_invoice(input);
  BOOST_TEST(told(drawn) == Texts{"fee 29.00"}, boost::test_tools::per_element());
  BOOST_REQUIRE(drawn.failure.has_value());
  BOOST_TEST(drawn.failure->line == "calls");
  BOOST_TEST(drawn.failure->detail == "The feature has no meter that usage could be read from.");
  BOOST_TEST(drawn.used.empty());
}

BOOST_AUTO_TEST_CASE(a_ledger_that_cannot_add_up_is_the_reason) {
  input.usages.clear();
  input.usage_overflow = true;
  const DrawnInvoice drawn = draw_invoice(input);
  BOOST_REQUIRE(drawn.failure.has_value());
  BOOST_TEST(drawn.failure->line == "calls");
  BOOST_TEST(drawn.failure->detail == "The usage adds up to 10^18 or more.");
}

BOOST_AUTO_TEST_SUITE_END()
