#include "tests/unit/control/world/plane.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace tollgate;
using namespace tollgate::test;

namespace {

using List = std::vector<std::string>;

/// 29.00 a month in advance, with 10 000 requests.
constexpr std::string_view kProCards = R"({"type":"flat_fee","key":"fee","name":"Fee","billingCadence":"P1M",
  "price":{"type":"flat","amount":"29.00","paymentTerm":"in_advance"}},
  {"type":"flat_fee","key":"api_requests","name":"R","featureKey":"api_requests",
   "entitlementTemplate":{"type":"metered","issueAfterReset":10000}})";

constexpr std::string_view kTeamCards = R"({"type":"flat_fee","key":"fee","name":"Fee","billingCadence":"P1M",
  "price":{"type":"flat","amount":"99.00"}})";

/// Acme on the plan `pro`; above it `team`, below it `starter`, beside it `yearly`.
struct OnPro : Plane {
  Reply made;
  std::string path;
  std::string key_digest;

  OnPro() {
    make_catalog();
    publish_plan(plan_json("pro", kProCards));
    publish_plan(plan_json("team", kTeamCards));
    std::string yearly = plan_json("yearly", "");
    yearly.replace(yearly.find("P1M"), 3, "P1Y");
    publish_plan(yearly);
    call("PUT", "monetization-configuration", R"({"planOrder":["starter","pro","team"]})");
    made = post("subscriptions", R"({"plan":{"key":"pro"},"customerKey":"acme","metadata":{"a":"b"}})");
    BOOST_REQUIRE_MESSAGE(made.status() == 201, made.response.body);
    path = "subscriptions/" + made["id"];
    key_digest = digest_of(made["apiKey.key"]);
    run();
  }

  /// What is due is done, as the host does it.
  void run() {
    host.run_timers(bucket, now);
    host.pump(bucket, now);
  }
  void run_at(std::string_view instant) {
    now = at(instant);
    run();
  }
  Reply change(std::string_view plan, std::string_view more = "") {
    return post(path + "/change", R"({"plan":{"key":")" + std::string(plan) + R"("})" + std::string(more) + "}");
  }
  Reply estimate(std::string_view plan, std::string_view more = "") {
    return post(path + "/change/estimate-credit",
                R"({"plan":{"key":")" + std::string(plan) + R"("})" + std::string(more) + "}");
  }
  Reply pay(std::string_view body) { return call("PUT", path + "/payment-status", body); }
  Reply read(const std::string& id) { return get("subscriptions/" + id); }
  /// What the edge is told of the key.
  std::string in_kv(std::string_view member) {
    Reply reply;
    reply.document = std::make_shared<json::Document>();
    BOOST_REQUIRE(reply.document->parse(host.kv["snapshot/working-copy/" + key_digest]).ok());
    return reply[member];
  }
};

constexpr std::string_view kAtCycleEnd = R"(,"timing":"next_billing_cycle")";

}  // namespace

BOOST_AUTO_TEST_SUITE(plan_changes)

BOOST_FIXTURE_TEST_CASE(an_upgrade_takes_effect_at_once_and_the_key_moves, OnPro) {
  run_at("2026-01-30T10:00:00Z");
  const std::int64_t revision = std::stoll(in_kv("revision"));
  BOOST_REQUIRE(ingest(made["id"], "1", "api_requests", "7").status() == 204);
  const Reply changed = change("team");
  BOOST_REQUIRE_MESSAGE(changed.status() == 200, changed.response.body);
  BOOST_TEST(changed["current.id"] == made["id"]);
  BOOST_TEST(changed["current.status"] == "inactive");
  BOOST_TEST(changed["current.activeTo"] == "2026-01-30T10:00:00Z");
  BOOST_TEST(changed["current.nextId"] == changed["next.id"]);
  BOOST_TEST(changed["next.previousId"] == made["id"]);
  BOOST_TEST(changed["next.status"] == "active");
  BOOST_TEST(changed["next.plan.key"] == "team");
  BOOST_TEST(changed["next.activeFrom"] == "2026-01-30T10:00:00Z");
  BOOST_TEST(changed["next.billingAnchor"] == "2026-01-30T10:00:00Z");
  BOOST_TEST(changed["next.metadata"] == R"({"a":"b"})");
  BOOST_TEST(changed.value("next.apiKey").absent());
  run();
  BOOST_TEST(in_kv("id") == changed["next.id"]);
  BOOST_TEST(in_kv("plan.key") == "team");
  BOOST_TEST(std::stoll(in_kv("revision")) > revision);
  BOOST_TEST(get("subscriptions/" + changed["next.id"] + "/api-keys")["items.0.id"] == made["apiKey.id"]);
  BOOST_TEST(get(path + "/api-keys")["totalCount"] == "0");
  BOOST_TEST(change("starter")["code"] == "subscription_inactive");
}

