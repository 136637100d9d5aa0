#include "tests/unit/control/world/invoice_world.h"

#include <boost/test/unit_test.hpp>

namespace {

using namespace tollgate;
using namespace tollgate::test;

BOOST_FIXTURE_TEST_SUITE(invoices_come_by_themselves, InvoiceWorld)

BOOST_AUTO_TEST_CASE(the_first_invoice_has_only_what_is_due_in_advance) {
  const std::string id = subscribe_to("pro");
  BOOST_TEST(invoices(id) == Texts{"INV-000001 open 2026-01-15T10:00:00Z 29.00"}, boost::test_tools::per_element());
  BOOST_TEST(lines(id, 0) == Texts{"fee 29.00"}, boost::test_tools::per_element());
  const Reply one = invoice(id, 0);
  BOOST_TEST(one["customer.name"] == "Acme");
  BOOST_TEST(one["plan.key"] == "pro");
  BOOST_TEST(one["lines.0.period.from"] == "2026-01-15T10:00:00Z");
  BOOST_TEST(one["lines.0.period.to"] == "2026-02-15T10:00:00Z");
  BOOST_TEST(get("subscriptions/" + id)["paymentStatus.status"] == "pending");
}

BOOST_AUTO_TEST_CASE(usage_of_the_period_that_ends_and_the_fee_of_the_one_that_begins_are_on_one_invoice) {
  const std::string id = subscribe_to("pro");
  now = at("2026-02-01T00:00:00Z");
  use(id, "tokens", "1500", "2026-01-20T00:00:00Z");
  now = at("2026-02-15T11:00:00Z");
  use(id, "tokens", "7", "2026-02-15T10:00:00Z");  // the bound belongs to the next period
  use(id, "tokens", "5", "2026-02-15T09:59:59.999Z");
  go("2026-02-15T11:00:00Z");
  // The invoice was drawn up before the two events: one second of the old period was late.
  BOOST_TEST(invoices(id).back() == "INV-000002 open 2026-02-15T10:00:00Z 44.00");
  BOOST_TEST(lines(id, 1) == (Texts{"fee 29.00", "usage 15.00"}), boost::test_tools::per_element());
  const Reply one = invoice(id, 1);
  BOOST_TEST(one["lines.1.usage"] == "1500");
  BOOST_TEST(one["lines.1.rating.steps.0.unitPrice"] == "0.01");
  BOOST_TEST(one["lines.1.rating.steps.0.quantity"] == "1500");
  BOOST_TEST(one["lines.1.meter"] == "tokens");
  BOOST_TEST(one["lines.1.price.type"] == "unit");
  go("2026-03-15T10:00:00Z");
  BOOST_TEST(lines(id, 2) == (Texts{"fee 29.00", "usage 0.07", "late_usage 0.05"}), boost::test_tools::per_element());
  const Reply next = invoice(id, 2);
  BOOST_TEST(next["total"] == "29.12");
  BOOST_TEST(next["lines.2.billedUsage"] == "1500");
  BOOST_TEST(next["lines.2.usage"] == "1505");
}

BOOST_AUTO_TEST_CASE(a_day_that_a_month_has_not_got_is_its_last_one) {
  now = at("2027-12-31T00:00:00Z");
  const std::string id = subscribe_to("big");
  go("2028-04-30T00:00:00Z");
  Texts dates;
  for (const std::string& one : invoices(id)) dates.push_back(one.substr(16, 10));
  BOOST_TEST(dates == (Texts{"2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_timer_that_comes_very_late_makes_one_invoice_for_each_period) {
  const std::string id = subscribe_to("big");
  now = at("2026-04-20T00:00:00Z");
  BOOST_TEST(invoices(id) ==
                 (Texts{"INV-000001 open 2026-01-15T10:00:00Z 99.00", "INV-000002 open 2026-02-15T10:00:00Z 99.00",
                        "INV-000003 open 2026-03-15T10:00:00Z 99.00", "INV-000004 open 2026-04-15T10:00:00Z 99.00"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(nothing_is_billed_twice_when_the_end_is_moved_to_an_instant_that_was_billed) {
  const std::string id = subscribe_to("pro");
  now = at("2026-02-01T00:00:00Z");
  use(id, "tokens", "100", "2026-02-01T00:00:00Z");
  go("2026-02-15T10:00:00Z");
  BOOST_TEST(post("subscriptions/" + id + "/cancel").status() == 200);
  go("2026-02-20T00:00:00Z");
  BOOST_TEST(invoices(id) ==
                 (Texts{"INV-000001 open 2026-01-15T10:00:00Z 29.00", "INV-000002 open 2026-02-15T10:00:00Z 30.00"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(cancelling_closes_with_what_is_due_in_arrears) {
  const std::string id = subscribe_to("pro");
  now = at("2026-01-25T00:00:00Z");
  use(id, "tokens", "250", "2026-01-24T00:00:00Z");
  BOOST_TEST(post("subscriptions/" + id + "/cancel").status() == 200);
  BOOST_TEST(invoices(id).back() == "INV-000002 open 2026-01-25T00:00:00Z 2.50");
  BOOST_TEST(invoice(id, 1)["lines.0.period.to"] == "2026-01-25T00:00:00Z");
  go("2027-01-01T00:00:00Z");
  BOOST_TEST(invoices(id).size() == 2U);
}

BOOST_AUTO_TEST_CASE(usage_that_comes_after_the_end_gets_an_invoice_of_its_own) {
  const std::string id = subscribe_to("pro");
  now = at("2026-01-25T00:00:00Z");
  BOOST_TEST(post("subscriptions/" + id + "/cancel").status() == 200);
  now = at("2026-02-10T00:00:00Z");
  use(id, "tokens", "40", "2026-01-24T00:00:00Z");
  go("2026-03-01T00:00:00Z");
  BOOST_TEST(invoices(id).back() == "INV-000003 open 2026-03-01T00:00:00Z 0.40");
  BOOST_TEST(lines(id, 2) == Texts{"late_usage 0.40"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_subscription_without_prices_gets_no_invoice_and_one_at_price_0_one_that_is_paid) {
  const std::string free = subscribe_to("starter");
  go("2026-04-01T00:00:00Z");
  BOOST_TEST(invoices(free).empty());
  BOOST_TEST(post("subscriptions/" + free + "/cancel").status() == 200);
  publish_plan(plan_json("zero", R"({"type":"flat_fee","key":"z","name":"Z","billingCadence":"P1M",
    "price":{"type":"flat","amount":"50"},"discounts":{"percentage":100}})"));
  const std::string id = subscribe_to("zero");
  BOOST_TEST(invoices(id) == Texts{"INV-000001 paid 2026-04-01T00:00:00Z 0.00"}, boost::test_tools::per_element());
  BOOST_TEST(invoice(id, 0)["lines.0.rating.discount"] == "50");
  BOOST_TEST(get("subscriptions/" + id)["paymentStatus.status"] == "not_required");
}

BOOST_AUTO_TEST_CASE(a_ledger_that_does_not_answer_delays_an_invoice_and_changes_nothing_of_it) {
  const std::string id = subscribe_to("pro");
  now = at("2026-02-01T00:00:00Z");
  use(id, "tokens", "100", "2026-02-01T00:00:00Z");
  host.ledgers_are_down = true;
  go("2026-02-15T10:00:30Z");
  BOOST_TEST(invoices(id).size() == 1U);
  host.ledgers_are_down = false;
  go("2026-02-15T10:01:30Z");
  BOOST_TEST(invoices(id).back() == "INV-000002 open 2026-02-15T10:00:00Z 30.00");
}

BOOST_AUTO_TEST_CASE(an_invoice_that_cannot_be_rated_stays_a_draft_and_says_why) {
  publish_plan(plan_json("huge", R"(
    {"type":"usage_based","key":"tokens","name":"Tokens","featureKey":"tokens","billingCadence":"P1M",
     "price":{"type":"unit","amount":"999999999999999999"}},
    {"type":"flat_fee","key":"base","name":"Base","billingCadence":"P1M","price":{"type":"flat","amount":"5"}})"));
  const std::string id = subscribe_to("huge");
  now = at("2026-02-01T00:00:00Z");
  use(id, "tokens", "999999999999999999", "2026-02-01T00:00:00Z");
  go("2026-02-15T10:00:00Z");
  BOOST_TEST(invoices(id).back() == "- draft 2026-02-15T10:00:00Z 5.00");
  const Reply failed = invoice(id, 1);
  BOOST_TEST(failed["failure.code"] == "overflow");
  BOOST_TEST(failed["failure.line"] == "tokens");
  BOOST_TEST(!failed["failure.detail"].empty());
  const std::string page = get("invoices/" + failed["id"] + "?format=html").response.body;
  BOOST_TEST(page.find("An amount is too large. Line: tokens.") != std::string::npos);
  go("2026-03-15T10:00:00Z");
  BOOST_TEST(invoices(id).back() == "INV-000002 open 2026-03-15T10:00:00Z 5.00");
  BOOST_TEST(get("invoices?failed=true")["items.0.id"] == failed["id"]);
  BOOST_TEST(get("invoices?failed=true&subscriptionId=" + id)["totalCount"] == "1");
  BOOST_TEST(get("invoices?failed=true&status=open")["totalCount"] == "0");
  BOOST_TEST(get("invoices?failed=false&status=open")["totalCount"] == "2");
  BOOST_TEST(get("invoices?failed=maybe").violations() == Texts{"failed one_of"}, boost::test_tools::per_element());
  BOOST_TEST(post("invoices/" + failed["id"] + "/void", R"({"reason":"wrong meter reading"})")["status"] == "void");
  BOOST_TEST(get("invoices?failed=true")["totalCount"] == "0");
  BOOST_TEST(get("invoices?failed=true&status=void")["totalCount"] == "1");
}

BOOST_AUTO_TEST_CASE(an_invoice_of_whatever_amount_is_read_again) {
  publish_plan(plan_json("huge", R"(
    {"type":"usage_based","key":"tokens","name":"Tokens","featureKey":"tokens","billingCadence":"P1M",
     "price":{"type":"unit","amount":"999999999999999999"}})"));
  const std::string id = subscribe_to("huge");
  now = at("2026-02-01T00:00:00Z");
  use(id, "tokens", "1000000000000000", "2026-02-01T00:00:00Z");
  go("2026-02-15T10:00:00Z");
  const std::string total = "999999999999999999000000000000000.00";
  BOOST_TEST(invoices(id).back() == "INV-000001 open 2026-02-15T10:00:00Z " + total);
  BOOST_TEST(get("invoices")["items.0.total"] == total);
  BOOST_TEST(lines(id, 0) == Texts{"usage " + total}, boost::test_tools::per_element());
}

/// The host runs a request again for each round of questions, and gives up after a few of them.
BOOST_AUTO_TEST_CASE(subscriptions_whose_periods_end_together_ask_their_ledgers_together) {
  constexpr int kSubscriptions = 130;
  for (int i = 0; i < kSubscriptions; ++i) {
    const std::string key = "c" + std::to_string(i);
    BOOST_REQUIRE(post("customers", R"({"key":")" + key + R"(","name":"C"})").status() == 201);
    BOOST_REQUIRE(post("subscriptions", R"({"plan":{"key":"pro"},"customerKey":")" + key + R"("})").status() == 201);
  }
  go("2026-02-15T10:00:00Z");
  BOOST_TEST(get("invoices")["totalCount"] == std::to_string(2 * kSubscriptions));
}

BOOST_AUTO_TEST_CASE(a_one_time_fee_is_billed_once) {
  publish_plan(plan_json("setup", R"(
    {"type":"flat_fee","key":"setup","name":"Setup","price":{"type":"flat","amount":"49"}},
    {"type":"flat_fee","key":"base","name":"Base","billingCadence":"P1M","price":{"type":"flat","amount":"10"}})"));
  const std::string id = subscribe_to("setup");
  go("2026-03-15T10:00:00Z");
  BOOST_TEST(lines(id, 0) == (Texts{"fee 49.00", "fee 10.00"}), boost::test_tools::per_element());
  BOOST_TEST(lines(id, 1) == Texts{"fee 10.00"}, boost::test_tools::per_element());
  BOOST_TEST(invoices(id).size() == 3U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
