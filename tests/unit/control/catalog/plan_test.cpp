#include "tests/unit/control/world/plane.h"

#include <boost/test/unit_test.hpp>

using namespace tollgate;
using namespace tollgate::test;

namespace {

using List = std::vector<std::string>;

constexpr std::string_view kRequestsCard = R"({"type":"flat_fee","key":"api_requests","name":"R",
  "featureKey":"api_requests","entitlementTemplate":{"type":"metered","issueAfterReset":5}})";

}  // namespace

BOOST_AUTO_TEST_SUITE(plan_routes)

BOOST_AUTO_TEST_CASE(a_draft_is_edited_then_published_then_frozen) {
  Plane plane;
  plane.make_catalog();
  const Reply draft = plane.post("plans", plan_json("pro", kRequestsCard));
  BOOST_REQUIRE(draft.status() == 201);
  BOOST_TEST(draft["status"] == "draft");
  BOOST_TEST(draft["version"] == "1");
  const std::string path = "plans/" + draft["id"];
  BOOST_TEST(plane.call("PUT", path, plan_json("pro", kRequestsCard, R"("description":"Better",)"))["description"] ==
             "Better");
  BOOST_TEST(plane.call("PUT", path, plan_json("other", kRequestsCard)).violations() == List{"key immutable"},
             boost::test_tools::per_element());
  BOOST_TEST(plane.post(path + "/archive")["code"] == "plan_state");
  const Reply published = plane.post(path + "/publish");
  BOOST_TEST(published["status"] == "active");
  BOOST_TEST(published["publishedAt"] == "2026-01-15T10:00:00Z");
  BOOST_TEST(plane.post(path + "/publish").status() == 409);
  BOOST_TEST(plane.call("PUT", path, plan_json("pro", kRequestsCard)).status() == 409);
  BOOST_TEST(plane.call("DELETE", path).status() == 409);
  BOOST_TEST(plane.post(path + "/archive")["status"] == "archived");
  BOOST_TEST(plane.get(path)["archivedAt"] == "2026-01-15T10:00:00Z");
}

