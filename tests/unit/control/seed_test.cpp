#include "tests/unit/control/world/plane.h"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <sstream>

using namespace tollgate;
using namespace tollgate::test;

BOOST_AUTO_TEST_SUITE(seeds)

BOOST_AUTO_TEST_CASE(the_seed_of_the_repository_fills_a_bucket_once) {
  std::ifstream file("config/seed.json");
  std::stringstream text;
  text << file.rdbuf();
  const std::string seed = text.str();
  Plane plane;
  control::Request request;
  request.entry = control::Entry::host;
  request.object = "working-copy";
  request.method = "POST";
  request.now = plane.now;
  request.target = "/seed";
  request.body = seed;
  const control::Response first = plane.host.perform(request);
  BOOST_REQUIRE_MESSAGE(first.status == 200, first.body);
  Reply answer{first, std::make_shared<json::Document>()};
  BOOST_REQUIRE(answer.document->parse(first.body).ok());
  const Reply snapshot = plane.get("snapshots/" + digest_of(answer["apiKey"]));
  BOOST_TEST(snapshot["entitlements.api_requests.limit"] == "20");
  BOOST_TEST(snapshot["entitlements.api_requests.isSoftLimit"] == "false");
  BOOST_TEST(plane.get("plans?status=active")["totalCount"] == "3");
  BOOST_TEST(plane.host.perform(request).body == R"({"seeded":false})");
  BOOST_TEST(plane.get("plans")["totalCount"] == "3");
  request.body = R"({"name":"other","steps":[{"method":"POST","path":"/features","body":{"key":"x","name":"X"}},
    {"method":"POST","path":"/plans/$nothing/publish"}]})";
  BOOST_TEST(plane.host.perform(request).status == 404);
  BOOST_TEST(plane.get("features/x").status() == 404);
}

BOOST_AUTO_TEST_SUITE_END()
