#include "tests/unit/control/world/invoice_world.h"

#include <boost/test/unit_test.hpp>

namespace {

using namespace tollgate;
using namespace tollgate::test;

struct ChangeWorld : InvoiceWorld {
  Reply make_void(std::string_view subscription, std::size_t index) {
    return post("invoices/" + std::string(invoice(subscription, index)["id"]) + "/void", R"({"reason":"r"})");
  }
  Reply issue_again(std::string_view subscription, std::size_t index) {
    return post("invoices/" + std::string(invoice(subscription, index)["id"]) + "/reissue");
  }
};

BOOST_FIXTURE_TEST_SUITE(invoices_of_a_change_of_plan, ChangeWorld)

/// S7.8: 29.00 a month, half the period gone, 7 000 of 10 000 used: 8.70.
BOOST_AUTO_TEST_CASE(an_immediate_change_gives_back_what_is_left_of_the_fee) {
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("pro");
  now = at("2026-06-16T00:00:00Z");
  use(id, "api_requests", "7000", "2026-06-10T00:00:00Z");
  use(id, "tokens", "50", "2026-06-10T00:00:00Z");
  const std::string next = change(id, "big", "immediate")["next.id"];
  BOOST_TEST(invoices(id).back() == "INV-000002 open 2026-06-16T00:00:00Z 0.50");
  BOOST_TEST(invoices(next) == Texts{"INV-000003 open 2026-06-16T00:00:00Z 90.30"}, boost::test_tools::per_element());
  BOOST_TEST(lines(next, 0) == (Texts{"fee 99.00", "credit -8.70"}), boost::test_tools::per_element());
  BOOST_TEST(invoice(next, 0)["lines.1.card"] == "big");
  go("2026-07-16T00:00:00Z");
  BOOST_TEST(lines(next, 1) == Texts{"fee 99.00"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_left_of_a_credit_goes_on_to_later_invoices_and_through_further_changes) {
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("pro");
  now = at("2026-06-02T00:00:00Z");  // 28.03 are left of 29.00
  const std::string small = change(id, "small", "immediate")["next.id"];
  BOOST_TEST(lines(small, 0) == (Texts{"fee 9.00", "credit -9.00"}), boost::test_tools::per_element());
  BOOST_TEST(invoices(small).back() == "INV-000003 paid 2026-06-02T00:00:00Z 0.00");
  go("2026-07-02T00:00:00Z");
  BOOST_TEST(lines(small, 1) == (Texts{"fee 9.00", "credit -9.00"}), boost::test_tools::per_element());
  // At the cycle's end there is no further credit, and 10.03 are left of the first one.
  const std::string big = change(small, "big", "next_billing_cycle")["next.id"];
  go("2026-08-02T00:00:00Z");
  BOOST_TEST(lines(big, 0) == (Texts{"fee 99.00", "credit -10.03"}), boost::test_tools::per_element());
  BOOST_TEST(invoices(small).size() == 2U);
}

BOOST_AUTO_TEST_CASE(
    at_the_very_beginning_of_a_period_an_immediate_change_gives_all_of_it_back_and_a_scheduled_one_nothing) {
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("pro");
  use(id, "api_requests", "9000", "2026-06-01T00:00:00Z");
  go("2026-07-01T00:00:00Z");
  const std::string next = change(id, "big", "immediate")["next.id"];
  BOOST_TEST(lines(next, 0) == (Texts{"fee 99.00", "credit -29.00"}), boost::test_tools::per_element());
  now = at("2026-07-05T00:00:00Z");
  const std::string last = change(next, "pro", "2026-08-01T00:00:00Z")["next.id"];
  go("2026-08-01T00:00:00Z");
  BOOST_TEST(lines(last, 0) == Texts{"fee 29.00"}, boost::test_tools::per_element());
  BOOST_TEST(invoices(next).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_change_asked_for_ahead_in_the_middle_of_a_period_is_computed_when_it_comes) {
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("pro");
  const std::string next = change(id, "big", "2026-06-16T00:00:00Z")["next.id"];
  go("2026-06-10T00:00:00Z");
  use(id, "api_requests", "7000", "2026-06-10T00:00:00Z");
  go("2026-06-16T00:00:00Z");
  BOOST_TEST(lines(next, 0) == (Texts{"fee 99.00", "credit -8.70"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_change_that_is_withdrawn_leaves_no_invoice) {
  const std::string id = subscribe_to("pro");
  const std::string next = change(id, "big", "next_billing_cycle")["next.id"];
  now = at("2026-01-20T00:00:00Z");
  BOOST_TEST(post("subscriptions/" + id + "/unschedule-cancelation").status() == 200);
  go("2026-03-15T10:00:00Z");
  BOOST_TEST(invoices(next).empty());
  BOOST_TEST(invoices(id).size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_plan_without_proration_gives_nothing_back) {
  publish_plan(plan_json("strict", kProCards, R"("proRatingConfig":{"enabled":false},)"));
  const std::string id = subscribe_to("strict");
  const std::string next = change(id, "big", "immediate")["next.id"];
  BOOST_TEST(lines(next, 0) == Texts{"fee 99.00"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(voiding_gives_a_credit_back_and_the_next_document_uses_it_again) {
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("pro");
  now = at("2026-06-16T00:00:00Z");
  const std::string next = change(id, "big", "immediate")["next.id"];
  const std::string first = invoice(next, 0)["id"];
  BOOST_TEST(post("invoices/" + first + "/void", R"({"reason":"r"})").status() == 200);
  const Reply again = post("invoices/" + first + "/reissue");
  BOOST_TEST(again["total"] == "84.50");
  go("2026-07-16T00:00:00Z");
  BOOST_TEST(lines(next, 2) == Texts{"fee 99.00"}, boost::test_tools::per_element());
}

/// The estimate and the change agree where a month of requests ends in the middle of a quarter that was paid for.
BOOST_AUTO_TEST_CASE(on_the_spot_at_the_beginning_of_a_usage_period_its_fresh_quota_counts) {
  publish_plan(plan_json("quarterly", R"(
    {"type":"flat_fee","key":"api_requests","name":"Requests","featureKey":"api_requests","billingCadence":"P3M",
     "price":{"type":"flat","amount":"92.00"},
     "entitlementTemplate":{"type":"metered","issueAfterReset":100,"isSoftLimit":false}})"));
  now = at("2026-07-01T00:00:00Z");
  const std::string id = subscribe_to("quarterly");
  now = at("2026-07-20T00:00:00Z");
  use(id, "api_requests", "100", "2026-07-20T00:00:00Z");
  go("2026-08-01T00:00:00Z");  // 31 of 92 days
  const std::string estimate = "subscriptions/" + id + "/change/estimate-credit";
  BOOST_TEST(post(estimate, R"({"plan":{"key":"big"},"timing":"immediate"})")["credit"] == "61.00");
  BOOST_TEST(post(estimate, R"({"plan":{"key":"big"},"timing":"next_billing_cycle"})")["credit"] == "0.00");
  const std::string next = change(id, "big", "immediate")["next.id"];
  BOOST_TEST(lines(next, 0) == (Texts{"fee 99.00", "credit -61.00"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_fee_whose_invoice_is_void_is_neither_promised_nor_given_back) {
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("pro");
  const std::string first = invoice(id, 0)["id"];
  BOOST_TEST(post("invoices/" + first + "/void", R"({"reason":"r"})").status() == 200);
  now = at("2026-06-16T00:00:00Z");
  const std::string estimate = "subscriptions/" + id + "/change/estimate-credit";
  const std::string to_big = R"({"plan":{"key":"big"},"timing":"immediate"})";
  BOOST_TEST(post(estimate, to_big)["credit"] == "0.00");
  BOOST_TEST(post("invoices/" + first + "/reissue").status() == 201);
  BOOST_TEST(post(estimate, to_big)["credit"] == "14.50");
}

BOOST_AUTO_TEST_CASE(of_two_fees_the_one_whose_invoice_is_void_gives_nothing_back) {
  publish_plan(plan_json("two", std::string(kSmallCards) + R"(,
    {"type":"flat_fee","key":"support","name":"Support","billingCadence":"P3M",
     "price":{"type":"flat","amount":"90.00"}})"));
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("two");
  BOOST_TEST(post("invoices/" + std::string(invoice(id, 0)["id"]) + "/void", R"({"reason":"r"})").status() == 200);
  go("2026-07-16T12:00:00Z");
  const std::string next = change(id, "big", "immediate")["next.id"];
  BOOST_TEST(lines(next, 0) == (Texts{"fee 99.00", "credit -4.50"}), boost::test_tools::per_element());
}

/// 29.00 that nobody was billed reduce nothing (S7.8).
BOOST_AUTO_TEST_CASE(a_fee_that_was_given_back_is_not_voided_while_an_invoice_uses_that) {
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("pro");
  const std::string next = change(id, "big", "immediate")["next.id"];
  BOOST_TEST(invoices(next) == Texts{"INV-000002 open 2026-06-01T00:00:00Z 70.00"}, boost::test_tools::per_element());
  const Reply refused = make_void(id, 0);
  BOOST_TEST(refused.status() == 409);
  BOOST_TEST(refused["code"] == "credit_used");
  BOOST_TEST(refused["detail"] ==
             "A credit that comes from this invoice is used by INV-000002: make that void first; then both can be "
             "issued again.");
  BOOST_TEST(make_void(next, 0).status() == 200);
  BOOST_TEST(make_void(id, 0).status() == 200);
  BOOST_TEST(issue_again(next, 0)["total"] == "99.00");
  BOOST_TEST(issue_again(id, 0)["total"] == "29.00");
  go("2026-07-01T00:00:00Z");
  BOOST_TEST(lines(next, 2) == (Texts{"fee 99.00", "credit -29.00"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_given_back_of_a_fee_that_is_billed_after_the_change_goes_to_the_plan_of_now) {
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("pro");
  BOOST_TEST(make_void(id, 0).status() == 200);
  now = at("2026-06-16T00:00:00Z");
  use(id, "api_requests", "7000", "2026-06-10T00:00:00Z");
  const std::string small = change(id, "small", "immediate")["next.id"];
  const std::string last = change(small, "big", "immediate")["next.id"];
  BOOST_TEST(lines(small, 0) == Texts{"fee 9.00"}, boost::test_tools::per_element());
  BOOST_TEST(lines(last, 0) == (Texts{"fee 99.00", "credit -9.00"}), boost::test_tools::per_element());
  BOOST_TEST(issue_again(id, 0)["total"] == "29.00");
  go("2026-07-16T00:00:00Z");
  BOOST_TEST(lines(last, 1) == (Texts{"fee 99.00", "credit -8.70"}), boost::test_tools::per_element());
  go("2026-08-16T00:00:00Z");
  BOOST_TEST(lines(last, 2) == Texts{"fee 99.00"}, boost::test_tools::per_element());
}

/// Each takes back, and brings again, what came of the fee that is on it.
BOOST_AUTO_TEST_CASE(fees_of_one_change_are_voided_invoice_by_invoice) {
  publish_plan(plan_json("two", std::string(kSmallCards) + R"(,
    {"type":"flat_fee","key":"support","name":"Support","billingCadence":"P3M",
     "price":{"type":"flat","amount":"90.00"}})"));
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("two");
  go("2026-07-16T12:00:00Z");  // of 90.00 45.49 are left, of 9.00 4.50
  const std::string next = change(id, "small", "immediate")["next.id"];
  BOOST_TEST(lines(next, 0) == (Texts{"fee 9.00", "credit -9.00"}), boost::test_tools::per_element());
  BOOST_TEST(make_void(id, 0)["code"] == "credit_used");
  BOOST_TEST(make_void(id, 1).status() == 200);
  BOOST_TEST(issue_again(id, 1).status() == 201);
  go("2026-12-16T12:00:00Z");
  const Reply last = invoice(next, 5);
  BOOST_TEST(last["lines.1.amount"] == "-4.99");
  BOOST_TEST(last["lines.1.sources.0.change.fees.0.card"] == "support");
  BOOST_TEST(last["lines.1.sources.0.used"] == "0.49");
  BOOST_TEST(last["lines.1.sources.1.change.fees.0.card"] == "small");
  BOOST_TEST(last["lines.1.sources.1.granted"] == "4.50");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
