#include "tests/unit/control/world/plane.h"

#include <boost/test/unit_test.hpp>

using namespace tollgate;
using namespace tollgate::test;

namespace {

using List = std::vector<std::string>;

constexpr std::string_view kMeter =
    R"({"slug":"tokens","name":"Tokens","eventType":"tokens","aggregation":"SUM","valueProperty":"$.total"})";

}  // namespace

BOOST_AUTO_TEST_SUITE(catalog_routes)

BOOST_AUTO_TEST_CASE(a_meter_is_created_read_listed_updated_and_deleted) {
  Plane plane;
  const Reply made = plane.post("meters", kMeter);
  BOOST_REQUIRE(made.status() == 201);
  BOOST_TEST(made["slug"] == "tokens");
  BOOST_TEST(made["aggregation"] == "SUM");
  BOOST_TEST(made["createdAt"] == "2026-01-15T10:00:00Z");
  BOOST_TEST(plane.get("meters/tokens")["id"] == made["id"]);
  BOOST_TEST(plane.get("meters/" + made["id"])["slug"] == "tokens");
  BOOST_TEST(plane.get("meters")["totalCount"] == "1");
  plane.now = at("2026-01-16T00:00:00Z");
  const Reply changed = plane.call("PUT", "meters/tokens",
                                   R"({"slug":"tokens","name":"All tokens","eventType":"tokens","aggregation":"SUM",
                                       "valueProperty":"$.total","groupBy":{"model":"$.model"}})");
  BOOST_TEST(changed.status() == 200);
  BOOST_TEST(changed["name"] == "All tokens");
  BOOST_TEST(changed["groupBy.model"] == "$.model");
  BOOST_TEST(changed["createdAt"] == "2026-01-15T10:00:00Z");
  BOOST_TEST(changed["updatedAt"] == "2026-01-16T00:00:00Z");
  BOOST_TEST(plane.call("DELETE", "meters/tokens").status() == 204);
  BOOST_TEST(plane.get("meters/tokens").status() == 404);
  BOOST_TEST(plane.call("DELETE", "meters/tokens").status() == 404);
}

BOOST_AUTO_TEST_CASE(a_meter_tells_everything_that_is_wrong_with_it) {
  struct Case {
    std::string_view body;
    List violations;
  };
  const Case cases[] = {
      {"{}", {"aggregation required", "eventType required", "slug required"}},
      {"[]", {" type"}},
      {R"({"slug":"Tokens","eventType":"a b","aggregation":"SUMS","valueProperty":"total","colour":1})",
       {"aggregation one_of", "colour unknown_field", "eventType event_type", "slug key_format",
        "valueProperty json_path"}},
      {R"({"slug":"","eventType":"","aggregation":1,"valueProperty":null})",
       {"aggregation type", "eventType length", "slug length"}},
      {R"({"slug":"t","eventType":"t","aggregation":"COUNT","valueProperty":"$.total"})",
       {"valueProperty not_allowed"}},
      {R"({"slug":"t","eventType":"t","aggregation":"MAX"})", {"valueProperty required"}},
      {R"({"slug":"t","eventType":"t","aggregation":"COUNT","groupBy":{"subject":"$.s","Model":"$.m","x":"m","y":1}})",
       {"groupBy.Model key_format", "groupBy.subject key_format", "groupBy.x json_path", "groupBy.y type"}},
      {R"({"slug":"t","eventType":"t","aggregation":"COUNT","name":""})", {"name length"}},
  };
  Plane plane;
  for (const Case& one : cases) {
    const Reply reply = plane.post("meters", one.body);
    BOOST_TEST(reply.status() == 400);
    BOOST_TEST(reply["code"] == "invalid_parameters");
    BOOST_TEST(reply.violations() == one.violations, boost::test_tools::per_element());
  }
  BOOST_TEST(plane.get("meters")["totalCount"] == "0");
}

