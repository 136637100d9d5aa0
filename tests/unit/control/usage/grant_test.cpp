#include "tests/unit/control/world/grant_world.h"

#include <boost/test/unit_test.hpp>

namespace {

using namespace tollgate;
using namespace tollgate::test;

BOOST_FIXTURE_TEST_SUITE(grants_of_prepaid_usage, GrantWorld)

BOOST_AUTO_TEST_CASE(what_does_not_reset_is_there_once_and_its_fee_is_due_once) {
  const std::string id = subscribe_to("prepaid");
  BOOST_TEST(balance(id) == "50");
  spend(id, "30");
  go("2026-03-20T00:00:00Z");
  BOOST_TEST(balance(id) == "20");
  spend(id, "25");
  const Reply access = get("subscriptions/" + id + "/access");
  BOOST_TEST(access["entitlements.api_requests.balance"] == "-5");
  BOOST_TEST(access["entitlements.api_requests.usage"] == "55");
  BOOST_TEST(access["entitlements.api_requests.overage"] == "5");
  BOOST_TEST(access["entitlements.api_requests.hasAccess"] == "false");
  BOOST_TEST(invoices(id) == Texts{"INV-000001 open 2026-01-15T10:00:00Z 20.00"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(its_period_is_the_phase) {
  publish_plan(R"({"key":"trial","name":"T","currency":"USD","billingCadence":"P1M","phases":[
    {"key":"trial","name":"T","duration":"P2M","rateCards":[{"type":"flat_fee","key":"api_requests","name":"R",
      "featureKey":"api_requests","entitlementTemplate":{"type":"metered","issueAfterReset":50,"resets":false}}]},
    {"key":"rest","name":"R","rateCards":[{"type":"flat_fee","key":"api_requests","name":"R",
      "featureKey":"api_requests","entitlementTemplate":{"type":"metered","issueAfterReset":70,"resets":false}}]}]})");
  const Reply made = post("subscriptions", R"({"plan":{"key":"trial"},"customerKey":"acme"})");
  const std::string snapshot = "snapshots/" + digest_of(made["apiKey.key"]);
  spend(made["id"], "40");
  Reply told = get(snapshot);
  BOOST_TEST(told["entitlements.api_requests.limit"] == "50");
  BOOST_TEST(told["entitlements.api_requests.period.from"] == "2026-01-15T10:00:00Z");
  BOOST_TEST(told["entitlements.api_requests.period.to"] == "2026-03-15T10:00:00Z");
  go("2026-03-01T00:00:00Z");
  BOOST_TEST(balance(made["id"]) == "10");
  go("2026-03-15T10:00:00Z");
  told = get(snapshot);
  BOOST_TEST(told["entitlements.api_requests.balance"] == "70");
  BOOST_TEST(told.value("entitlements.api_requests.period.to").absent());
  post("subscriptions/" + made["id"] + "/cancel", R"({"timing":"2026-05-01T00:00:00Z"})");
  BOOST_TEST(get(snapshot)["entitlements.api_requests.period.to"] == "2026-05-01T00:00:00Z");
}

struct Row {
  const char* what;
  const char* grants[3];  ///< members behind `amount`, which is 10 for each
  const char* usage;      ///< on 20 January, on 1 March
  const char* later;
  Texts expected;  ///< what is left on 2 March
  const char* balance;
};

BOOST_AUTO_TEST_CASE(grants_burn_in_their_order) {
  const Row kRows[] = {
      {"the earliest grant first", {"", "", ""}, "13", "0", {"10 0", "10 7", "10 10"}, "17"},
      {"the lower number first",
       {R"(,"priority":2)", R"(,"priority":1)", ""},
       "13",
       "0",
       {"10 10", "10 7", "10 0"},
       "17"},
      {"then the earliest expiry",
       {"", R"(,"expiresAt":"2026-06-01T00:00:00Z")", R"(,"expiresAt":"2026-05-01T00:00:00Z")"},
       "13",
       "0",
       {"10 10", "10 7", "10 0"},
       "17"},
      {"what expires on the way is lost, and later usage is not its",
       {"", R"(,"expiresAt":"2026-02-01T00:00:00Z")", ""},
       "4",
       "13",
       {"10 0", "10 0", "10 7"},
       "7"},
      {"what begins on the way is not used before",
       {"", R"(,"priority":0,"effectiveAt":"2026-02-01T00:00:00Z")", ""},
       "15",
       "2",
       {"10 0", "10 10", "10 3"},
       "13"},
      {"what was overdrawn is made up for by what begins later",
       {R"(,"effectiveAt":"2026-02-01T00:00:00Z")", R"(,"expiresAt":"2026-02-01T00:00:00Z")", ""},
       "25",
       "2",
       {"10 3", "10 0", "10 0"},
       "3"},
      {"all of it", {"", "", ""}, "13", "17", {"10 0", "10 0", "10 0"}, "0"},
  };
  for (const Row& row : kRows) {
    GrantWorld world;
    world.publish_plan(plan_json("empty", R"({"type":"flat_fee","key":"api_requests","name":"R",
      "featureKey":"api_requests","entitlementTemplate":{"type":"metered","issueAfterReset":0,"resets":false}})"));
    const std::string id = world.subscribe_to("empty");
    for (const char* more : row.grants) {
      world.grant(id, "10", more);
      world.now = {world.now.ms + 1};
    }
    world.go("2026-01-20T00:00:00Z");
    world.spend(id, row.usage);
    world.go("2026-03-01T00:00:00Z");
    world.spend(id, row.later);
    world.go("2026-03-02T00:00:00Z");
    BOOST_TEST_CONTEXT(row.what) {
      BOOST_TEST(world.grants(id) == row.expected, boost::test_tools::per_element());
      BOOST_TEST(world.balance(id) == row.balance);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_allowance_of_a_month_burns_before_a_grant) {
  const std::string id = subscribe_to("monthly");
  grant(id, "10");
  spend(id, "25");
  BOOST_TEST(balance(id) == "5");
  BOOST_TEST(grants(id) == Texts{"10 5"}, boost::test_tools::per_element());
  go("2026-02-15T10:00:00Z");
  BOOST_TEST(balance(id) == "25");
  spend(id, "4");
  BOOST_TEST(balance(id) == "21");
  go("2026-04-16T00:00:00Z");
  BOOST_TEST(balance(id) == "25");
  spend(id, "26");
  BOOST_TEST(balance(id) == "-1");
  go("2026-05-15T10:00:00Z");
  BOOST_TEST(balance(id) == "20");
  BOOST_TEST(grants(id) == Texts{"10 0"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_edge_hears_of_grants_when_they_come_begin_and_expire) {
  const Reply made = post("subscriptions", R"({"plan":{"key":"prepaid"},"customerKey":"acme"})");
  const std::string id = made["id"];
  const std::string key = "snapshot/" + bucket + "/" + digest_of(made["apiKey.key"]);
  const auto seen = [&] {
    while (host.pump(bucket, now) > 0) {
    }
    json::Document snapshot;
    BOOST_REQUIRE(snapshot.parse(host.kv.at(key)).ok());
    const json::Value entitlement = snapshot.root().member("entitlements").member("api_requests");
    return std::string(entitlement.member("balance").text()).append(" of ").append(entitlement.member("limit").text());
  };
  BOOST_TEST(seen() == "50 of 50");
  spend(id, "20");
  grant(id, "10", R"(,"effectiveAt":"2026-02-01T00:00:00Z","expiresAt":"2026-03-01T00:00:00Z")");
  BOOST_TEST(seen() == "30 of 50");
  const std::string revision = get("subscriptions/" + id)["revision"];
  go("2026-02-01T00:00:00Z");
  BOOST_TEST(seen() == "40 of 60");
  BOOST_TEST(get("subscriptions/" + id)["revision"] != revision);
  go("2026-03-01T00:00:00Z");
  BOOST_TEST(seen() == "30 of 50");
}

BOOST_AUTO_TEST_CASE(voiding_takes_back_what_is_left_and_no_more) {
  const std::string id = subscribe_to("monthly");
  const std::string first = grant(id, "10", R"(,"name":"Sorry")");
  grant(id, "5");
  spend(id, "24");
  BOOST_TEST(balance(id) == "11");
  const std::string path = "subscriptions/" + id + "/grants/" + first;
  BOOST_TEST(call("DELETE", path).status() == 204);
  BOOST_TEST(balance(id) == "5");
  BOOST_TEST(grants(id) == (Texts{"10 0", "5 5"}), boost::test_tools::per_element());
  const Reply list = get("subscriptions/" + id + "/grants");
  BOOST_TEST(list["items.0.voided"] == "6");
  BOOST_TEST(list["items.0.name"] == "Sorry");
  BOOST_TEST(call("DELETE", path).status() == 204);
  BOOST_TEST(get("subscriptions/" + id + "/grants")["items.0.voided"] == "6");
  spend(id, "2");
  BOOST_TEST(balance(id) == "3");
  BOOST_TEST(call("DELETE", "subscriptions/" + id + "/grants/none").status() == 404);
  BOOST_TEST(call("DELETE", "subscriptions/none/grants/" + first).status() == 404);
}

BOOST_AUTO_TEST_CASE(what_a_grant_must_be_like) {
  const std::string id = subscribe_to("monthly");
  const struct {
    const char* body;
    Texts expected;
  } kCases[] = {
      {R"({})", {"amount required", "featureKey required"}},
      {R"({"featureKey":"api_requests","amount":0})", {"amount positive"}},
      {R"({"featureKey":"api_requests","amount":-1})", {"amount range"}},
      {R"({"featureKey":"tokens","amount":1})", {"featureKey hard_limit"}},
      {R"({"featureKey":"none","amount":1})", {"featureKey hard_limit"}},
      {R"({"featureKey":"api_requests","amount":1,"priority":256})", {"priority range"}},
      {R"({"featureKey":"api_requests","amount":1,"effectiveAt":"2026-01-15T09:59:59Z"})", {"effectiveAt not_past"}},
      {R"({"featureKey":"api_requests","amount":1,"expiresAt":"2026-01-15T10:00:00Z"})", {"expiresAt range"}},
      {R"({"featureKey":"api_requests","amount":1,"more":1})", {"more unknown_field"}},
  };
  const std::string path = "subscriptions/" + id + "/grants";
  for (const auto& [body, expected] : kCases) {
    BOOST_TEST_CONTEXT(body) {
      BOOST_TEST(post(path, body).violations() == expected, boost::test_tools::per_element());
    }
  }
  call("PUT", "monetization-configuration", R"({"multipleSubscriptionsEnabled":true})");
  const std::string starter = subscribe_to("starter", R"(,"timing":"2027-01-01T00:00:00Z")");
  BOOST_TEST(post("subscriptions/" + starter + "/grants", R"({"featureKey":"tokens","amount":1})").violations() ==
                 Texts{"featureKey hard_limit"},
             boost::test_tools::per_element());
  BOOST_TEST(post("subscriptions/none/grants", R"({"featureKey":"api_requests","amount":1})").status() == 404);
  const Plane::Extra once{.idempotency_key = "once"};
  const std::string good = R"({"featureKey":"api_requests","amount":"1.5","priority":255})";
  BOOST_TEST(call("POST", path, good, once)["id"] == call("POST", path, good, once)["id"]);
  BOOST_TEST(grants(id) == Texts{"1.5 1.5"}, boost::test_tools::per_element());
  post("subscriptions/" + id + "/cancel");
  BOOST_TEST(post(path, good)["code"] == "subscription_inactive");
}

BOOST_AUTO_TEST_CASE(there_are_two_hundred_grants_at_most) {
  const std::string id = subscribe_to("monthly");
  for (int i = 0; i < 200; ++i) grant(id, "1");
  BOOST_TEST(balance(id) == "220");
  const Reply refused = post("subscriptions/" + id + "/grants", R"({"featureKey":"api_requests","amount":1})");
  BOOST_TEST(refused["code"] == "too_many_grants");
  BOOST_TEST(top_up(id)["code"] == "too_many_grants");
  const Reply page = get("subscriptions/" + id + "/grants?page=2&pageSize=100");
  BOOST_TEST(page["totalCount"] == "200");
  BOOST_TEST(page["items.99.remaining"] == "1");
}

BOOST_AUTO_TEST_CASE(without_the_ledger_nothing_is_voided_and_nothing_listed) {
  const std::string id = subscribe_to("monthly");
  const std::string path = "subscriptions/" + id + "/grants";
  const std::string one = path + "/" + grant(id, "10");
  host.ledgers_are_down = true;
  BOOST_TEST(call("DELETE", one).status() == 503);
  BOOST_TEST(get(path).status() == 503);
  host.ledgers_are_down = false;
  BOOST_TEST(grants(id) == Texts{"10 10"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
