#include "tests/unit/control/world/plane.h"

#include <boost/test/unit_test.hpp>

using namespace tollgate;
using namespace tollgate::test;

namespace {

/// Everything that can be seen of a bucket.
std::string everything(Plane& plane) {
  std::string all;
  for (std::string_view path : {"meters", "features?includeArchived=true", "plans", "customers", "service-keys",
                                "monetization-configuration", "dead-letters", "plan-invites", "billing/profiles"}) {
    all += plane.get(path).response.body + "\n";
  }
  const Reply subscriptions = plane.get("subscriptions");
  all += subscriptions.response.body;
  for (json::Value one : subscriptions.value("items")) {
    const std::string path = "subscriptions/" + std::string(one.member("id").text());
    for (std::string_view what : {"/api-keys", "/grants", "/invoices"}) {
      all += plane.get(path + std::string(what)).response.body;
    }
  }
  plane.host.kv.clear();
  const int effects = plane.host.pump(plane.bucket, plane.now);
  return all + std::to_string(effects);
}

/// The catalog of `make_catalog`, with something in every state that a request asks for.
struct Prepared {
  explicit Prepared(Plane& plane) {
    plan = plane.make_catalog();
    BOOST_REQUIRE(plane.post("meters", R"({"slug":"unused","eventType":"u","aggregation":"COUNT"})").status() == 201);
    for (std::string_view name : {"unused", "moving"}) {
      const std::string body = R"({"key":")" + std::string(name) + R"(","name":"C"})";
      BOOST_REQUIRE(plane.post("customers", body).status() == 201);
    }
    draft = plane.post("plans/" + plan + "/next")["id"];
    const std::string invitation = R"({"email":"in@acme.example","planId":")" + draft + "\"}";
    invite = "plan-invites/" + plane.post("plan-invites", invitation)["id"];
    default_profile = "billing/profiles/" + plane.post("billing/profiles", R"({"name":"1"})")["id"];
    other_profile = "billing/profiles/" + plane.post("billing/profiles", R"({"name":"2"})")["id"];
    const Reply made = plane.subscribe();
    subscription = "subscriptions/" + made["id"];
    key = subscription + "/api-keys/" + made["apiKey.id"];
    const Reply other = plane.post("subscriptions", R"({"plan":{"key":"starter"},"customerKey":"moving"})");
    moving = "subscriptions/" + other["id"];
    const Reply changed = plane.post(moving + "/change", R"({"plan":{"key":"starter"},"timing":"next_billing_cycle"})");
    BOOST_REQUIRE(changed.status() == 200);
    plane.publish_plan(plan_json("pack", kPackCards));
    grant = subscription + "/grants/" +
            plane.post(subscription + "/grants", R"({"featureKey":"api_requests","amount":5})")["id"];
  }

  std::string plan;                            ///< id
  std::string draft;                           ///< id
  std::string subscription;                    ///< path
  std::string key;                             ///< path of its key
  std::string grant;                           ///< path
  std::string moving;                          ///< path of a subscription with a scheduled successor
  std::string invite;                          ///< path of an invitation to the draft
  std::string default_profile, other_profile;  ///< paths
};

struct Step {
  std::string method, path, body;
};

/// Requests that change something.
std::vector<Step> changes(const Prepared& prepared) {
  return {
      {"POST", "meters", R"({"slug":"m","eventType":"m","aggregation":"COUNT"})"},
      {"PUT", "meters/tokens",
       R"({"slug":"tokens","name":"New","eventType":"tokens","aggregation":"SUM","valueProperty":"$.total"})"},
      {"DELETE", "meters/unused", ""},
      {"POST", "features", R"({"key":"f","name":"F","metadata":{"a":"b"}})"},
      {"DELETE", "features/export", ""},
      {"POST", "plans", plan_json("new", "")},
      {"PUT", "plans/" + prepared.draft, plan_json("starter", "", R"("description":"New",)")},
      {"DELETE", "plans/" + prepared.draft, ""},
      {"POST", "plans/" + prepared.draft + "/publish", ""},
      {"POST", "plans/" + prepared.plan + "/archive", ""},
      {"POST", "plan-invites", R"({"email":"a@b","planId":")" + prepared.plan + "\"}"},
      {"DELETE", prepared.invite, ""},
      {"POST", "billing/profiles", R"({"name":"3","default":true})"},
      {"PUT", prepared.other_profile, R"({"name":"2","default":true})"},
      {"PUT", prepared.default_profile, R"({"name":"New","invoicing":{"draftPeriod":"P1D"}})"},
      {"DELETE", prepared.other_profile, ""},
      {"POST", "customers", R"({"key":"new","name":"New"})"},
      {"PUT", "customers/acme", R"({"key":"acme","name":"New","metadata":{"zuplo_max_payment_overdue_days":"9"}})"},
      {"DELETE", "customers/unused", ""},
      {"POST", "subscriptions", R"({"plan":{"key":"starter"},"customerKey":"unused"})"},
      {"POST", prepared.subscription + "/cancel", R"({"timing":"next_billing_cycle"})"},
      {"POST", prepared.subscription + "/change", R"({"plan":{"key":"starter"}})"},
      {"POST", prepared.subscription + "/change", R"({"plan":{"key":"starter"},"timing":"next_billing_cycle"})"},
      {"POST", prepared.moving + "/cancel", ""},
      {"POST", prepared.moving + "/unschedule-cancelation", ""},
      {"PUT", prepared.subscription + "/payment-status", R"({"status":"failed"})"},
      {"POST", prepared.subscription + "/api-keys", R"({"key":"a-key-made-elsewhere"})"},
      {"POST", prepared.subscription + "/api-keys/roll", ""},
      {"DELETE", prepared.key, ""},
      {"POST", prepared.subscription + "/grants",
       R"({"featureKey":"api_requests","amount":7,"expiresAt":"2027-01-01T00:00:00Z"})"},
      {"DELETE", prepared.grant, ""},
      {"POST", prepared.subscription + "/top-ups", R"({"plan":{"key":"pack"}})"},
      {"PUT", "monetization-configuration", R"({"maxPaymentOverdueDays":7,"planOrder":["starter"]})"},
      {"POST", "service-keys", R"({"name":"n","role":"edge"})"},
      {"POST", "dead-letters", R"({"reason":"r","event":1})"},
  };
}

/// Tries the request with its first statement failing, then with its second, and so on until it goes through: up to
/// then nothing may have changed, and then something must have.
void check_step(Plane& plane, const Step& step) {
  const std::string what = step.method + " " + step.path;
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
    BOOST_TEST(reply.response.body.find("disk") == std::string::npos);
    const bool in_a_ledger =
        reply["code"] == "ledger_unavailable";  // which the request asks before it changes anything
    BOOST_TEST(reply.status() == (in_a_ledger ? 503 : 500), what);
    BOOST_TEST((in_a_ledger || reply["code"] == "storage"));
    BOOST_TEST((in_a_ledger || reply.response.log == "disk I/O error"));
    BOOST_TEST(everything(plane) == before, what << " at statement " << nth);
  }
  BOOST_TEST(failures >= 1, what);
  BOOST_TEST(everything(plane) != before, what);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(transactions)

BOOST_AUTO_TEST_CASE(a_statement_that_fails_leaves_nothing_behind) {
  for (std::size_t i = 0, count = 1; i < count; ++i) {
    Plane plane;
    const Prepared prepared(plane);
    const std::vector<Step> steps = changes(prepared);
    count = steps.size();
    check_step(plane, steps[i]);
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