BOOST_FIXTURE_TEST_CASE(the_next_one_begins_with_fresh_usage, OnPro) {
  BOOST_REQUIRE(ingest(made["id"], "1", "api_requests", "7").status() == 204);
  run_at("2026-01-16T00:00:00Z");
  const Reply changed = change("pro");
  BOOST_TEST(get(path + "/access")["entitlements.api_requests.usage"] == "7");
  const Reply access = get("subscriptions/" + changed["next.id"] + "/access");
  BOOST_TEST(access["entitlements.api_requests"] ==
             R"({"type":"metered","hasAccess":true,"balance":10000,"usage":0,"overage":0})");
}

BOOST_FIXTURE_TEST_CASE(a_downgrade_waits_for_the_end_of_the_cycle, OnPro) {
  const Reply changed = change("starter");
  BOOST_REQUIRE_MESSAGE(changed.status() == 200, changed.response.body);
  BOOST_TEST(changed["current.status"] == "canceled");
  BOOST_TEST(changed["current.activeTo"] == "2026-02-15T10:00:00Z");
  BOOST_TEST(changed["next.status"] == "scheduled");
  BOOST_TEST(changed["next.activeFrom"] == "2026-02-15T10:00:00Z");
  BOOST_TEST(changed["next.billingAnchor"] == "2026-01-15T10:00:00Z");
  run();
  // The key goes on, so the edge is told of no end.
  BOOST_TEST(in_kv("id") == made["id"]);
  BOOST_TEST(in_kv("activeTo") == "");
  // Changes of the old one until then may not leave the new one behind.
  for (int i = 0; i < 3; ++i) BOOST_REQUIRE(pay(R"({"status":"paid"})").status() == 200);
  run();
  const std::int64_t revision = std::stoll(in_kv("revision"));
  run_at("2026-02-15T10:00:00Z");
  BOOST_TEST(in_kv("id") == changed["next.id"]);
  BOOST_TEST(in_kv("plan.key") == "starter");
  BOOST_TEST(std::stoll(in_kv("revision")) > revision);
  BOOST_TEST(read(made["id"])["status"] == "inactive");
  BOOST_TEST(read(changed["next.id"])["status"] == "active");
  BOOST_TEST(subscribe()["code"] == "subscription_in_effect");
}

BOOST_FIXTURE_TEST_CASE(a_hand_over_that_fails_is_made_up_for, OnPro) {
  const Reply changed = change("starter");
  run();
  now = at("2026-02-15T10:00:00Z");
  control::Request request;
  request.entry = control::Entry::host;
  request.object = bucket;
  request.method = "POST";
  request.target = "/timers/run";
  request.now = now;
  int failures = 0;
  for (std::int64_t nth = 1;; ++nth, ++failures) {
    host.failing_statement = nth;
    const int status = host.perform(request).status;
    host.failing_statement = 0;
    if (status != 500) break;
    // Nothing has happened: the outbox is empty, and the key is still where it was.
    BOOST_TEST(host.pump(bucket, now) == 0);
    BOOST_TEST(in_kv("id") == made["id"]);
  }
  BOOST_TEST(failures > 10);
  run();
  BOOST_TEST(in_kv("id") == changed["next.id"]);
}

BOOST_FIXTURE_TEST_CASE(without_an_order_a_change_is_an_upgrade, OnPro) {
  call("DELETE", "monetization-configuration");
  BOOST_TEST(change("starter")["next.status"] == "active");
}

