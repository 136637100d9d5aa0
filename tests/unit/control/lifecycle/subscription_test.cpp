#include "tests/unit/control/world/plane.h"

#include <boost/test/unit_test.hpp>

using namespace tollgate;
using namespace tollgate::test;

namespace {

using List = std::vector<std::string>;

constexpr std::string_view kPaidCards = R"({"type":"flat_fee","key":"fee","name":"Fee","billingCadence":"P1M",
  "price":{"type":"flat","amount":"29.00"}},
  {"type":"flat_fee","key":"api_requests","name":"R","featureKey":"api_requests",
   "entitlementTemplate":{"type":"metered","issueAfterReset":100}})";

constexpr std::string_view kTrialPlan = R"({"key":"trial","name":"Trial","currency":"USD","billingCadence":"P1M",
  "phases":[{"key":"trial","name":"Trial","duration":"P1W","rateCards":[
      {"type":"flat_fee","key":"api_requests","name":"R","featureKey":"api_requests",
       "entitlementTemplate":{"type":"metered","issueAfterReset":2}}]},
    {"key":"default","name":"Default","rateCards":[
      {"type":"flat_fee","key":"api_requests","name":"R","featureKey":"api_requests",
       "entitlementTemplate":{"type":"metered","issueAfterReset":100,"preserveOverageAtReset":true}}]}]})";

Reply access(Plane& plane, const Reply& subscription) {
  return plane.get("subscriptions/" + subscription["id"] + "/access");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(subscription_routes)

BOOST_AUTO_TEST_CASE(a_new_one_is_answered_with_its_key_once) {
  Plane plane;
  const std::string plan = plane.make_catalog();
  const Reply made = plane.subscribe();
  BOOST_REQUIRE_MESSAGE(made.status() == 201, made.response.body);
  BOOST_TEST(made["status"] == "active");
  BOOST_TEST(made["plan.id"] == plan);
  BOOST_TEST(made["plan.version"] == "1");
  BOOST_TEST(made["activeFrom"] == "2026-01-15T10:00:00Z");
  BOOST_TEST(made["billingAnchor"] == "2026-01-15T10:00:00Z");
  BOOST_TEST(made["nextBillingDate"] == "2026-02-15T10:00:00Z");
  BOOST_TEST(made["paymentStatus.status"] == "not_required");
  BOOST_TEST(made["currentPhase.key"] == "default");
  BOOST_TEST(made["apiKey.consumer"] == "acme");
  BOOST_TEST(made["apiKey.key"].starts_with("tgk_"));
  const Reply read = plane.get("subscriptions/" + made["id"]);
  BOOST_TEST(read.status() == 200);
  BOOST_TEST(read.value("apiKey").absent());
  for (std::string_view path : {"subscriptions", "customers/acme/subscriptions"}) {
    BOOST_TEST(plane.get(path).response.body.find(made["apiKey.key"]) == std::string::npos);
  }
  BOOST_TEST(plane.get("subscriptions?customerId=" + made["customerId"])["totalCount"] == "1");
  BOOST_TEST(plane.get("subscriptions?customerId=x")["totalCount"] == "0");
  BOOST_TEST(plane.get("subscriptions/01KNVXHQG356VA7T7W0V9N21GH").status() == 404);
  BOOST_TEST(plane.get("subscriptions/01KNVXHQG356VA7T7W0V9N21GH/access").status() == 404);
}

BOOST_AUTO_TEST_CASE(a_body_tells_what_is_wrong_with_it) {
  Plane plane;
  const std::string archived = plane.make_catalog();
  const std::string next = plane.post("plans/" + archived + "/next")["id"];
  struct Case {
    std::string_view body;
    List violations;
  };
  const Case cases[] = {
      {"{}", {"customerId exactly_one", "plan required"}},
      {R"({"plan":{},"customerId":"x","customerKey":"acme"})", {"customerId exactly_one", "plan.key required"}},
      {R"({"plan":{"key":"none"},"customerKey":"nobody"})", {"customerKey exists", "plan.key exists"}},
      {R"({"plan":{"key":"starter","version":2},"customerKey":"acme"})", {"plan.version for_sale"}},
      {R"({"plan":{"key":"starter","version":7,"id":"x"},"customerKey":"acme"})",
       {"plan.id unknown_field", "plan.version exists"}},
      {R"({"plan":"starter","customerKey":"acme","timing":"soon","billingAnchor":"today","startingPhase":"first",
          "alignment":{"billablesMustAlign":1},"metadata":[],"colour":""})",
       {"alignment.billablesMustAlign type", "billingAnchor date_time", "colour unknown_field", "metadata type",
        "plan type", "timing timing"}},
      {R"({"plan":{"key":"starter"},"customerKey":"acme","startingPhase":"first"})", {"startingPhase exists"}},
      {R"({"plan":{"key":"starter"},"customerKey":"acme","timing":"2026-01-15T09:59:59Z"})", {"timing not_past"}},
      {R"({"plan":{"key":"starter"},"customerKey":"acme","timing":"next_billing_cycle"})",
       {"timing billing_anchor_required"}},
      {R"({"plan":{"key":"starter"},"customerKey":"acme","timing":"9999-12-31T00:00:00Z"})", {"timing range"}},
  };
  for (const Case& one : cases) {
    const Reply reply = plane.post("subscriptions", one.body);
    BOOST_TEST(reply.status() == 400);
    BOOST_TEST(reply.violations() == one.violations, boost::test_tools::per_element());
  }
  BOOST_TEST(plane.get("subscriptions")["totalCount"] == "0");
}

