#include "control/http/entity_tags.h"
#include "tests/unit/control/world/plane.h"

#include <boost/test/unit_test.hpp>

using namespace tollgate;
using namespace tollgate::test;

namespace {

/// A resource that has entity tags: where it is, and what replaces it.
struct Resource {
  std::string path;
  std::string body;
  std::string other;  ///< another body that replaces it
};

std::vector<Resource> resources(Plane& plane) {
  plane.make_catalog();
  BOOST_REQUIRE(plane.post("customers", R"({"key":"free","name":"F"})").status() == 201);
  BOOST_REQUIRE(plane.post("meters", R"({"slug":"spare","eventType":"s","aggregation":"COUNT"})").status() == 201);
  const std::string draft = plane.post("plans", plan_json("pro", ""))["id"];
  const std::string profile = plane.post("billing/profiles", R"({"name":"P"})")["id"];
  return {
      {"plans/" + draft, plan_json("pro", "", R"("description":"1",)"), plan_json("pro", "", R"("description":"2",)")},
      {"customers/free", R"({"key":"free","name":"1"})", R"({"key":"free","name":"2"})"},
      {"meters/spare", R"({"slug":"spare","eventType":"s","aggregation":"COUNT","name":"1"})",
       R"({"slug":"spare","eventType":"s","aggregation":"COUNT","name":"2"})"},
      {"billing/profiles/" + profile, R"({"name":"1"})", R"({"name":"2"})"},
      {"monetization-configuration", R"({"maxPaymentOverdueDays":1})", R"({"maxPaymentOverdueDays":2})"},
  };
}

Reply send(Plane& plane, std::string_view method, const Resource& resource, std::string_view body,
           std::string_view if_match) {
  return plane.call(method, resource.path, body, {.if_match = std::string(if_match)});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(entity_tags)

BOOST_AUTO_TEST_CASE(a_list_of_tags_is_compared_strongly) {
  const std::string tag = control::entity_tag("body");
  BOOST_TEST(tag == "\"" + digest_of("body").substr(0, 16) + "\"");
  for (const std::string& header : {tag, " " + tag + " ", "\"a\", " + tag, tag + ",\"b\"", std::string("*")}) {
    BOOST_TEST(control::matches_entity_tag(header, tag), header);
  }
  const std::string_view bare = std::string_view(tag).substr(1, 16);
  for (const std::string& header : {"W/" + tag, std::string(bare), std::string("\"\""), std::string(","), tag + "x",
                                    "*, " + std::string(bare), std::string("**")}) {
    BOOST_TEST(!control::matches_entity_tag(header, tag), header);
  }
}

BOOST_AUTO_TEST_CASE(an_edit_on_top_of_somebody_elses_is_refused) {
  Plane plane;
  for (const Resource& resource : resources(plane)) {
    BOOST_TEST_CONTEXT(resource.path) {
      const std::string first = plane.get(resource.path).header("etag");
      BOOST_TEST(first.size() == 18u);
      BOOST_TEST(plane.get(resource.path).header("etag") == first);
      const Reply changed = send(plane, "PUT", resource, resource.body, first);
      BOOST_TEST(changed.status() == 200);
      const std::string second = changed.header("etag");
      BOOST_TEST(second != first);
      BOOST_TEST(plane.get(resource.path).header("etag") == second);
      const std::string before = plane.get(resource.path).response.body;
      const Reply refused = send(plane, "PUT", resource, resource.other, first);
      BOOST_TEST(refused.status() == 412);
      BOOST_TEST(refused["code"] == "precondition_failed");
      BOOST_TEST(refused["title"] == "Precondition Failed");
      BOOST_TEST(send(plane, "DELETE", resource, "", "\"0123456789abcdef\"").status() == 412);
      BOOST_TEST(plane.get(resource.path).response.body == before);
      BOOST_TEST(send(plane, "PUT", resource, resource.other, first + ", " + second).status() == 200);
      BOOST_TEST(send(plane, "PUT", resource, resource.body, "*").status() == 200);
      BOOST_TEST(plane.call("PUT", resource.path, resource.other).status() == 200);
      const std::string last = plane.get(resource.path).header("etag");
      BOOST_TEST(send(plane, "DELETE", resource, "", last).status() == 204);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_not_there_is_missed_and_bad_input_does_not_come_first) {
  Plane plane;
  BOOST_TEST(plane.call("PUT", "customers/nobody", R"({"key":"a","name":"A"})", {.if_match = "*"}).status() == 404);
  BOOST_REQUIRE(plane.post("customers", R"({"key":"a","name":"A"})").status() == 201);
  BOOST_TEST(plane.call("PUT", "customers/a", "{}", {.if_match = "\"x\""}).status() == 412);
  BOOST_TEST(plane.call("PUT", "customers/a", "{}", {.if_match = "*"}).status() == 400);
  BOOST_TEST(plane.get("customers").header("etag").empty());
  BOOST_TEST(plane.get("customers/nobody").header("etag").empty());
}

BOOST_AUTO_TEST_CASE(a_warning_is_no_part_of_what_is_tagged) {
  Plane plane;
  const Reply put = plane.call("PUT", "monetization-configuration", R"({"planOrder":["unknown"]})");
  BOOST_TEST(put["warnings.0.field"] == "planOrder[0]");
  BOOST_TEST(put["warnings.0.rule"] == "exists");
  const Reply get = plane.get("monetization-configuration");
  BOOST_TEST(get.value("warnings").absent());
  BOOST_TEST(get.header("etag") == put.header("etag"));
  plane.make_catalog();
  BOOST_TEST(
      plane.call("PUT", "monetization-configuration", R"({"planOrder":["starter"]})").value("warnings").absent());
}

BOOST_AUTO_TEST_SUITE_END()