BOOST_AUTO_TEST_CASE(what_decides_how_usage_counts_is_frozen) {
  Plane plane;
  BOOST_REQUIRE(plane.post("meters", kMeter).status() == 201);
  const Reply reply = plane.call("PUT", "meters/tokens",
                                 R"({"slug":"tokens2","eventType":"x","aggregation":"MAX","valueProperty":"$.most"})");
  const List expected{"aggregation immutable", "eventType immutable", "slug immutable", "valueProperty immutable"};
  BOOST_TEST(reply.violations() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_slug_is_used_once_and_a_meter_in_use_stays) {
  Plane plane;
  BOOST_REQUIRE(plane.post("meters", kMeter).status() == 201);
  const Reply again = plane.post("meters", kMeter);
  BOOST_TEST(again.status() == 409);
  BOOST_TEST(again["code"] == "slug_taken");
  BOOST_REQUIRE(plane.post("features", R"({"key":"tokens","name":"T","meterSlug":"tokens"})").status() == 201);
  BOOST_TEST(plane.call("DELETE", "meters/tokens")["code"] == "meter_in_use");
  BOOST_TEST(plane.call("DELETE", "features/tokens").status() == 204);
  BOOST_TEST(plane.call("DELETE", "meters/tokens")["code"] == "meter_in_use");
}

BOOST_AUTO_TEST_CASE(a_feature_is_archived_and_its_key_used_again) {
  Plane plane;
  const Reply first =
      plane.post("features", R"({"key":"export","name":"Export","metadata":{"colour":"red","rank":1}})");
  BOOST_REQUIRE(first.status() == 201);
  BOOST_TEST(first["metadata.colour"] == "red");
  BOOST_TEST(first["metadata.rank"] == "1");
  BOOST_TEST(plane.post("features", R"({"key":"export","name":"Export"})")["code"] == "key_taken");
  BOOST_TEST(plane.call("DELETE", "features/export").status() == 204);
  BOOST_TEST(plane.get("features/export")["archivedAt"] == "2026-01-15T10:00:00Z");
  BOOST_TEST(plane.get("features")["totalCount"] == "0");
  BOOST_TEST(plane.get("features?includeArchived=true")["totalCount"] == "1");
  const Reply second = plane.post("features", R"({"key":"export","name":"Export 2"})");
  BOOST_REQUIRE(second.status() == 201);
  BOOST_TEST(plane.get("features/export")["id"] == second["id"]);
  BOOST_TEST(plane.get("features/" + first["id"])["name"] == "Export");
  BOOST_TEST(plane.call("PUT", "features/export", "{}").header("allow") == "GET, DELETE");
}

BOOST_AUTO_TEST_CASE(a_feature_tells_what_is_wrong_with_it) {
  Plane plane;
  const Reply reply = plane.post(
      "features", R"({"key":"a-b","meterSlug":"nowhere","metadata":{"a":[],"zuplo_max_payment_overdue_days":"-1"}})");
  const List expected{"key key_format", "metadata.a type", "metadata.zuplo_max_payment_overdue_days range",
                      "meterSlug exists", "name required"};
  BOOST_TEST(reply.violations() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(lists_come_in_pages) {
  Plane plane;
  for (int i = 0; i < 25; ++i) {
    const std::string key = "f" + std::to_string(i);
    BOOST_REQUIRE(plane.post("features", R"({"key":")" + key + R"(","name":"F"})").status() == 201);
  }
  const Reply first = plane.get("features");
  BOOST_TEST(first["totalCount"] == "25");
  BOOST_TEST(first["page"] == "1");
  BOOST_TEST(first["pageSize"] == "20");
  BOOST_TEST(first.value("items").size() == 20u);
  const Reply third = plane.get("features?page=3&pageSize=10");
  BOOST_TEST(third.value("items").size() == 5u);
  BOOST_TEST(third["items.0.key"] == "f20");
  BOOST_TEST(plane.get("features?page=9").value("items").size() == 0u);
  const List expected{"page range", "pageSize range", "sort unknown_parameter"};
  BOOST_TEST(plane.get("features?page=0&pageSize=101&sort=key").violations() == expected,
             boost::test_tools::per_element());
  BOOST_TEST(plane.get("features?page=x").status() == 400);
}

BOOST_AUTO_TEST_CASE(lists_are_narrowed_down) {
  Plane plane;
  plane.make_catalog();
  BOOST_REQUIRE(plane
                    .post("meters", R"({"slug":"mean","eventType":"tokens","aggregation":"AVG",
                                         "valueProperty":"$.total"})")
                    .status() == 201);
  BOOST_TEST(plane.get("meters?eventType=tokens")["totalCount"] == "2");
  BOOST_TEST(plane.get("meters?eventType=tokens")["items.1.slug"] == "mean");
  BOOST_TEST(plane.get("features?meterSlug=tokens")["items.0.key"] == "tokens");
  BOOST_TEST(plane.get("features?meterSlug=mean")["totalCount"] == "0");
  BOOST_REQUIRE(plane.call("DELETE", "features/export").status() == 204);
  BOOST_TEST(plane.get("features?key=export")["totalCount"] == "0");
  BOOST_TEST(plane.get("features?key=export&includeArchived=true")["totalCount"] == "1");
  BOOST_TEST(plane.get("features?includeArchived=yes").violations() == List{"includeArchived one_of"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
