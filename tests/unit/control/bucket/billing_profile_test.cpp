#include "tests/unit/control/world/plane.h"

#include <boost/test/unit_test.hpp>

using namespace tollgate;
using namespace tollgate::test;

using List = std::vector<std::string>;

BOOST_AUTO_TEST_SUITE(billing_profiles)

BOOST_AUTO_TEST_CASE(a_profile_has_defaults_and_is_replaced) {
  Plane plane;
  const Reply made = plane.post("billing/profiles", R"({"name":"Standard"})");
  BOOST_REQUIRE(made.status() == 201);
  BOOST_TEST(made["default"] == "true");
  BOOST_TEST(made["workflow"] == R"({"tax":{"enabled":false,"enforced":false}})");
  BOOST_TEST(made["invoicing"] == R"({"draftPeriod":"PT0S","defaultTaxConfig":{"behavior":"exclusive"}})");
  BOOST_TEST(made["createdAt"] == "2026-01-15T10:00:00Z");
  const std::string path = "billing/profiles/" + made["id"];
  plane.now = at("2026-01-16T10:00:00Z");
  const Reply put = plane.call("PUT", path, R"({"name":"S","workflow":{"tax":{"enabled":true,"enforced":true}},
      "invoicing":{"draftPeriod":"P3D","defaultTaxConfig":{"behavior":"inclusive"}}})");
  BOOST_TEST(put["workflow"] == R"({"tax":{"enabled":true,"enforced":true}})");
  BOOST_TEST(put["invoicing"] == R"({"draftPeriod":"P3D","defaultTaxConfig":{"behavior":"inclusive"}})");
  BOOST_TEST(put["default"] == "true");
  BOOST_TEST(put["updatedAt"] == "2026-01-16T10:00:00Z");
  BOOST_TEST(plane.get(path).response.body == put.response.body);
  BOOST_TEST(plane.get("billing/profiles")["items.0.name"] == "S");
  BOOST_TEST(plane.call("PUT", "billing/profiles/none", R"({"name":"S"})").status() == 404);
}

BOOST_AUTO_TEST_CASE(exactly_one_is_the_default) {
  Plane plane;
  const std::string first = plane.post("billing/profiles", R"({"name":"1","default":false})")["id"];
  BOOST_TEST(plane.get("billing/profiles/" + first)["default"] == "true");
  const Reply second = plane.post("billing/profiles", R"({"name":"2"})");
  BOOST_TEST(second["default"] == "false");
  const auto defaults = [&] {
    List names;
    const Reply list = plane.get("billing/profiles");
    for (json::Value item : list.value("items")) {
      if (item.member("default").truth()) names.emplace_back(item.member("name").text());
    }
    return names;
  };
  BOOST_REQUIRE(plane.post("billing/profiles", R"({"name":"3","default":true})").status() == 201);
  BOOST_TEST(defaults() == List{"3"}, boost::test_tools::per_element());
  BOOST_REQUIRE(plane.call("PUT", "billing/profiles/" + first, R"({"name":"1","default":true})").status() == 200);
  BOOST_TEST(defaults() == List{"1"}, boost::test_tools::per_element());
  BOOST_TEST(plane.call("PUT", "billing/profiles/" + first, R"({"name":"1","default":false})")["code"] ==
             "default_profile");
  BOOST_TEST(plane.call("DELETE", "billing/profiles/" + first)["code"] == "default_profile");
  BOOST_TEST(plane.call("DELETE", "billing/profiles/" + second["id"]).status() == 204);
  BOOST_TEST(plane.get("billing/profiles")["totalCount"] == "2");
}

BOOST_AUTO_TEST_CASE(readiness_names_the_default_profile) {
  Plane plane;
  BOOST_TEST(plane.get("billing-readiness").response.body ==
             R"({"hasStripeApp":false,"stripeAppId":null,"hasDefaultBillingProfile":false,)"
             R"("defaultBillingProfileId":null})");
  const std::string id = plane.post("billing/profiles", R"({"name":"1"})")["id"];
  BOOST_TEST(plane.get("billing-readiness")["hasDefaultBillingProfile"] == "true");
  BOOST_TEST(plane.get("billing-readiness")["defaultBillingProfileId"] == id);
  BOOST_TEST(plane.call("DELETE", "billing/profiles/" + id).status() == 204);
  BOOST_TEST(plane.get("billing-readiness")["hasDefaultBillingProfile"] == "false");
}

BOOST_AUTO_TEST_CASE(a_profile_tells_what_is_wrong_with_it) {
  Plane plane;
  const Reply reply = plane.post("billing/profiles", R"({"default":1,"workflow":{"tax":{"enforced":true,"x":1},"y":1},
      "invoicing":{"draftPeriod":"P8D","defaultTaxConfig":{"behavior":"none","z":1}},"colour":1})");
  const List expected{"colour unknown_field",
                      "default type",
                      "invoicing.defaultTaxConfig.behavior one_of",
                      "invoicing.defaultTaxConfig.z unknown_field",
                      "invoicing.draftPeriod duration",
                      "name required",
                      "workflow.tax.enforced tax_enabled",
                      "workflow.tax.x unknown_field",
                      "workflow.y unknown_field"};
  BOOST_TEST(reply.violations() == expected, boost::test_tools::per_element());
  for (std::string_view period : {"P1M", "PT", "3 days", "-P1D", "P7DT1S"}) {
    BOOST_TEST(
        plane.post("billing/profiles", R"({"name":"n","invoicing":{"draftPeriod":")" + std::string(period) + R"("}})")
                .violations() == List{"invoicing.draftPeriod duration"},
        boost::test_tools::per_element());
  }
  for (std::string_view period : {"P7D", "PT0S", "P1W", "PT168H"}) {
    BOOST_TEST(
        plane.post("billing/profiles", R"({"name":"n","invoicing":{"draftPeriod":")" + std::string(period) + R"("}})")
                .status() == 201,
        period);
  }
}

BOOST_AUTO_TEST_SUITE_END()
