#include "tests/unit/control/world/grant_world.h"

namespace {

using namespace tollgate;
using namespace tollgate::test;

BOOST_FIXTURE_TEST_SUITE(top_ups_while_a_subscription_runs, GrantWorld)

BOOST_AUTO_TEST_CASE(a_pack_adds_its_grant_and_bills_its_fee_at_once) {
  const std::string id = subscribe_to("prepaid");
  spend(id, "51");
  BOOST_TEST(balance(id) == "-1");
  go("2026-01-20T00:00:00Z");
  const Reply bought = top_up(id);
  BOOST_REQUIRE_MESSAGE(bought.status() == 201, bought.response.body);
  BOOST_TEST(bought["plan.key"] == "pack");
  BOOST_TEST(bought["grants.0.featureKey"] == "api_requests");
  BOOST_TEST(bought["grants.0.amount"] == "100");
  BOOST_TEST(bought["grants.0.invoiceId"] == bought["invoice.id"]);
  BOOST_TEST(bought["invoice.total"] == "10.00");
  BOOST_TEST(balance(id) == "99");
  BOOST_TEST(invoices(id) ==
                 (Texts{"INV-000001 open 2026-01-15T10:00:00Z 20.00", "INV-000002 open 2026-01-20T00:00:00Z 10.00"}),
             boost::test_tools::per_element());
  BOOST_TEST(invoice(id, 1)["plan.key"] == "pack");
  BOOST_TEST(invoice(id, 1)["lines.0.description"] == "Pack");
  go("2026-01-21T00:00:00Z");
  BOOST_TEST(top_up(id).status() == 201);
  BOOST_TEST(balance(id) == "199");
  BOOST_TEST(grants(id) == (Texts{"100 99", "100 100"}), boost::test_tools::per_element());
  go("2026-06-01T00:00:00Z");
  BOOST_TEST(invoices(id).size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_pack_that_costs_nothing_gets_no_invoice) {
  publish_plan(plan_json("gift", R"({"type":"flat_fee","key":"api_requests","name":"G","featureKey":"api_requests",
    "entitlementTemplate":{"type":"metered","issueAfterReset":3,"resets":false}})"));
  const std::string id = subscribe_to("monthly");
  const Reply bought = top_up(id, "gift");
  BOOST_TEST(bought.value("invoice").absent());
  BOOST_TEST(balance(id) == "23");
  BOOST_TEST(invoices(id).empty());
}

BOOST_AUTO_TEST_CASE(what_is_refused_says_why) {
  publish_plan(plan_json("tokens", R"({"type":"flat_fee","key":"tokens","name":"T","featureKey":"tokens",
    "price":{"type":"flat","amount":1},"entitlementTemplate":{"type":"metered","issueAfterReset":1,"resets":false}})"));
  std::string euros = plan_json("euros", kPackCards);
  euros.replace(euros.find("USD"), 3, "EUR");
  publish_plan(euros);
  const std::string id = subscribe_to("monthly");
  const struct {
    const char* pack;
    Texts expected;
  } kCases[] = {
      {"pro", {"plan.key pack"}},          {"monthly", {"plan.key pack"}}, {"euros", {"plan.key currency"}},
      {"tokens", {"plan.key hard_limit"}}, {"none", {"plan.key exists"}},
  };
  for (const auto& [pack, expected] : kCases) {
    BOOST_TEST(top_up(id, pack).violations() == expected, boost::test_tools::per_element());
  }
  const std::string path = "subscriptions/" + id + "/top-ups";
  BOOST_TEST(post(path, "{}").violations() == Texts{"plan required"}, boost::test_tools::per_element());
  BOOST_TEST(invoices(id).empty());
  call("PUT", "monetization-configuration", R"({"multipleSubscriptionsEnabled":true})");
  const std::string later = subscribe_to("prepaid", R"(,"timing":"2027-01-01T00:00:00Z")");
  BOOST_TEST(top_up(later)["code"] == "subscription_scheduled");
  post("subscriptions/" + id + "/cancel");
  BOOST_TEST(top_up(id)["code"] == "subscription_inactive");
  BOOST_TEST(top_up("none").status() == 404);
}

BOOST_AUTO_TEST_CASE(a_private_pack_is_for_those_who_are_invited) {
  publish_plan(plan_json("hidden", kPackCards, R"("metadata":{"zuplo_private_plan":"true"},)"));
  const std::string id = subscribe_to("monthly");
  key = post("service-keys", R"({"name":"p","role":"portal"})")["key"];
  BOOST_TEST(top_up(id, "hidden")["code"] == "plan_private");
  BOOST_TEST(top_up(id, "pack").status() == 201);
}

BOOST_AUTO_TEST_CASE(a_repetition_buys_nothing_more) {
  const std::string id = subscribe_to("monthly");
  const Plane::Extra once{.idempotency_key = "once"};
  const std::string path = "subscriptions/" + id + "/top-ups";
  const Reply first = call("POST", path, R"({"plan":{"key":"pack"}})", once);
  const Reply again = call("POST", path, R"({"plan":{"key":"pack"}})", once);
  BOOST_TEST(first.response.body == again.response.body);
  BOOST_TEST(balance(id) == "120");
  BOOST_TEST(invoices(id).size() == 1U);
}

BOOST_AUTO_TEST_CASE(its_invoice_is_issued_again_as_it_was_whatever_the_draft_period) {
  post("billing/profiles", R"({"name":"D","invoicing":{"draftPeriod":"P2D"}})");
  const std::string id = subscribe_to("monthly");
  const Reply bought = top_up(id);
  BOOST_TEST(bought["invoice.status"] == "open");
  const std::string path = "invoices/" + bought["invoice.id"];
  BOOST_TEST(post(path + "/void", R"({"reason":"wrong address"})").status() == 200);
  const Reply again = post(path + "/reissue");
  BOOST_REQUIRE_MESSAGE(again.status() < 300, again.response.body);
  BOOST_TEST(invoices(id).back() == "INV-000002 open 2026-01-15T10:00:00Z 10.00");
  BOOST_TEST(lines(id, 1) == Texts{"fee 10.00"}, boost::test_tools::per_element());
  BOOST_TEST(again["plan.key"] == "pack");
  BOOST_TEST(again["plan.id"] == bought["plan.id"]);
  BOOST_TEST(get("subscriptions/" + id + "/grants")["items.0.invoiceId"] == again["id"]);
  BOOST_TEST(balance(id) == "120");
}

BOOST_AUTO_TEST_CASE(whoever_buys_a_pack_may_say_when_it_is_used_and_until_when) {
  const std::string id = subscribe_to("monthly");
  const std::string path = "subscriptions/" + id + "/top-ups";
  BOOST_TEST(post(path, R"({"plan":{"key":"pack"},"priority":256,"expiresAt":"2026-01-15T10:00:00Z"})").violations() ==
                 (Texts{"expiresAt range", "priority range"}),
             boost::test_tools::per_element());
  top_up(id);
  const Reply bought = post(path, R"({"plan":{"key":"pack"},"priority":3,"expiresAt":"2026-02-01T00:00:00Z"})");
  BOOST_REQUIRE_MESSAGE(bought.status() == 201, bought.response.body);
  BOOST_TEST(bought["grants.0.priority"] == "3");
  BOOST_TEST(bought["grants.0.expiresAt"] == "2026-02-01T00:00:00Z");
  spend(id, "50");
  BOOST_TEST(grants(id) == (Texts{"100 70", "100 100"}), boost::test_tools::per_element());
  go("2026-02-01T00:00:00Z");
  BOOST_TEST(balance(id) == "70");
}

BOOST_AUTO_TEST_CASE(a_sale_is_undone_by_voiding_the_invoice_with_its_grants) {
  const std::string id = subscribe_to("monthly");
  grant(id, "5", R"(,"priority":9)");
  const Reply bought = top_up(id);
  spend(id, "50");
  const std::string path = "invoices/" + bought["invoice.id"] + "/void";
  host.ledgers_are_down = true;
  BOOST_TEST(post(path, R"({"reason":"r","voidGrants":true})").status() == 503);
  host.ledgers_are_down = false;
  BOOST_TEST(invoice(id, 0)["status"] == "open");
  BOOST_TEST(post(path, R"({"reason":"r","voidGrants":true})")["status"] == "void");
  BOOST_TEST(grants(id) == (Texts{"5 5", "100 0"}), boost::test_tools::per_element());
  BOOST_TEST(get("subscriptions/" + id + "/grants")["items.1.voided"] == "70");
  BOOST_TEST(balance(id) == "5");
}

BOOST_AUTO_TEST_CASE(the_grants_of_a_voided_invoice_are_found_after_a_change_of_plan) {
  const std::string id = subscribe_to("monthly");
  const Reply bought = top_up(id);
  now = at("2026-01-20T00:00:00Z");
  const std::string next = change(id, "prepaid", "immediate")["next.id"];
  BOOST_TEST(balance(next) == "150");
  BOOST_TEST(post("invoices/" + bought["invoice.id"] + "/void", R"({"reason":"r","voidGrants":true})").status() == 200);
  BOOST_TEST(balance(next) == "50");
}

BOOST_AUTO_TEST_CASE(a_credit_of_a_change_waits_for_the_fees_of_the_plan) {
  const std::string id = subscribe_to("pro");
  now = at("2026-01-31T22:00:00Z");
  const std::string next = change(id, "monthly", "immediate")["next.id"];
  BOOST_TEST(top_up(next)["invoice.total"] == "10.00");
}

BOOST_AUTO_TEST_CASE(a_payment_that_is_due_for_it_is_expected) {
  const std::string id = subscribe_to("monthly");
  BOOST_TEST(get("subscriptions/" + id)["paymentStatus.status"] == "not_required");
  const Reply bought = top_up(id);
  BOOST_TEST(get("subscriptions/" + id)["paymentStatus.status"] == "pending");
  BOOST_TEST(post("invoices/" + bought["invoice.id"] + "/mark-paid").status() == 200);
  BOOST_TEST(get("subscriptions/" + id)["paymentStatus.status"] == "paid");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
