#include "tests/unit/control/world/plane.h"

#include <boost/test/unit_test.hpp>

#include <map>

using namespace tollgate;
using namespace tollgate::test;

namespace {

using List = std::vector<std::string>;

/// Customers a to d, whose subscriptions are in each of the four states on the 20th of January.
struct Listed : Plane {
  Listed() {
    make_catalog();
    publish_plan(plan_json("other", ""));
    subscribe_customer("a", "starter", "active");
    const std::string ends = subscribe_customer("b", "starter", "canceled");
    BOOST_REQUIRE(post("subscriptions/" + ends + "/cancel", R"({"timing":"2026-02-01T00:00:00Z"})").status() == 200);
    const std::string over = subscribe_customer("c", "other", "inactive");
    BOOST_REQUIRE(post("subscriptions/" + over + "/cancel").status() == 200);
    subscribe_customer("d", "other", "scheduled", R"(,"timing":"2026-03-01T00:00:00Z")");
    now = at("2026-01-20T00:00:00Z");
  }

  std::string subscribe_customer(const std::string& key, const std::string& plan, const std::string& state,
                                 const std::string& more = "") {
    const Reply customer = post("customers", R"({"key":")" + key + R"(","name":"C"})");
    customers[key] = customer["id"];
    const Reply made =
        post("subscriptions", R"({"plan":{"key":")" + plan + R"("},"customerKey":")" + key + "\"" + more + "}");
    BOOST_REQUIRE_MESSAGE(made.status() == 201, made.response.body);
    ids[state] = made["id"];
    return made["id"];
  }
  /// The ids in a list.
  List listed(std::string_view query) {
    const Reply reply = get("subscriptions?" + std::string(query));
    List found;
    for (json::Value item : reply.value("items")) found.emplace_back(item.member("id").text());
    BOOST_TEST(reply["totalCount"] == std::to_string(found.size()), query);
    return found;
  }

  std::map<std::string, std::string> ids;  ///< by state
  std::map<std::string, std::string> customers;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(subscription_lists)

BOOST_AUTO_TEST_CASE(by_the_state_that_each_would_answer) {
  Listed plane;
  for (const auto& [state, id] : plane.ids) {
    BOOST_TEST(plane.get("subscriptions/" + id)["status"] == state);
    BOOST_TEST(plane.listed("status=" + state) == List{id}, boost::test_tools::per_element());
  }
  plane.now = at("2026-02-01T00:00:00Z");
  BOOST_TEST(plane.listed("status=inactive") == (List{plane.ids["canceled"], plane.ids["inactive"]}),
             boost::test_tools::per_element());
  plane.now = at("2026-03-01T00:00:00Z");
  BOOST_TEST(plane.listed("status=active") == (List{plane.ids["active"], plane.ids["scheduled"]}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(by_customer_and_plan) {
  Listed plane;
  BOOST_TEST(plane.listed("") ==
                 (List{plane.ids["active"], plane.ids["canceled"], plane.ids["inactive"], plane.ids["scheduled"]}),
             boost::test_tools::per_element());
  BOOST_TEST(plane.listed("customerId=" + plane.customers["b"]) == List{plane.ids["canceled"]},
             boost::test_tools::per_element());
  BOOST_TEST(plane.listed("customerKey=c") == List{plane.ids["inactive"]}, boost::test_tools::per_element());
  BOOST_TEST(plane.listed("customerKey=nobody").empty());
  BOOST_TEST(plane.listed("planKey=other") == (List{plane.ids["inactive"], plane.ids["scheduled"]}),
             boost::test_tools::per_element());
  BOOST_TEST(plane.listed("planKey=other&status=scheduled") == List{plane.ids["scheduled"]},
             boost::test_tools::per_element());
  BOOST_TEST(plane.listed("customerKey=a&planKey=other").empty());
  BOOST_TEST(plane.listed("customerKey=a&status=active&planKey=starter") == List{plane.ids["active"]},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_no_filter_is_refused) {
  Listed plane;
  BOOST_TEST(plane.get("subscriptions?status=ended&customerId=a&customerKey=b&plan=x").violations() ==
                 (List{"customerKey exactly_one", "plan unknown_parameter", "status one_of"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
