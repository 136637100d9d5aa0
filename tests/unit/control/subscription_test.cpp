#include "tests/unit/control/plane.h"

#include <boost/test/unit_test.hpp>

using namespace tollgate;
using namespace tollgate::test;

BOOST_AUTO_TEST_SUITE(subscriptions)

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
  BOOST_TEST(read.response.body.find(made["apiKey.key"]) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(usage_shows_in_access_and_snapshot) {
  Plane plane;
  plane.make_catalog();
  const Reply made = plane.subscribe();
  BOOST_REQUIRE(made.status() == 201);
  for (int i = 0; i < 3; ++i) {
    const Reply sent = plane.ingest(made["id"], "e" + std::to_string(i), "api_requests", "1.5");
    BOOST_REQUIRE_MESSAGE(sent.status() == 204, sent.response.body);
  }
  BOOST_TEST(plane.ingest(made["id"], "e1", "api_requests", "1.5").status() == 204);
  const Reply access = plane.get("subscriptions/" + made["id"] + "/access");
  BOOST_REQUIRE_MESSAGE(access.status() == 200, access.response.body);
  BOOST_TEST(access["entitlements.api_requests"] ==
             R"({"type":"metered","hasAccess":true,"balance":15.5,"usage":4.5,"overage":0})");
  BOOST_TEST(access["entitlements.export"] == R"({"type":"boolean","hasAccess":true})");
  const Reply snapshot = plane.get("snapshots/" + digest_of(made["apiKey.key"]));
  BOOST_REQUIRE_MESSAGE(snapshot.status() == 200, snapshot.response.body);
  BOOST_TEST_MESSAGE(snapshot.response.body);
  BOOST_TEST(snapshot["entitlements.api_requests.balance"] == "15.5");
  BOOST_TEST(snapshot["entitlements.api_requests.limit"] == "20");
}

BOOST_AUTO_TEST_SUITE_END()
