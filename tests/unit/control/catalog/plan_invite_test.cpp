#include "tests/unit/control/world/plane.h"

#include <boost/test/unit_test.hpp>

using namespace tollgate;
using namespace tollgate::test;

namespace {

using List = std::vector<std::string>;

constexpr std::string_view kPrivate = R"("metadata":{"zuplo_private_plan":true},)";

/// A bucket with the public plan `starter`, the private plan `secret`, and a key of the portal.
struct Invited : Plane {
  Invited() {
    make_catalog();
    secret = publish_plan(plan_json("secret", "", kPrivate));
    portal = post("service-keys", R"({"name":"portal","role":"portal"})")["key"];
  }

  Reply invite(std::string_view email, std::string_view plan) {
    return post("plan-invites",
                std::string(R"({"email":")").append(email).append(R"(","planId":")").append(plan).append("\"}"));
  }
  Reply as_portal(std::string_view method, std::string_view path, std::string_view body = {}) {
    return call(method, path, body, {.authorization = "Bearer " + portal});
  }
  /// Keys of the plans in a list.
  List plan_keys(const Reply& reply) const {
    List keys;
    for (json::Value item : reply.value("items")) keys.emplace_back(item.member("key").text());
    return keys;
  }

  std::string secret;
  std::string portal;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(plan_invites)

BOOST_AUTO_TEST_CASE(an_invitation_is_made_listed_and_taken_back) {
  Invited plane;
  const Reply made = plane.invite("Dev@Acme.Example", plane.secret);
  BOOST_REQUIRE(made.status() == 201);
  BOOST_TEST(made["email"] == "dev@acme.example");
  BOOST_TEST(made["planId"] == plane.secret);
  BOOST_TEST(made["planKey"] == "secret");
  BOOST_TEST(made["createdAt"] == "2026-01-15T10:00:00Z");
  BOOST_TEST(plane.invite("dev@acme.example", plane.secret)["code"] == "invited");
  BOOST_REQUIRE(plane.invite("other@acme.example", plane.secret).status() == 201);
  BOOST_TEST(plane.get("plan-invites")["totalCount"] == "2");
  BOOST_TEST(plane.get("plan-invites?email=DEV%40acme.example")["items.0.id"] == made["id"]);
  BOOST_TEST(plane.get("plan-invites?email=nobody%40acme.example")["totalCount"] == "0");
  BOOST_TEST(plane.get("plan-invites?planId=" + plane.secret)["totalCount"] == "2");
  BOOST_TEST(plane.get("plan-invites?plan=x").violations() == List{"plan unknown_parameter"},
             boost::test_tools::per_element());
  BOOST_TEST(plane.call("DELETE", "plan-invites/" + made["id"]).status() == 204);
  BOOST_TEST(plane.call("DELETE", "plan-invites/" + made["id"]).status() == 404);
  BOOST_TEST(plane.get("plan-invites")["totalCount"] == "1");
}

BOOST_AUTO_TEST_CASE(an_invitation_tells_what_is_wrong_with_it) {
  Invited plane;
  BOOST_TEST(plane.post("plan-invites", R"({"email":"nobody","planId":"x","role":1})").violations() ==
                 (List{"email email", "planId length", "role unknown_field"}),
             boost::test_tools::per_element());
  BOOST_TEST(plane.invite("a@b", "01KNVXHQG356VA7T7W0V9N21GH").violations() == List{"planId exists"},
             boost::test_tools::per_element());
  BOOST_TEST(plane.as_portal("POST", "plan-invites", "{}").status() == 403);
}

BOOST_AUTO_TEST_CASE(a_private_plan_shows_to_those_who_are_invited) {
  Invited plane;
  BOOST_REQUIRE(plane.invite("dev@acme.example", plane.secret).status() == 201);
  const std::string path = "plans/" + plane.secret;
  BOOST_TEST(plane.plan_keys(plane.get("plans")) == (List{"starter", "secret"}), boost::test_tools::per_element());
  BOOST_TEST(plane.get(path).status() == 200);
  const Reply anyone = plane.as_portal("GET", "plans");
  BOOST_TEST(plane.plan_keys(anyone) == List{"starter"}, boost::test_tools::per_element());
  BOOST_TEST(anyone["totalCount"] == "1");
  BOOST_TEST(plane.as_portal("GET", path).status() == 404);
  for (const std::string& viewer : {std::string("?email=DEV%40acme.example"), std::string("?email=x%40acme.example")}) {
    const bool invited = viewer.starts_with("?email=DEV");
    BOOST_TEST(plane.as_portal("GET", "plans" + viewer)["totalCount"] == (invited ? "2" : "1"), viewer);
    BOOST_TEST(plane.as_portal("GET", path + viewer).status() == (invited ? 200 : 404), viewer);
    BOOST_TEST(plane.get("plans" + viewer)["totalCount"] == (invited ? "2" : "1"), viewer);
  }
  BOOST_TEST(plane.as_portal("GET", "plans?key=secret&status=active")["totalCount"] == "0");
}

BOOST_AUTO_TEST_CASE(the_portal_sees_no_draft_and_nobody_elses_invitation) {
  Invited plane;
  BOOST_REQUIRE(plane.invite("dev@acme.example", plane.secret).status() == 201);
  const std::string draft = plane.post("plans", plan_json("coming", ""))["id"];
  BOOST_TEST(plane.get("plans?status=draft")["totalCount"] == "1");
  BOOST_TEST(plane.as_portal("GET", "plans?status=draft")["totalCount"] == "0");
  BOOST_TEST(plane.get("plans?status=draft&email=dev%40acme.example")["totalCount"] == "0");
  BOOST_TEST(plane.as_portal("GET", "plans/" + draft).status() == 404);
  BOOST_TEST(plane.as_portal("POST", "plans/" + draft + "/simulate", "{}").status() == 404);
  BOOST_TEST(plane.as_portal("GET", "plan-invites").violations() == List{"email required"},
             boost::test_tools::per_element());
  BOOST_TEST(plane.as_portal("GET", "plan-invites?email=x%40acme.example")["totalCount"] == "0");
  BOOST_TEST(plane.as_portal("GET", "plan-invites?email=dev%40acme.example")["totalCount"] == "1");
}

BOOST_AUTO_TEST_CASE(the_portal_queries_usage_of_subscriptions_that_it_names) {
  Invited plane;
  const std::string id = plane.subscribe()["id"];
  for (std::string_view body : {"", "{}", R"({"filterSubscription":[]})", R"({"groupBy":["subscription"]})"}) {
    const Reply all = plane.as_portal("POST", "meters/tokens/query", body);
    BOOST_TEST(all.violations() == List{"filterSubscription required"}, boost::test_tools::per_element());
  }
  const std::string named = R"({"filterSubscription":[")" + id + R"("]})";
  BOOST_TEST(plane.as_portal("POST", "meters/tokens/query", named).status() == 200);
}

BOOST_AUTO_TEST_CASE(subscribing_to_a_private_plan_takes_an_invitation_or_an_admin) {
  Invited plane;
  BOOST_REQUIRE(plane.post("customers", R"({"key":"dev","name":"D","primaryEmail":"Dev@acme.example"})").status() ==
                201);
  const std::string_view body = R"({"plan":{"key":"secret"},"customerKey":"dev"})";
  const Reply refused = plane.as_portal("POST", "subscriptions", body);
  BOOST_TEST(refused.status() == 403);
  BOOST_TEST(refused["code"] == "plan_private");
  BOOST_TEST(plane.as_portal("POST", "subscriptions", R"({"plan":{"key":"secret"},"customerKey":"acme"})")["code"] ==
             "plan_private");
  BOOST_TEST(plane.get("subscriptions")["totalCount"] == "0");
  BOOST_REQUIRE(plane.invite("dev@ACME.example", plane.secret).status() == 201);
  const Reply made = plane.as_portal("POST", "subscriptions", body);
  BOOST_TEST(made.status() == 201);
  BOOST_TEST(plane.post("subscriptions", R"({"plan":{"key":"secret"},"customerKey":"acme"})").status() == 201);
}

BOOST_AUTO_TEST_CASE(an_invitation_is_to_the_plan_in_all_its_versions) {
  Invited plane;
  BOOST_REQUIRE(plane.invite("dev@acme.example", plane.secret).status() == 201);
  const std::string next = plane.post("plans/" + plane.secret + "/next")["id"];
  BOOST_TEST(plane.invite("dev@acme.example", next)["code"] == "invited");
  BOOST_REQUIRE(plane.post("plans/" + next + "/publish").status() == 200);
  BOOST_TEST(plane.as_portal("GET", "plans/" + next + "?email=dev%40acme.example").status() == 200);
  BOOST_TEST(plane.get("plan-invites?planId=" + next)["totalCount"] == "1");
}

BOOST_AUTO_TEST_CASE(a_draft_that_goes_leaves_no_invitation_without_a_plan) {
  Invited plane;
  const std::string lonely = plane.post("plans", plan_json("lonely", "", kPrivate))["id"];
  BOOST_REQUIRE(plane.invite("a@b", lonely).status() == 201);
  BOOST_TEST(plane.call("DELETE", "plans/" + lonely).status() == 204);
  BOOST_TEST(plane.get("plan-invites")["totalCount"] == "0");
  const std::string next = plane.post("plans/" + plane.secret + "/next")["id"];
  BOOST_REQUIRE(plane.invite("a@b", next).status() == 201);
  BOOST_TEST(plane.call("DELETE", "plans/" + next).status() == 204);
  BOOST_TEST(plane.get("plan-invites")["items.0.planId"] == plane.secret);
}

BOOST_FIXTURE_TEST_CASE(a_plan_is_private_by_either_name_of_the_key, Invited) {
  const std::string other = publish_plan(plan_json("hidden", "", R"("metadata":{"tollgate_private_plan":"true"},)"));
  BOOST_TEST(plan_keys(as_portal("GET", "plans")) == List{"starter"}, boost::test_tools::per_element());
  BOOST_TEST(as_portal("GET", "plans/" + other).status() == 404);
}

BOOST_AUTO_TEST_SUITE_END()