BOOST_AUTO_TEST_CASE(a_change_is_a_new_version_under_the_same_key) {
  Plane plane;
  const std::string first = plane.make_catalog();
  const Reply next = plane.post("plans/" + first + "/next");
  BOOST_REQUIRE(next.status() == 201);
  BOOST_TEST(next["version"] == "2");
  BOOST_TEST(next["status"] == "draft");
  BOOST_TEST(plane.post("plans/" + first + "/next")["code"] == "draft_exists");
  BOOST_TEST(plane.post("plans", plan_json("starter", kRequestsCard))["code"] == "draft_exists");
  BOOST_REQUIRE(plane.post("plans/" + next["id"] + "/publish").status() == 200);
  BOOST_TEST(plane.get("plans/" + first)["status"] == "archived");
  BOOST_TEST(plane.get("plans?key=starter")["totalCount"] == "2");
  BOOST_TEST(plane.get("plans?key=starter&status=active")["items.0.version"] == "2");
  BOOST_TEST(plane.get("plans?status=on_sale").violations() == List{"status one_of"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_draft_is_deleted) {
  Plane plane;
  plane.make_catalog();
  const Reply draft = plane.post("plans", plan_json("pro", kRequestsCard));
  BOOST_TEST(plane.call("DELETE", "plans/" + draft["id"]).status() == 204);
  BOOST_TEST(plane.get("plans/" + draft["id"]).status() == 404);
  BOOST_TEST(plane.call("DELETE", "plans/" + draft["id"]).status() == 404);
}

BOOST_AUTO_TEST_CASE(cards_name_features_of_their_kind) {
  Plane plane;
  plane.make_catalog();
  const std::string cards = R"({"type":"usage_based","key":"export","name":"E","featureKey":"export",
      "billingCadence":"P1M","price":{"type":"unit","amount":1}},
     {"type":"flat_fee","key":"nothing","name":"N","featureKey":"nothing"})";
  const List expected{"phases[0].rateCards[0].featureKey metered_feature", "phases[0].rateCards[1].featureKey exists"};
  BOOST_TEST(plane.post("plans", plan_json("pro", cards)).violations() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(publishing_checks_the_features_again) {
  Plane plane;
  plane.make_catalog();
  const Reply draft = plane.post("plans", plan_json("pro", kRequestsCard));
  BOOST_REQUIRE(plane.call("DELETE", "features/api_requests").status() == 204);
  const List expected{"phases[0].rateCards[0].featureKey exists"};
  BOOST_TEST(plane.post("plans/" + draft["id"] + "/publish").violations() == expected,
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(names_that_would_not_meet_are_warned_of) {
  Plane plane;
  plane.make_catalog();
  BOOST_REQUIRE(plane.post("features", R"({"key":"calls","name":"Calls","meterSlug":"api_requests"})").status() == 201);
  const Reply draft = plane.post("plans", plan_json("pro", R"({"type":"flat_fee","key":"calls","name":"C",
      "featureKey":"calls","entitlementTemplate":{"type":"metered","issueAfterReset":5}})"));
  BOOST_REQUIRE(draft.status() == 201);
  BOOST_TEST(draft["warnings.0.field"] == "phases[0].rateCards[0].featureKey");
  BOOST_TEST(draft["warnings.0.rule"] == "names_differ");
  BOOST_TEST(plane.get("plans/" + draft["id"]).value("warnings").absent());
}

BOOST_AUTO_TEST_CASE(amounts_come_back_as_exact_decimals) {
  Plane plane;
  plane.make_catalog();
  const Reply made = plane.post("plans", plan_json("pro", R"({"type":"usage_based","key":"tokens","name":"T",
      "featureKey":"tokens","billingCadence":"P1M","price":{"type":"tiered","mode":"volume","tiers":[
        {"upToAmount":1000,"flatPrice":{"type":"flat","amount":"10.50"},"unitPrice":{"type":"unit","amount":0.1}},
        {"flatPrice":null,"unitPrice":{"type":"unit","amount":"0.000000001"}}],
        "commitments":{"minimumAmount":"1e2"}},"discounts":{"percentage":12.5,"usage":{"quantity":"3"}}})"));
  BOOST_REQUIRE_MESSAGE(made.status() == 201, made.response.body);
  BOOST_TEST(made["phases.0.rateCards.0.price"] ==
             R"({"type":"tiered","mode":"volume","tiers":[{"upToAmount":"1000","flatPrice":{"type":"flat","amount":)"
             R"("10.5"},"unitPrice":{"type":"unit","amount":"0.1"}},{"upToAmount":null,"flatPrice":null,"unitPrice":)"
             R"({"type":"unit","amount":"0.000000001"}}],"commitments":{"minimumAmount":"100"}})");
  BOOST_TEST(made["phases.0.rateCards.0.discounts"] == R"({"percentage":"12.5","usage":{"quantity":"3"}})");
  BOOST_TEST(plane.get("plans/" + made["id"])["phases"] == made["phases"]);
}

BOOST_AUTO_TEST_CASE(a_plan_that_could_never_bill_right_is_refused_with_the_reason) {
  struct Case {
    std::string_view what;
    std::string_view cards;
    std::string violation;
  };
  const Case cases[] = {
      {"a cadence that does not align", R"({"type":"flat_fee","key":"fee","name":"F","billingCadence":"P1W",
          "price":{"type":"flat","amount":1}})",
       "billingCadence cadence_alignment"},
      {"tiers out of order", R"({"type":"usage_based","key":"tokens","name":"T","featureKey":"tokens",
          "billingCadence":"P1M","price":{"type":"tiered","mode":"volume","tiers":[
            {"upToAmount":10,"unitPrice":{"type":"unit","amount":1}},
            {"upToAmount":5,"unitPrice":{"type":"unit","amount":1}},{"unitPrice":{"type":"unit","amount":1}}]}})",
       "price.tiers[1].upToAmount ascending"},
      {"tiers that do not cover", R"({"type":"usage_based","key":"tokens","name":"T","featureKey":"tokens",
          "billingCadence":"P1M","price":{"type":"tiered","mode":"graduated","tiers":[
            {"upToAmount":10,"unitPrice":{"type":"unit","amount":1}}]}})",
       "price.tiers[0].upToAmount last_tier_open"},
      {"a metered entitlement without a meter", R"({"type":"flat_fee","key":"export","name":"E","featureKey":"export",
          "entitlementTemplate":{"type":"metered","issueAfterReset":5}})",
       "featureKey metered_feature"},
      {"usage of a feature without a meter", R"({"type":"usage_based","key":"export","name":"E","featureKey":"export",
          "billingCadence":"P1M","price":{"type":"unit","amount":1}})",
       "featureKey metered_feature"},
      {"usage of no feature", R"({"type":"usage_based","key":"x","name":"X","billingCadence":"P1M",
          "price":{"type":"unit","amount":1}})",
       "featureKey required"},
      {"usage that is charged once", R"({"type":"usage_based","key":"tokens","name":"T","featureKey":"tokens",
          "price":{"type":"unit","amount":1}})",
       "billingCadence required"},
      {"a billing-only line that is not flat", R"({"type":"flat_fee","key":"fee","name":"F",
          "price":{"type":"package","amount":1,"quantityPerPackage":10}})",
       "price.type flat_only"},
      {"a one-time fee that gives usage free", R"({"type":"flat_fee","key":"fee","name":"F",
          "price":{"type":"flat","amount":1},"discounts":{"usage":{"quantity":1}}})",
       "discounts.usage not_allowed"},
      {"usage in advance", R"({"type":"usage_based","key":"tokens","name":"T","featureKey":"tokens",
          "billingCadence":"P1M","price":{"type":"flat","amount":1,"paymentTerm":"in_advance"}})",
       "price.paymentTerm in_arrears_only"},
  };
  Plane plane;
  plane.make_catalog();
  for (const Case& one : cases) {
    BOOST_TEST_CONTEXT(one.what) {
      const Reply reply = plane.post("plans", plan_json("pro", one.cards));
      BOOST_TEST(reply.status() == 400);
      BOOST_TEST(reply.violations() == List{"phases[0].rateCards[0]." + one.violation},
                 boost::test_tools::per_element());
    }
  }
  const std::string twice = std::string(kRequestsCard).append(",").append(kRequestsCard);
  BOOST_TEST(plane.post("plans", plan_json("pro", twice)).violations() == List{"phases[0].rateCards[1].key unique"},
             boost::test_tools::per_element());
  const Reply bounded = plane.post("plans", R"({"key":"pro","name":"P","currency":"USD","billingCadence":"P1M",
      "phases":[{"key":"only","name":"O","duration":"P1M","rateCards":[]}]})");
  BOOST_TEST(bounded.violations() == List{"phases[0].duration last_phase_open"}, boost::test_tools::per_element());
  BOOST_TEST(plane.get("plans")["totalCount"] == "1");
}

BOOST_AUTO_TEST_SUITE_END()
