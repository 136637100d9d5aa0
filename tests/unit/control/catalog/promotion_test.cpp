#include "tests/unit/control/world/database_dump.h"
#include "tests/unit/control/world/plane.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace tollgate;
using namespace tollgate::test;

namespace {

using List = std::vector<std::string>;

/// Promotes into preview, from a working copy that has `make_catalog`.
struct Promoted : Plane {
  Promoted() {
    make_catalog();
    bucket = "preview";
  }

  void in(std::string_view name) { bucket = name; }
  Reply promote(std::string_view more = "") {
    return post("promote", std::string(R"({"from":"working-copy")").append(more).append("}"));
  }
  Reply dry_run() { return promote(R"(,"dryRun":true)"); }
  std::string dump_of(std::string_view name) { return dump(host.database(control::Role::bucket, name)); }
};

/// `kind key`, sorted, of the items of one list of an answer.
List items(const Reply& reply, std::string_view list) {
  List lines;
  for (json::Value item : reply.value(list)) {
    lines.push_back(std::string(item.member("kind").text()) + " " + std::string(item.member("key").text()));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

const List kLists = {"additions", "newVersions", "updates", "unchanged", "leftAlone", "conflicts"};

/// All lists are empty but those that are given.
void check(const Reply& reply, const std::vector<std::pair<std::string, List>>& expected) {
  for (const std::string& list : kLists) {
    const auto found =
        std::find_if(expected.begin(), expected.end(), [&](const auto& one) { return one.first == list; });
    BOOST_TEST_CONTEXT(list << " of " << reply.response.body) {
      BOOST_TEST(items(reply, list) == (found == expected.end() ? List() : found->second),
                 boost::test_tools::per_element());
    }
  }
}

const List kCatalog = {"feature api_requests", "feature export", "feature tokens",
                       "meter api_requests",   "meter tokens",   "plan starter"};
const List kSettings = {"configuration maxPaymentOverdueDays", "configuration multipleSubscriptionsEnabled",
                        "configuration planOrder", "configuration planSettings"};

List both(List a, const List& b) {
  a.insert(a.end(), b.begin(), b.end());
  std::sort(a.begin(), a.end());
  return a;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(promotion)

BOOST_AUTO_TEST_CASE(an_empty_bucket_gets_everything_that_is_sold) {
  Promoted plane;
  const std::string source = plane.dump_of("working-copy");
  const Reply shown = plane.dry_run();
  BOOST_REQUIRE(shown.status() == 200);
  BOOST_TEST(shown["dryRun"] == "true");
  check(shown, {{"additions", kCatalog}, {"unchanged", kSettings}});
  BOOST_TEST(plane.get("plans")["totalCount"] == "0");
  const Reply done = plane.promote();
  BOOST_REQUIRE(done.status() == 200);
  BOOST_TEST(done["from"] == "working-copy");
  BOOST_TEST(done["to"] == "preview");
  check(done, {{"additions", kCatalog}, {"unchanged", kSettings}});
  BOOST_TEST(done["additions.5.version"] == "1");
  BOOST_TEST(done["additions.5.fromVersion"] == "1");
  const Reply plan = plane.get("plans?key=starter");
  BOOST_TEST(plan["items.0.status"] == "active");
  BOOST_TEST(plan["items.0.publishedAt"] == "2026-01-15T10:00:00Z");
  BOOST_TEST(plane.get("customers")["totalCount"] == "0");
  BOOST_TEST(plane.dump_of("working-copy") == source);
  BOOST_REQUIRE(plane.post("customers", R"({"key":"acme","name":"A"})").status() == 201);
  const Reply subscription = plane.subscribe();
  BOOST_TEST(plane.ingest(subscription["id"], "1", "tokens", "5").status() == 204);
  BOOST_TEST(plane.get("subscriptions/" + subscription["id"] + "/access")["entitlements.tokens.balance"] == "995");
}

BOOST_AUTO_TEST_CASE(promoting_twice_changes_nothing) {
  Promoted plane;
  BOOST_REQUIRE(plane.promote().status() == 200);
  const std::string before = plane.dump_of("preview");
  plane.now = at("2026-01-16T10:00:00Z");
  const Reply again = plane.promote();
  check(again, {{"unchanged", both(kCatalog, kSettings)}});
  BOOST_TEST(plane.dump_of("preview") == before);
}

BOOST_AUTO_TEST_CASE(a_plan_that_differs_becomes_a_new_version_and_drafts_stay) {
  Promoted plane;
  BOOST_REQUIRE(plane.promote().status() == 200);
  const std::string first = plane.get("plans")["items.0.id"];
  BOOST_REQUIRE(plane.post("customers", R"({"key":"acme","name":"A"})").status() == 201);
  const std::string subscription = plane.subscribe()["id"];
  const std::string draft = plane.post("plans/" + first + "/next")["id"];
  BOOST_TEST(items(plane.dry_run(), "unchanged") == both(kCatalog, kSettings), boost::test_tools::per_element());
  plane.in("working-copy");
  for (int i = 0; i < 2; ++i) plane.publish_plan(plan_json("starter", kStarterCards, R"("description":"Better",)"));
  plane.in("preview");
  const Reply done = plane.promote();
  List unchanged = both(kCatalog, kSettings);
  unchanged.erase(std::find(unchanged.begin(), unchanged.end(), "plan starter"));
  check(done, {{"newVersions", {"plan starter"}}, {"unchanged", unchanged}, {"leftAlone", {"plan starter"}}});
  BOOST_TEST(done["newVersions.0.version"] == "3");
  BOOST_TEST(done["newVersions.0.fromVersion"] == "3");
  BOOST_TEST(done["leftAlone.0.version"] == "2");
  BOOST_TEST(plane.get("plans/" + first)["status"] == "archived");
  BOOST_TEST(plane.get("plans/" + draft)["status"] == "draft");
  BOOST_TEST(plane.get("plans?status=active")["items.0.description"] == "Better");
  BOOST_TEST(plane.get("subscriptions/" + subscription)["plan.version"] == "1");
  BOOST_TEST(items(plane.promote(), "newVersions").empty());
}

BOOST_AUTO_TEST_CASE(what_only_the_target_has_is_left_alone) {
  Promoted plane;
  plane.in("preview");
  BOOST_REQUIRE(plane.post("meters", R"({"slug":"own","eventType":"own","aggregation":"COUNT"})").status() == 201);
  BOOST_REQUIRE(plane.post("features", R"({"key":"own","name":"Own","meterSlug":"own"})").status() == 201);
  plane.publish_plan(plan_json("own", ""));
  BOOST_REQUIRE(plane.post("features", R"({"key":"export","name":"Named here"})").status() == 201);
  const Reply done = plane.promote();
  BOOST_REQUIRE(done.status() == 200);
  List additions = kCatalog;
  additions.erase(std::find(additions.begin(), additions.end(), "feature export"));
  check(done, {{"additions", additions},
               {"unchanged", kSettings},
               {"leftAlone", {"feature export", "feature own", "meter own", "plan own"}}});
  BOOST_TEST(plane.get("features/export")["name"] == "Named here");
  BOOST_TEST(plane.get("plans?key=own")["items.0.status"] == "active");
}

BOOST_AUTO_TEST_CASE(meters_and_settings_are_updated_where_that_is_allowed) {
  Promoted plane;
  BOOST_REQUIRE(plane.promote().status() == 200);
  plane.in("working-copy");
  BOOST_REQUIRE(plane
                    .call("PUT", "meters/tokens",
                          R"({"slug":"tokens","name":"All tokens","description":"D","eventType":"tokens",
                              "aggregation":"SUM","valueProperty":"$.total","groupBy":{"model":"$.model"}})")
                    .status() == 200);
  BOOST_REQUIRE(plane
                    .call("PUT", "monetization-configuration",
                          R"({"planOrder":["none_yet","starter"],"maxPaymentOverdueDays":7})")
                    .status() == 200);
  plane.in("preview");
  BOOST_REQUIRE(plane.post("customers", R"({"key":"acme","name":"A"})").status() == 201);
  const Reply subscription = plane.subscribe();
  const std::string digest = digest_of(subscription["apiKey.key"]);
  plane.host.pump("preview", plane.now);
  const Reply done = plane.promote();
  BOOST_TEST(items(done, "updates") ==
                 (List{"configuration maxPaymentOverdueDays", "configuration planOrder", "meter tokens"}),
             boost::test_tools::per_element());
  const Reply meter = plane.get("meters/tokens");
  BOOST_TEST(meter["name"] == "All tokens");
  BOOST_TEST(meter["description"] == "D");
  BOOST_TEST(meter["groupBy.model"] == "$.model");
  BOOST_TEST(plane.get("monetization-configuration")["planOrder"] == R"(["none_yet","starter"])");
  BOOST_TEST(plane.get("snapshots/" + digest)["maxPaymentOverdueDays"] == "7");
  BOOST_TEST(plane.host.pump("preview", plane.now) == 1);
}

BOOST_AUTO_TEST_CASE(conflicts_are_shown_and_nothing_is_applied) {
  Promoted plane;
  for (std::string_view meter : {R"({"slug":"tokens","eventType":"other","aggregation":"COUNT"})",
                                 R"({"slug":"calls","eventType":"calls","aggregation":"COUNT"})"}) {
    BOOST_REQUIRE(plane.post("meters", meter).status() == 201);
  }
  BOOST_REQUIRE(plane.post("features", R"({"key":"api_requests","name":"F","meterSlug":"calls"})").status() == 201);
  BOOST_REQUIRE(plane.post("features", R"({"key":"export","name":"F","meterSlug":"calls"})").status() == 201);
  const std::string before = plane.dump_of("preview");
  const Reply shown = plane.dry_run();
  BOOST_TEST(shown.status() == 200);
  const List conflicts{"feature api_requests", "feature export", "meter tokens"};
  BOOST_TEST(items(shown, "conflicts") == conflicts, boost::test_tools::per_element());
  BOOST_TEST(shown["conflicts.0.detail"].find("aggregation") != std::string::npos);
  const Reply refused = plane.promote();
  BOOST_TEST(refused.status() == 409);
  BOOST_TEST(refused["code"] == "promotion_conflict");
  BOOST_TEST(refused.header("content-type") == "application/problem+json");
  BOOST_TEST(refused["to"] == "preview");
  for (const std::string& list : kLists) BOOST_TEST(refused[list] == shown[list], list);
  BOOST_TEST(plane.dump_of("preview") == before);
}

BOOST_AUTO_TEST_CASE(a_plan_that_the_target_cannot_hold_is_a_conflict) {
  Promoted plane;
  plane.in("working-copy");
  BOOST_REQUIRE(plane.call("DELETE", "features/export").status() == 204);
  plane.in("preview");
  const Reply shown = plane.dry_run();
  check(shown, {{"additions", {"feature api_requests", "feature tokens", "meter api_requests", "meter tokens"}},
                {"unchanged", kSettings},
                {"conflicts", {"plan starter"}}});
  BOOST_TEST(shown["conflicts.0.detail"] ==
             "phases[0].rateCards[2].featureKey names no feature that is in use in this bucket");
  BOOST_TEST(plane.promote().status() == 409);
  BOOST_TEST(plane.get("meters")["totalCount"] == "0");
  BOOST_REQUIRE(plane.post("features", R"({"key":"export","name":"Export"})").status() == 201);
  BOOST_TEST(plane.promote().status() == 200);
}

BOOST_AUTO_TEST_CASE(any_other_bucket_will_do_and_only_the_operator_may) {
  Promoted plane;
  BOOST_REQUIRE(plane.promote().status() == 200);
  plane.in("production");
  BOOST_TEST(plane.post("promote", R"({"from":"preview"})").status() == 200);
  BOOST_TEST(plane.get("plans")["totalCount"] == "1");
  plane.in("preview");
  BOOST_TEST(plane.post("promote", R"({"from":"production"})").status() == 200);
  BOOST_TEST(plane.post("promote", R"({"from":"preview"})").violations() == List{"from other_bucket"},
             boost::test_tools::per_element());
  BOOST_TEST(plane.post("promote", R"({"from":"staging","dryRun":1,"x":1})").violations() ==
                 (List{"dryRun type", "from one_of", "x unknown_field"}),
             boost::test_tools::per_element());
  BOOST_TEST(plane.post("promote", "{}").violations() == List{"from required"}, boost::test_tools::per_element());
  plane.key = plane.post("service-keys", R"({"name":"n","role":"admin"})")["key"];
  const Reply refused = plane.promote();
  BOOST_TEST(refused.status() == 403);
  BOOST_TEST(refused["code"] == "operator_only");
}

BOOST_AUTO_TEST_CASE(a_catalog_that_is_too_large_is_refused_as_such) {
  Promoted plane;
  plane.in("working-copy");
  std::string cards;
  for (int i = 0; i < 64; ++i) {
    const std::string key = "f" + std::to_string(i);
    BOOST_REQUIRE(plane.post("features", R"({"key":")" + key + R"(","name":"F"})").status() == 201);
    cards.append(cards.empty() ? "" : ",")
        .append(R"({"type":"flat_fee","key":")" + key + R"(","name":"F","featureKey":")" + key)
        .append(R"(","description":")" + std::string(2048, 'd'))
        .append(R"(","entitlementTemplate":{"type":"static","config":")" + std::string(4000, 'c') + R"("}})");
  }
  for (int i = 0; i < 12; ++i) plane.publish_plan(plan_json("large" + std::to_string(i), cards));
  plane.in("preview");
  const Reply reply = plane.promote();
  BOOST_TEST(reply.status() == 413);
  BOOST_TEST(reply["code"] == "catalog_too_large");
}

BOOST_AUTO_TEST_CASE(a_bucket_that_does_not_answer_is_told) {
  Promoted plane;
  plane.host.ledgers_are_down = true;
  const Reply reply = plane.promote();
  BOOST_TEST(reply.status() == 503);
  BOOST_TEST(reply["code"] == "bucket_unavailable");
  BOOST_TEST(plane.get("meters")["totalCount"] == "0");
}

// Of either bucket: a statement of the export that fails is an answer that is missing.
BOOST_AUTO_TEST_CASE(a_statement_that_fails_leaves_nothing_behind) {
  Promoted plane;
  plane.get("meters");
  const std::string before = plane.dump_of("preview");
  const std::string source = plane.dump_of("working-copy");
  int failures = 0;
  for (std::int64_t nth = 1;; ++nth) {
    plane.host.failing_statement = nth;
    const Reply reply = plane.promote();
    if (plane.host.failing_statement != 0) {
      plane.host.failing_statement = 0;
      BOOST_TEST(reply.status() == 200);
      break;
    }
    ++failures;
    BOOST_TEST((reply.status() == 500 || reply.status() == 503), reply.response.body);
    BOOST_TEST(plane.dump_of("preview") == before, "at statement " << nth);
  }
  BOOST_TEST(failures > 10);
  BOOST_TEST(plane.dump_of("preview") != before);
  BOOST_TEST(plane.dump_of("working-copy") == source);
}

BOOST_AUTO_TEST_SUITE_END()