BOOST_FIXTURE_TEST_CASE(timing_and_anchor_are_as_asked_for, OnPro) {
  BOOST_TEST(change("team", kAtCycleEnd)["next.activeFrom"] == "2026-02-15T10:00:00Z");
  BOOST_REQUIRE(post(path + "/unschedule-cancelation").status() == 200);
  const Reply later = change("team", R"(,"timing":"2026-01-20T00:00:00Z","name":"N","description":"D","metadata":{})");
  BOOST_TEST(later["next.billingAnchor"] == "2026-01-20T00:00:00Z");
  BOOST_TEST(later["next.name"] == "N");
  BOOST_TEST(later["next.description"] == "D");
  BOOST_TEST(later["next.metadata"] == "{}");
  BOOST_REQUIRE(post(path + "/unschedule-cancelation").status() == 200);
  // The boundary of the month lies on no boundary of years that are counted from the old anchor.
  BOOST_TEST(change("yearly", kAtCycleEnd)["next.billingAnchor"] == "2026-02-15T10:00:00Z");
  BOOST_REQUIRE(post(path + "/unschedule-cancelation").status() == 200);
  const Reply now = change("starter", R"(,"timing":"immediate","billingAnchor":"2026-01-01T00:00:00Z",
      "alignment":{"billablesMustAlign":true}})");
  BOOST_TEST(now.status() == 400);
  const Reply anchored = change("starter", R"(,"timing":"immediate","billingAnchor":"2026-01-01T00:00:00Z",
      "alignment":{"billablesMustAlign":true})");
  BOOST_TEST(anchored["next.billingAnchor"] == "2026-01-01T00:00:00Z");
  BOOST_TEST(anchored["next.nextBillingDate"] == "2026-02-01T00:00:00Z");
  BOOST_TEST(anchored["next.alignment.billablesMustAlign"] == "true");
}

BOOST_FIXTURE_TEST_CASE(a_body_tells_what_is_wrong_with_it, OnPro) {
  std::string euro = plan_json("euro", "");
  euro.replace(euro.find("USD"), 3, "EUR");
  publish_plan(euro);
  struct Case {
    std::string_view body;
    List violations;
  };
  const Case cases[] = {
      {"{}", {"plan required"}},
      {R"({"plan":{"key":"none"},"customerKey":"acme"})", {"customerKey unknown_field", "plan.key exists"}},
      {R"({"plan":{"key":"team"},"timing":"2026-01-15T09:59:59Z","startingPhase":"first"})",
       {"startingPhase exists", "timing not_past"}},
      {R"({"plan":{"key":"euro"}})", {"plan.key currency"}},
      {R"({"plan":{"key":"team"},"timing":"9999-12-31T00:00:00Z"})", {"timing range"}},
  };
  for (const Case& one : cases) {
    for (std::string_view route : {"/change", "/change/estimate-credit"}) {
      const Reply reply = post(path + std::string(route), one.body);
      BOOST_TEST(reply.status() == 400);
      BOOST_TEST(reply.violations() == one.violations, boost::test_tools::per_element());
    }
  }
  BOOST_TEST(get("subscriptions")["totalCount"] == "1");
  BOOST_TEST(post("subscriptions/01KNVXHQG356VA7T7W0V9N21GH/change", R"({"plan":{"key":"team"}})").status() == 404);
}

BOOST_FIXTURE_TEST_CASE(one_change_at_a_time, OnPro) {
  const Reply changed = change("starter");
  BOOST_TEST(change("team")["code"] == "change_scheduled");
  path = "subscriptions/" + changed["next.id"];
  BOOST_TEST(change("team")["code"] == "change_scheduled");
  BOOST_TEST(get("subscriptions")["totalCount"] == "2");
}

BOOST_FIXTURE_TEST_CASE(a_change_that_was_scheduled_can_be_withdrawn, OnPro) {
  const Reply changed = change("starter");
  const Reply back = post(path + "/unschedule-cancelation");
  BOOST_REQUIRE(back.status() == 200);
  BOOST_TEST(back["status"] == "active");
  BOOST_TEST(back.value("activeTo").absent());
  BOOST_TEST(back.value("nextId").absent());
  BOOST_TEST(read(changed["next.id"])["status"] == "inactive");
  run_at("2026-02-15T10:00:00Z");
  BOOST_TEST(in_kv("id") == made["id"]);
  BOOST_TEST(in_kv("status") == "active");
  BOOST_TEST(change("team")["next.status"] == "active");
}

BOOST_FIXTURE_TEST_CASE(canceling_ends_what_would_have_followed, OnPro) {
  const Reply changed = change("starter");
  const Reply canceled = post(path + "/cancel", R"({"timing":"next_billing_cycle"})");
  BOOST_TEST(canceled["activeTo"] == "2026-02-15T10:00:00Z");
  BOOST_TEST(canceled.value("nextId").absent());
  run();
  BOOST_TEST(in_kv("activeTo") == "2026-02-15T10:00:00Z");
  run_at("2026-02-15T10:00:00Z");
  BOOST_TEST(in_kv("status") == "inactive");
  BOOST_TEST(read(changed["next.id"])["status"] == "inactive");
}

