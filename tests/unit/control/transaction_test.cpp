#include "tests/unit/control/plane.h"

#include <boost/test/unit_test.hpp>

using namespace tollgate;
using namespace tollgate::test;

namespace {

/// Everything that can be seen of a bucket.
std::string everything(Plane& plane) {
  std::string all;
  for (std::string_view path : {"meters", "features?includeArchived=true", "plans", "customers", "subscriptions",
                                "service-keys", "monetization-configuration", "dead-letters"}) {
    all += plane.get(path).response.body + "\n";
  }
  plane.host.kv.clear();
  const int effects = plane.host.pump(plane.bucket, plane.now);
  return all + std::to_string(effects);
}

struct Step {
  std::string_view method, path, body;
};

/// Requests that change something, in the catalog of `make_catalog` with one draft and one subscription.
std::vector<Step> changes(const std::string& draft, const std::string& plan, const std::string& subscription) {
  static std::vector<std::string> kept;
  kept.clear();
  kept.reserve(16);
  const auto keep = [](std::string text) -> std::string_view { return kept.emplace_back(std::move(text)); };
  return {
      {"POST", "meters", R"({"slug":"m","eventType":"m","aggregation":"COUNT"})"},
      {"PUT", "meters/tokens",
       R"({"slug":"tokens","name":"New","eventType":"tokens","aggregation":"SUM","valueProperty":"$.total"})"},
      {"DELETE", "meters/unused", ""},
      {"POST", "features", R"({"key":"f","name":"F","metadata":{"a":"b"}})"},
      {"DELETE", "features/export", ""},
      {"POST", "plans", keep(plan_json("new", ""))},
      {"PUT", keep("plans/" + draft), keep(plan_json("starter", "", R"("description":"New",)"))},
      {"DELETE", keep("plans/" + draft), ""},
      {"POST", keep("plans/" + draft + "/publish"), ""},
      {"POST", keep("plans/" + plan + "/archive"), ""},
      {"POST", "customers", R"({"key":"new","name":"New"})"},
      {"PUT", "customers/acme", R"({"key":"acme","name":"New","metadata":{"zuplo_max_payment_overdue_days":"9"}})"},
      {"DELETE", "customers/unused", ""},
      {"POST", "subscriptions", R"({"plan":{"key":"starter"},"customerKey":"unused"})"},
      {"POST", keep("subscriptions/" + subscription + "/cancel"), R"({"timing":"next_billing_cycle"})"},
      {"PUT", "monetization-configuration", R"({"maxPaymentOverdueDays":7,"planOrder":["starter"]})"},
      {"POST", "service-keys", R"({"name":"n","role":"edge"})"},
      {"POST", "dead-letters", R"({"reason":"r","event":1})"},
  };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(transactions)

// Each request is tried with its first statement failing, then with its second, and so on until it goes through: up to
// then nothing may have changed, and then something must have.
BOOST_AUTO_TEST_CASE(a_statement_that_fails_leaves_nothing_behind) {
  for (std::size_t i = 0; i < 18; ++i) {
    Plane plane;
    const std::string plan = plane.make_catalog();
    BOOST_REQUIRE(plane.post("meters", R"({"slug":"unused","eventType":"u","aggregation":"COUNT"})").status() == 201);
    BOOST_REQUIRE(plane.post("customers", R"({"key":"unused","name":"U"})").status() == 201);
    const std::string draft = plane.post("plans/" + plan + "/next")["id"];
    const std::string subscription = plane.subscribe()["id"];
    const Step step = changes(draft, plan, subscription)[i];
    const std::string what = std::string(step.method) + " " + std::string(step.path);
    everything(plane);
    const std::string before = everything(plane);
    int failures = 0;
    for (std::int64_t nth = 1;; ++nth) {
      plane.host.failing_statement = nth;
      const Reply reply = plane.call(step.method, step.path, step.body, {.idempotency_key = "key"});
      const bool fired = plane.host.failing_statement == 0;
      plane.host.failing_statement = 0;
      if (!fired) {
        BOOST_TEST(reply.response.commits(), what << " " << reply.response.body);
        break;
      }
      ++failures;
      BOOST_TEST(reply.status() == 500, what);
      BOOST_TEST(reply["code"] == "storage");
      BOOST_TEST(reply.response.body.find("disk") == std::string::npos);
      BOOST_TEST(reply.response.log == "disk I/O error");
      BOOST_TEST(everything(plane) == before, what << " at statement " << nth);
    }
    BOOST_TEST(failures >= 1, what);
    BOOST_TEST(everything(plane) != before, what);
  }
}

BOOST_AUTO_TEST_CASE(a_repetition_is_answered_as_the_first_time) {
  Plane plane;
  const Plane::Extra extra{.idempotency_key = "abc"};
  const Reply first = plane.call("POST", "customers", R"({"key":"a","name":"A"})", extra);
  plane.now = at("2026-01-15T20:00:00Z");
  const Reply second = plane.call("POST", "customers", R"({"key":"a","name":"A"})", extra);
  BOOST_TEST(second.status() == 201);
  BOOST_TEST(second.response.body == first.response.body);
  BOOST_TEST(second.header("idempotency-replayed") == "true");
  BOOST_TEST(plane.get("customers")["totalCount"] == "1");
  const Reply other = plane.call("POST", "customers", R"({"key":"b","name":"A"})", extra);
  BOOST_TEST(other.status() == 422);
  BOOST_TEST(other["code"] == "idempotency_key_reused");
  BOOST_TEST(plane.call("POST", "features", R"({"key":"a","name":"A"})", extra).status() == 422);
  plane.now = at("2026-01-16T20:00:00Z");
  BOOST_TEST(plane.call("POST", "customers", R"({"key":"b","name":"A"})", extra).status() == 201);
}

BOOST_AUTO_TEST_CASE(a_refusal_is_not_kept_and_a_secret_is_not_either) {
  Plane plane;
  plane.make_catalog();
  const Plane::Extra extra{.idempotency_key = "abc"};
  BOOST_TEST(
      plane.call("POST", "subscriptions", R"({"plan":{"key":"starter"},"customerKey":"none"})", extra).status() == 400);
  const std::string body = R"({"plan":{"key":"starter"},"customerKey":"acme"})";
  const Reply made = plane.call("POST", "subscriptions", body, extra);
  BOOST_REQUIRE(made.status() == 201);
  const Reply again = plane.call("POST", "subscriptions", body, extra);
  BOOST_TEST(again.status() == 201);
  BOOST_TEST(again["id"] == made["id"]);
  BOOST_TEST(again["apiKey.id"] == made["apiKey.id"]);
  BOOST_TEST(again.value("apiKey.key").absent());
  BOOST_TEST(plane.call("POST", "meters", "{}", {.idempotency_key = std::string(256, 'k')}).violations() ==
                 std::vector<std::string>{"Idempotency-Key length"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(buckets_do_not_see_each_other) {
  Plane plane;
  plane.make_catalog();
  const Reply made = plane.subscribe();
  const std::string before = plane.get("plans").response.body;
  plane.bucket = "preview";
  for (std::string_view path : {"meters", "features", "plans", "customers", "subscriptions"}) {
    BOOST_TEST(plane.get(path)["totalCount"] == "0", path);
  }
  BOOST_TEST(plane.get("subscriptions/" + made["id"]).status() == 404);
  BOOST_TEST(plane.get("snapshots/" + digest_of(made["apiKey.key"])).status() == 404);
  BOOST_TEST(plane.ingest(made["id"], "1", "tokens", "1").status() == 400);
  plane.make_catalog();
  BOOST_TEST(
      plane.ingest(made["id"], "1", "tokens", "1").violations() == std::vector<std::string>{"subscription exists"},
      boost::test_tools::per_element());
  BOOST_TEST(plane.call("DELETE", "customers/acme").status() == 204);
  plane.bucket = "working-copy";
  BOOST_TEST(plane.get("customers/acme").status() == 200);
  BOOST_TEST(plane.get("plans").response.body == before);
}

BOOST_AUTO_TEST_SUITE_END()