BOOST_AUTO_TEST_CASE(a_customer_pays_in_one_currency) {
  Plane plane;
  plane.make_catalog();
  BOOST_REQUIRE(plane.post("customers", R"({"key":"euro","name":"E","currency":"EUR"})").status() == 201);
  const List expected{"plan.key currency"};
  BOOST_TEST(plane.post("subscriptions", R"({"plan":{"key":"starter"},"customerKey":"euro"})").violations() == expected,
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(one_in_effect_for_each_customer) {
  Plane plane;
  plane.make_catalog();
  const Reply first = plane.subscribe();
  BOOST_TEST(plane.subscribe()["code"] == "subscription_in_effect");
  BOOST_REQUIRE(plane.post("subscriptions/" + first["id"] + "/cancel", R"({"timing":"next_billing_cycle"})").status() ==
                200);
  BOOST_TEST(plane.subscribe().status() == 409);  // the wind-down counts
  const Reply later = plane.post("subscriptions", R"({"plan":{"key":"starter"},"customerKey":"acme",
      "timing":"2026-02-15T10:00:00Z"})");
  BOOST_REQUIRE_MESSAGE(later.status() == 201, later.response.body);
  BOOST_TEST(later["status"] == "scheduled");
  BOOST_TEST(plane.post("subscriptions/" + first["id"] + "/unschedule-cancelation").status() == 409);
  BOOST_REQUIRE(plane.call("PUT", "monetization-configuration", R"({"multipleSubscriptionsEnabled":true})").status() ==
                200);
  BOOST_TEST(plane.subscribe().status() == 201);
}

BOOST_AUTO_TEST_CASE(timing_and_anchor_set_the_dates) {
  Plane plane;
  plane.make_catalog();
  const Reply made = plane.post("subscriptions", R"({"plan":{"key":"starter"},"customerKey":"acme",
      "timing":"next_billing_cycle","billingAnchor":"2025-12-31T00:00:00+02:00","name":"N","description":"D",
      "metadata":{"a":"b"},"alignment":{"billablesMustAlign":true}})");
  BOOST_REQUIRE_MESSAGE(made.status() == 201, made.response.body);
  BOOST_TEST(made["billingAnchor"] == "2025-12-30T22:00:00Z");
  BOOST_TEST(made["activeFrom"] == "2026-01-30T22:00:00Z");
  BOOST_TEST(made["nextBillingDate"] == "2026-02-28T22:00:00Z");
  BOOST_TEST(made["status"] == "scheduled");
  BOOST_TEST(made["description"] == "D");
  BOOST_TEST(made["alignment.billablesMustAlign"] == "true");
  BOOST_TEST(access(plane, made)["entitlements.export.hasAccess"] == "false");
  plane.now = at("2026-01-30T22:00:00Z");
  BOOST_TEST(access(plane, made)["entitlements.export.hasAccess"] == "true");
}

BOOST_AUTO_TEST_CASE(what_costs_waits_for_its_first_payment) {
  Plane plane;
  plane.make_catalog();
  plane.publish_plan(plan_json("paid", kPaidCards));
  const Reply made = plane.post("subscriptions", R"({"plan":{"key":"paid"},"customerKey":"acme"})");
  BOOST_TEST(made["paymentStatus"] == R"({"status":"pending","isFirstPayment":true})");
}

BOOST_AUTO_TEST_CASE(usage_shows_in_access) {
  Plane plane;
  plane.make_catalog();
  const Reply made = plane.subscribe();
  for (int i = 0; i < 3; ++i) {
    BOOST_REQUIRE(plane.ingest(made["id"], "e" + std::to_string(i), "api_requests", "1.5").status() == 204);
  }
  BOOST_TEST(plane.ingest(made["id"], "e1", "api_requests", "1.5").status() == 204);
  const Reply shown = access(plane, made);
  BOOST_TEST(shown["subscriptionId"] == made["id"]);
  BOOST_TEST(shown["planKey"] == "starter");
  BOOST_TEST(shown["entitlements.api_requests"] ==
             R"({"type":"metered","hasAccess":true,"balance":15.5,"usage":4.5,"overage":0})");
  BOOST_TEST(shown["entitlements.export"] == R"({"type":"boolean","hasAccess":true})");
  BOOST_REQUIRE(plane.ingest(made["id"], "big", "tokens", "1200").status() == 204);
  BOOST_REQUIRE(plane.ingest(made["id"], "last", "api_requests", "15.5").status() == 204);
  BOOST_TEST(access(plane, made)["entitlements.api_requests"] ==
             R"({"type":"metered","hasAccess":false,"balance":0,"usage":20,"overage":0})");
  BOOST_TEST(access(plane, made)["entitlements.tokens"] ==
             R"({"type":"metered","hasAccess":true,"balance":-200,"usage":1200,"overage":200})");
  plane.now = at("2026-02-15T10:00:00Z");
  BOOST_TEST(access(plane, made)["entitlements.tokens.balance"] == "1000");
}