BOOST_FIXTURE_TEST_CASE(a_successor_can_be_canceled_by_itself, OnPro) {
  const Reply changed = change("starter");
  run();
  BOOST_TEST(in_kv("activeTo") == "");
  BOOST_TEST(post("subscriptions/" + changed["next.id"] + "/cancel").status() == 200);
  run();
  BOOST_TEST(in_kv("activeTo") == "2026-02-15T10:00:00Z");
  BOOST_TEST(read(made["id"]).value("nextId").absent());
  BOOST_TEST(change("team")["next.status"] == "active");
}

BOOST_FIXTURE_TEST_CASE(a_subscription_in_its_wind_down_can_be_changed_until_it_ends, OnPro) {
  BOOST_REQUIRE(post(path + "/cancel", R"({"timing":"2026-02-01T00:00:00Z"})").status() == 200);
  BOOST_TEST(change("team", kAtCycleEnd)["code"] == "ends_before_change");
  BOOST_TEST(change("team", R"(,"timing":"2026-02-01T00:00:01Z")")["code"] == "ends_before_change");
  const Reply changed = change("team");
  BOOST_TEST(changed["current.activeTo"] == "2026-01-15T10:00:00Z");
  BOOST_TEST(changed["next.status"] == "active");
}

BOOST_FIXTURE_TEST_CASE(a_change_at_the_end_of_the_wind_down_leaves_no_gap, OnPro) {
  BOOST_REQUIRE(post(path + "/cancel", R"({"timing":"next_billing_cycle"})").status() == 200);
  BOOST_REQUIRE(change("team", kAtCycleEnd).status() == 200);
  run();
  BOOST_TEST(in_kv("activeTo") == "");
  run_at("2026-02-15T10:00:00Z");
  BOOST_TEST(in_kv("plan.key") == "team");
}

BOOST_FIXTURE_TEST_CASE(other_subscriptions_count, OnPro) {
  BOOST_REQUIRE(post(path + "/cancel", R"({"timing":"next_billing_cycle"})").status() == 200);
  BOOST_REQUIRE(post("subscriptions", R"({"plan":{"key":"starter"},"customerKey":"acme",
      "timing":"2026-02-15T10:00:00Z"})")
                    .status() == 201);
  BOOST_TEST(change("team")["code"] == "subscription_in_effect");
  call("PUT", "monetization-configuration", R"({"multipleSubscriptionsEnabled":true})");
  BOOST_TEST(change("team").status() == 200);
}

BOOST_FIXTURE_TEST_CASE(a_private_plan_is_for_those_who_are_invited, OnPro) {
  const std::string secret = publish_plan(plan_json("secret", "", R"("metadata":{"zuplo_private_plan":"true"},)"));
  const std::string operator_key = key;
  const std::string portal = post("service-keys", R"({"name":"n","role":"portal"})")["key"];
  key = portal;
  BOOST_TEST(change("secret")["code"] == "plan_private");
  BOOST_TEST(estimate("secret")["code"] == "plan_private");
  key = operator_key;
  call("PUT", "customers/acme", R"({"key":"acme","name":"Acme","primaryEmail":"a@example.com"})");
  BOOST_REQUIRE(post("plan-invites", R"({"email":"A@example.com","planId":")" + secret + R"("})").status() == 201);
  key = portal;
  BOOST_TEST(change("secret").status() == 200);
}

BOOST_FIXTURE_TEST_CASE(the_payment_goes_along, OnPro) {
  struct Case {
    std::string_view report, plan, expected;
  };
  const Case cases[] = {
      {"", "team", R"({"status":"pending","isFirstPayment":true})"},
      {R"({"status":"paid"})", "team",
       R"({"status":"pending","isFirstPayment":false,"lastPaymentSucceededAt":"2026-01-15T10:00:00Z"})"},
      {R"({"status":"paid"})", "starter",
       R"({"status":"not_required","isFirstPayment":false,"lastPaymentSucceededAt":"2026-01-15T10:00:00Z"})"},
      {R"({"status":"failed"})", "team",
       R"({"status":"failed","isFirstPayment":true,"lastPaymentFailedAt":"2026-01-15T10:00:00Z"})"},
      {R"({"status":"failed"})", "starter", R"({"status":"not_required","isFirstPayment":false})"},
  };
  for (const Case& one : cases) {
    OnPro fresh;
    if (!one.report.empty()) BOOST_REQUIRE(fresh.pay(one.report).status() == 200);
    BOOST_TEST(fresh.change(one.plan, R"(,"timing":"immediate")")["next.paymentStatus"] == one.expected);
  }
  // What happens to the old one until the new one begins counts as well.
  const Reply changed = change("team", kAtCycleEnd);
  BOOST_TEST(changed["next.paymentStatus"] == R"({"status":"pending","isFirstPayment":true})");
  BOOST_REQUIRE(pay(R"({"status":"paid","accessBlocked":true})").status() == 200);
  run_at("2026-02-15T10:00:00Z");
  BOOST_TEST(read(changed["next.id"])["paymentStatus"] ==
             R"({"status":"pending","isFirstPayment":false,"lastPaymentSucceededAt":"2026-01-15T10:00:00Z"})");
  BOOST_TEST(in_kv("accessBlocked") == "true");
}

