#include "base/limits.h"
#include "json/snapshot.h"
#include "tests/unit/control/world/plane.h"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <vector>

using namespace tollgate;
using namespace tollgate::test;

namespace {

using List = std::vector<std::string>;

std::string long_key(char kind, std::size_t i) {
  const std::string number = std::to_string(100 + i);
  return std::string(1, kind) + number + std::string(limits::kMaxNameLength - 1 - number.size(), 'x');
}

std::string metered_card(std::size_t i) {
  const std::string key = long_key('m', i);
  return R"({"type":"flat_fee","key":")" + key + R"(","name":"F","featureKey":")" + key +
         R"(","entitlementTemplate":{"type":"metered","issueAfterReset":"999999999999999999.999999999"}})";
}

std::string plain_card(std::size_t i, std::string_view entitlement = R"({"type":"boolean"})") {
  const std::string key = long_key('b', i);
  return R"({"type":"flat_fee","key":")" + key + R"(","name":"F","featureKey":")" + key +
         R"(","entitlementTemplate":)" + std::string(entitlement) + "}";
}

/// A bucket with features of the longest names, on one meter and on none.
struct Large : Plane {
  Large() {
    make_catalog();
    for (std::size_t i = 0; i < 70; ++i) {
      const std::string name = R"(","name":"F")";
      post("features", R"({"key":")" + long_key('m', i) + name + R"(,"meterSlug":"tokens"})");
      BOOST_REQUIRE(post("features", R"({"key":")" + long_key('b', i) + name + "}").status() == 201);
    }
  }

  /// A plan with so many entitlements, metered and others: what its publication is answered.
  Reply publish(std::size_t metered, std::size_t others) {
    std::string cards;
    for (std::size_t i = 0; i < metered; ++i) cards += (cards.empty() ? "" : ",") + metered_card(i);
    for (std::size_t i = 0; i < others; ++i) cards += (cards.empty() ? "" : ",") + plain_card(i);
    const std::string description = R"("description":")" + std::string(limits::kMaxSnapshotMember, 'd') + "\",";
    const std::string body = plan_json("large", cards, description);
    const Reply draft = draft_id.empty() ? post("plans", body) : call("PUT", "plans/" + draft_id, body);
    BOOST_REQUIRE_MESSAGE(draft.status() < 300, draft.response.body);
    draft_id = draft["id"];
    warned = !draft.value("warnings").absent();
    return post("plans/" + draft_id + "/publish");
  }

  std::string draft_id;
  bool warned = false;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(snapshot_sizes)

// S4.1: the largest plan that can be sold has snapshots that the edge reads.
BOOST_AUTO_TEST_CASE(the_largest_plan_that_can_be_published_has_a_snapshot_that_the_edge_reads) {
  Large plane;
  std::size_t metered = limits::kMaxSnapshotEntitlements;
  Reply published = plane.publish(metered, 0);
  while (published.status() == 400) {
    BOOST_TEST(published.violations() == List{"phases[0].rateCards snapshot_size"}, boost::test_tools::per_element());
    BOOST_TEST(plane.warned);
    --metered;
    published = plane.publish(metered, limits::kMaxSnapshotEntitlements - metered);
  }
  BOOST_REQUIRE_MESSAGE(published.status() == 200, published.response.body);
  BOOST_TEST(metered >= 30U);
  std::string name;
  for (std::size_t i = 0; i < limits::kMaxLabel; ++i) name += "\xf0\x9f\x9a\xa6";
  const Reply made = plane.post("subscriptions", R"({"plan":{"key":"large"},"customerKey":"acme","name":")" + name +
                                                     R"(","billingAnchor":"2026-01-15T10:00:00.001Z"})");
  BOOST_REQUIRE_MESSAGE(made.status() == 201, made.response.body);
  const std::string path = "subscriptions/" + made["id"];
  const std::string consumer(2 * limits::kMaxConsumer, '\\');
  const Reply key =
      plane.post(path + "/api-keys", R"({"consumer":")" + consumer + R"(","expiresAt":"2026-12-15T10:00:00.001Z"})");
  BOOST_REQUIRE_MESSAGE(key.status() == 201, key.response.body);
  BOOST_REQUIRE(plane.call("PUT", path + "/payment-status", R"({"status":"failed","accessBlocked":true})").status() ==
                200);
  for (int sender = 0; sender < 70; ++sender) {
    const std::string event = R"({"specversion":"1.0","source":"monetization-policy","id":"01KNVXHQG356VA7T7W000000)" +
                              std::to_string(10 + sender) + R"(-1","type":"tokens","subject":"s","subscription":")" +
                              made["id"] + R"(","data":{"total":9999999999999999.999999999}})";
    BOOST_REQUIRE(plane.post("events", event).status() == 204);
  }
  const Reply snapshot = plane.get("snapshots/" + digest_of(key["key"]));
  BOOST_REQUIRE(snapshot.status() == 200);
  BOOST_TEST(snapshot["highWaterPartial"] == "true");
  std::string text = snapshot.response.body;
  BOOST_TEST(text.size() <= limits::kMaxSnapshotBytes);
  BOOST_TEST(text.size() > limits::kMaxSnapshotBytes / 2);

  json::Reader reader;
  BOOST_REQUIRE(reader.start(limits::kMaxSnapshotBytes));
  NameTable names;
  for (std::size_t i = 0; i < metered; ++i) names.intern(long_key('m', i));
  for (std::size_t i = 0; i < limits::kMaxSnapshotEntitlements - metered; ++i) names.intern(long_key('b', i));
  const std::size_t length = text.size();
  text.resize(length + json::kPadding);
  const auto read = std::make_unique<Snapshot>();
  BOOST_TEST(json::read_snapshot(reader, text.data(), length, {names, {}, {}, {}}, *read));
  BOOST_TEST(read->entitlement_count == limits::kMaxSnapshotEntitlements);
}