BOOST_AUTO_TEST_CASE(phases_follow_each_other_and_overage_is_carried) {
  Plane plane;
  plane.make_catalog();
  plane.publish_plan(kTrialPlan);
  const Reply made = plane.post("subscriptions", R"({"plan":{"key":"trial"},"customerKey":"acme"})");
  BOOST_TEST(made["currentPhase.key"] == "trial");
  BOOST_TEST(made["currentPhase.activeTo"] == "2026-01-22T10:00:00Z");
  BOOST_REQUIRE(plane.ingest(made["id"], "a", "api_requests", "5").status() == 204);
  BOOST_TEST(access(plane, made)["entitlements.api_requests.balance"] == "-3");
  plane.now = at("2026-01-22T10:00:00Z");
  BOOST_TEST(plane.get("subscriptions/" + made["id"])["currentPhase.key"] == "default");
  BOOST_TEST(access(plane, made)["entitlements.api_requests.balance"] == "100");
  BOOST_REQUIRE(plane.ingest(made["id"], "b", "api_requests", "130").status() == 204);
  plane.now = at("2026-02-15T10:00:00Z");
  BOOST_TEST(access(plane, made)["entitlements.api_requests.balance"] == "70");
  plane.now = at("2026-03-15T10:00:00Z");
  BOOST_TEST(access(plane, made)["entitlements.api_requests.balance"] == "100");
}

BOOST_AUTO_TEST_CASE(starting_in_a_later_phase_skips_the_trial) {
  Plane plane;
  plane.make_catalog();
  plane.publish_plan(kTrialPlan);
  const Reply made =
      plane.post("subscriptions", R"({"plan":{"key":"trial"},"customerKey":"acme","startingPhase":"default"})");
  BOOST_TEST(made["currentPhase.key"] == "default");
  BOOST_TEST(made.value("currentPhase.activeTo").absent());
}

BOOST_AUTO_TEST_CASE(canceling_ends_it_now_later_or_at_the_end_of_the_cycle) {
  Plane plane;
  plane.make_catalog();
  const Reply made = plane.subscribe();
  const std::string path = "subscriptions/" + made["id"];
  const Reply later = plane.post(path + "/cancel", R"({"timing":"next_billing_cycle"})");
  BOOST_TEST(later["status"] == "canceled");
  BOOST_TEST(later["activeTo"] == "2026-02-15T10:00:00Z");
  BOOST_TEST(later["revision"] == "2");
  BOOST_TEST(access(plane, made)["entitlements.export.hasAccess"] == "true");
  const Reply back = plane.post(path + "/unschedule-cancelation");
  BOOST_TEST(back["status"] == "active");
  BOOST_TEST(back["revision"] == "3");
  BOOST_TEST(plane.post(path + "/unschedule-cancellation")["code"] == "not_canceled");
  BOOST_TEST(plane.post(path + "/cancel", R"({"timing":"2026-01-20T00:00:00Z"})")["activeTo"] ==
             "2026-01-20T00:00:00Z");
  BOOST_TEST(plane.post(path + "/cancel", R"({"timing":"2026-01-01T00:00:00Z","x":1})").status() == 400);
  const Reply now = plane.post(path + "/cancel");
  BOOST_TEST(now["status"] == "inactive");
  BOOST_TEST(access(plane, made)["entitlements.export.hasAccess"] == "false");
  BOOST_TEST(plane.post(path + "/cancel")["code"] == "subscription_inactive");
  BOOST_TEST(plane.post("subscriptions/none/cancel").status() == 404);
  BOOST_TEST(plane.subscribe().status() == 201);
}

BOOST_AUTO_TEST_CASE(a_ledger_that_does_not_answer_is_an_outage) {
  Plane plane;
  plane.make_catalog();
  const Reply made = plane.subscribe();
  plane.host.ledgers_are_down = true;
  BOOST_TEST(access(plane, made)["code"] == "ledger_unavailable");
  BOOST_TEST(access(plane, made).status() == 503);
  BOOST_TEST(plane.ingest(made["id"], "a", "tokens", "1").status() == 503);
  BOOST_TEST(plane.post("meters/tokens/query").status() == 503);
}

BOOST_AUTO_TEST_SUITE_END()
