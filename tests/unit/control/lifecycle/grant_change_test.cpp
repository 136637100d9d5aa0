#include "tests/unit/control/world/grant_world.h"

namespace {

using namespace tollgate;
using namespace tollgate::test;

BOOST_FIXTURE_TEST_SUITE(grants_when_a_plan_is_changed, GrantWorld)

BOOST_AUTO_TEST_CASE(what_is_left_goes_along_and_what_the_phase_gave_does_not) {
  const std::string id = subscribe_to("prepaid");
  grant(id, "10");
  spend(id, "53");
  BOOST_TEST(balance(id) == "7");
  now = at("2026-01-20T00:00:00Z");
  const std::string next = change(id, "monthly", "immediate")["next.id"];
  BOOST_TEST(grants(id).empty());
  BOOST_TEST(grants(next) == Texts{"10 7"}, boost::test_tools::per_element());
  BOOST_TEST(balance(next) == "27");
  spend(next, "21");
  BOOST_TEST(balance(next) == "6");
}

BOOST_AUTO_TEST_CASE(at_the_end_of_the_cycle_what_was_bought_meanwhile_goes_along_too) {
  const std::string id = subscribe_to("monthly");
  const std::string next = change(id, "prepaid", "next_billing_cycle")["next.id"];
  now = at("2026-02-01T00:00:00Z");
  grant(id, "10", R"(,"expiresAt":"2026-02-10T00:00:00Z")");
  grant(id, "6", R"(,"expiresAt":"2026-03-01T00:00:00Z")");
  spend(id, "22");
  go("2026-02-12T00:00:00Z");
  spend(id, "1");
  BOOST_TEST(grants(id) == (Texts{"10 0", "6 5"}), boost::test_tools::per_element());
  go("2026-02-15T10:00:00Z");
  BOOST_TEST(grants(id) == Texts{"10 0"}, boost::test_tools::per_element());
  BOOST_TEST(grants(next) == Texts{"6 5"}, boost::test_tools::per_element());
  BOOST_TEST(balance(next) == "55");
  go("2026-03-01T00:00:00Z");
  BOOST_TEST(balance(next) == "50");
}

BOOST_AUTO_TEST_CASE(they_wait_on_a_plan_that_has_no_use_for_them) {
  const std::string id = subscribe_to("monthly");
  grant(id, "10");
  spend(id, "23");
  now = at("2026-01-20T00:00:00Z");
  const std::string big = change(id, "big", "immediate")["next.id"];
  BOOST_TEST(grants(big) == Texts{"10 7"}, boost::test_tools::per_element());
  now = at("2026-01-25T00:00:00Z");
  const std::string back = change(big, "monthly", "immediate")["next.id"];
  BOOST_TEST(balance(back) == "27");
}

BOOST_AUTO_TEST_CASE(a_ledger_that_does_not_answer_delays_them) {
  const std::string id = subscribe_to("monthly");
  grant(id, "10");
  spend(id, "25");
  now = at("2026-01-20T00:00:00Z");
  host.ledgers_are_down = true;
  const std::string next = change(id, "monthly", "immediate")["next.id"];
  host.ledgers_are_down = false;
  BOOST_TEST(balance(next) == "20");
  go("2026-01-20T00:01:00Z");
  BOOST_TEST(balance(next) == "25");
}

BOOST_AUTO_TEST_CASE(a_change_that_is_withdrawn_leaves_them) {
  const std::string id = subscribe_to("monthly");
  grant(id, "10");
  change(id, "prepaid", "next_billing_cycle");
  BOOST_TEST(post("subscriptions/" + id + "/unschedule-cancelation").status() == 200);
  go("2026-03-01T00:00:00Z");
  BOOST_TEST(balance(id) == "30");
}

BOOST_AUTO_TEST_CASE(they_last_through_phases_and_count_what_was_used_in_each) {
  publish_plan(R"({"key":"two","name":"T","currency":"USD","billingCadence":"P1M","phases":[
    {"key":"a","name":"A","duration":"P1M","rateCards":[{"type":"flat_fee","key":"api_requests","name":"R",
      "featureKey":"api_requests","entitlementTemplate":{"type":"metered","issueAfterReset":5}}]},
    {"key":"b","name":"B","duration":"P1M","rateCards":[]},
    {"key":"c","name":"C","rateCards":[{"type":"flat_fee","key":"api_requests","name":"R",
      "featureKey":"api_requests","entitlementTemplate":{"type":"metered","issueAfterReset":7}}]}]})");
  const std::string id = subscribe_to("two");
  grant(id, "10");
  spend(id, "8");
  go("2026-02-20T00:00:00Z");
  spend(id, "3");  // no entitlement: nobody was asked whether there is something left
  BOOST_TEST(grants(id) == Texts{"10 7"}, boost::test_tools::per_element());
  go("2026-03-15T10:00:00Z");
  BOOST_TEST(balance(id) == "14");
}

BOOST_AUTO_TEST_CASE(only_an_allowance_that_resets_counts_as_quota_of_a_fee) {
  publish_plan(plan_json("mixed", R"(
    {"type":"flat_fee","key":"api_requests","name":"R","featureKey":"api_requests","billingCadence":"P1M",
     "price":{"type":"flat","amount":"30"},
     "entitlementTemplate":{"type":"metered","issueAfterReset":10,"resets":false}})"));
  const std::string id = subscribe_to("mixed");
  spend(id, "9");
  const Reply credit = post("subscriptions/" + id + "/change/estimate-credit", R"({"plan":{"key":"monthly"}})");
  BOOST_TEST(credit["credit"] == "30.00");
  const std::string monthly = change(id, "pro", "immediate")["next.id"];
  grant(monthly, "5000");
  spend(monthly, "5000");
  BOOST_TEST(post("subscriptions/" + monthly + "/change/estimate-credit", R"({"plan":{"key":"monthly"}})")["credit"] ==
             "14.50");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