// S4.1
BOOST_AUTO_TEST_CASE(a_plan_with_more_entitlements_than_the_edge_takes_is_not_published) {
  Large plane;
  const Reply refused = plane.publish(0, limits::kMaxSnapshotEntitlements + 1);
  BOOST_TEST(refused.status() == 400);
  BOOST_TEST(refused.violations() == List{"phases[0].rateCards[64].entitlementTemplate too_many_entitlements"},
             boost::test_tools::per_element());
  BOOST_TEST(plane.warned);
  BOOST_TEST(plane.get("plans/" + plane.draft_id)["status"] == "draft");
  BOOST_TEST(plane.publish(0, limits::kMaxSnapshotEntitlements).status() == 200);
  BOOST_TEST(!plane.warned);
}

// S4.1: what no policy decides by is left out where it is long.
BOOST_AUTO_TEST_CASE(long_texts_are_left_out_of_snapshots) {
  Large plane;
  const auto config = [](std::size_t size) { return R"({"a":")" + std::string(size - 8, 'x') + "\"}"; };
  const std::string fits = config(limits::kMaxSnapshotMember);
  const std::string long_one = config(limits::kMaxSnapshotMember + 1);
  const std::string cards = plain_card(0, R"({"type":"static","config":)" + fits + "}") + "," +
                            plain_card(1, R"({"type":"static","config":)" + long_one + "}");
  plane.publish_plan(plan_json("texts", cards, R"("description":")" + std::string(1025, 'd') + "\","));
  const Reply made = plane.post("subscriptions", R"({"plan":{"key":"texts"},"customerKey":"acme"})");
  const Reply snapshot = plane.get("snapshots/" + digest_of(made["apiKey.key"]));
  BOOST_TEST(snapshot["entitlements." + long_key('b', 0)] ==
             R"({"type":"static","hasAccess":true,"config":)" + fits + "}");
  BOOST_TEST(snapshot["entitlements." + long_key('b', 1)] ==
             R"({"type":"static","hasAccess":true,"configOmitted":true})");
  BOOST_TEST(snapshot.value("plan.description").absent());
  const std::string path = "subscriptions/" + made["id"];
  BOOST_TEST(plane.get(path + "/access")["entitlements." + long_key('b', 1) + ".config"] == long_one);
  BOOST_TEST(plane.get(path)["plan.description"].size() == 1025U);
}

// S4.1: promotion goes by the same rule; what was published before there was one stays where it is.
BOOST_AUTO_TEST_CASE(such_a_plan_is_not_promoted_either) {
  Large source;
  std::string cards;
  for (std::size_t i = 0; i <= limits::kMaxSnapshotEntitlements; ++i) {
    cards += (cards.empty() ? "" : ",") + plain_card(i);
  }
  const Reply draft = source.post("plans", plan_json("large", cards));
  BOOST_REQUIRE(draft.status() == 201);
  std::string rows;
  auto& database = source.host.database(control::Role::bucket, source.bucket);
  BOOST_REQUIRE(database.run("UPDATE plans SET state = 'active', published_at = 1 WHERE key = 'large'", {}, rows));
  Plane& target = source;
  target.bucket = "preview";
  const Reply promoted = target.post("promote", R"({"from":"working-copy"})");
  BOOST_TEST(promoted.status() == 409);
  BOOST_TEST(promoted["conflicts.0.key"] == "large");
  BOOST_TEST(promoted["conflicts.0.detail"].find("phases[0].rateCards[64].entitlementTemplate") == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