BOOST_FIXTURE_TEST_CASE(a_repetition_changes_nothing, OnPro) {
  const Plane::Extra extra{.idempotency_key = "once"};
  const Reply first = call("POST", path + "/change", R"({"plan":{"key":"team"}})", extra);
  const Reply again = call("POST", path + "/change", R"({"plan":{"key":"team"}})", extra);
  BOOST_TEST(first.status() == 200);
  BOOST_TEST(again.response.body == first.response.body);
  BOOST_TEST(get("subscriptions")["totalCount"] == "2");
}

BOOST_FIXTURE_TEST_CASE(a_scheduled_subscription_can_be_changed_before_it_begins, OnPro) {
  BOOST_REQUIRE(post(path + "/cancel").status() == 200);
  const Reply later = post("subscriptions", R"({"plan":{"key":"starter"},"customerKey":"acme",
      "timing":"2026-02-01T00:00:00Z"})");
  path = "subscriptions/" + later["id"];
  key_digest = digest_of(later["apiKey.key"]);
  const Reply changed = change("pro");
  BOOST_TEST(changed["current.status"] == "inactive");
  BOOST_TEST(changed["next.status"] == "active");
  run();
  BOOST_TEST(in_kv("id") == changed["next.id"]);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(credits_of_changes)

BOOST_FIXTURE_TEST_CASE(the_credit_of_the_specification, OnPro) {
  // Half of the 31 days is gone, and 7 000 of 10 000 used.
  now = at("2026-01-30T22:00:00Z");
  BOOST_REQUIRE(ingest(made["id"], "1", "api_requests", "7000").status() == 204);
  const std::string before = get("subscriptions").response.body;
  const Reply reply = estimate("team");
  BOOST_REQUIRE_MESSAGE(reply.status() == 200, reply.response.body);
  BOOST_TEST(reply.response.body == R"({"currency":"USD","credit":"8.70","effectiveAt":"2026-01-30T22:00:00Z",)"
                                    R"("consumed":{"time":"0.5","quota":"0.7"}})");
  BOOST_TEST(get("subscriptions").response.body == before);
}

BOOST_FIXTURE_TEST_CASE(a_change_at_the_end_of_the_cycle_gives_none, OnPro) {
  BOOST_TEST(estimate("starter").response.body ==
             R"({"currency":"USD","credit":"0.00","effectiveAt":"2026-02-15T10:00:00Z","consumed":{"time":"1"}})");
  BOOST_TEST(estimate("team", R"(,"timing":"2026-02-15T10:00:00Z")")["credit"] == "0.00");
}

BOOST_FIXTURE_TEST_CASE(a_change_at_a_later_time_is_estimated_as_of_then, OnPro) {
  const Reply reply = estimate("team", R"(,"timing":"2026-01-30T22:00:00Z")");
  BOOST_TEST(reply["credit"] == "14.50");
  BOOST_TEST(reply["consumed.quota"] == "0");
}

BOOST_FIXTURE_TEST_CASE(a_plan_without_proration_gives_none, OnPro) {
  publish_plan(plan_json("rigid", kProCards, R"("proRatingConfig":{"enabled":false},)"));
  path = "subscriptions/" + change("rigid")["next.id"];
  BOOST_TEST(estimate("team")["credit"] == "0.00");
}

BOOST_FIXTURE_TEST_CASE(a_ledger_that_does_not_answer_is_an_outage, OnPro) {
  host.ledgers_are_down = true;
  BOOST_TEST(estimate("team").status() == 503);
  BOOST_TEST(change("team").status() == 200);
}

BOOST_AUTO_TEST_SUITE_END()
