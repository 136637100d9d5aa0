#include "tests/unit/control/world/plane.h"

#include <boost/test/unit_test.hpp>

using namespace tollgate;
using namespace tollgate::test;

namespace {

using List = std::vector<std::string>;

struct Subscribed : Plane {
  Subscribed() {
    make_catalog();
    made = subscribe();
    digest = digest_of(made["apiKey.key"]);
  }

  Reply made;
  std::string digest;

  Reply snapshot() { return get("snapshots/" + digest); }
  /// What KV holds, as JSON.
  std::string in_kv(std::string_view path) {
    Reply reply;
    reply.document = std::make_shared<json::Document>();
    BOOST_REQUIRE(reply.document->parse(host.kv["snapshot/working-copy/" + digest]).ok());
    return reply[path];
  }
  std::string overdue_days() { return snapshot()["maxPaymentOverdueDays"]; }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(snapshots_and_outbox)

BOOST_AUTO_TEST_CASE(a_snapshot_has_what_the_edge_needs) {
  Subscribed plane;
  BOOST_REQUIRE(plane.ingest(plane.made["id"], "1", "api_requests", "3").status() == 204);
  const Reply reply = plane.snapshot();
  BOOST_REQUIRE(reply.status() == 200);
  BOOST_TEST(reply["id"] == plane.made["id"]);
  BOOST_TEST(reply["status"] == "active");
  BOOST_TEST(reply["currency"] == "USD");
  BOOST_TEST(reply["consumer"] == "acme");
  BOOST_TEST(reply["revision"] == "1");
  BOOST_TEST(reply["maxPaymentOverdueDays"] == "3");
  BOOST_TEST(reply["billingCadence"] == "P1M");
  BOOST_TEST(reply["entitlements.api_requests"] ==
             R"({"type":"metered","hasAccess":true,"balance":17,"usage":3,"overage":0,"isSoftLimit":false,"limit":20,)"
             R"("period":{"from":"2026-01-15T10:00:00Z","to":"2026-02-15T10:00:00Z"},)"
             R"("nextPeriod":{"to":"2026-03-15T10:00:00Z","balance":20}})");
  BOOST_TEST(reply["bucket"] == "working-copy");
  BOOST_TEST(reply["keyDigest"] == plane.digest);
  BOOST_TEST(reply["highWater"] == "{}");
  BOOST_TEST(reply.value("highWaterPartial").absent());
  BOOST_TEST(reply["entitlements.export"] == R"({"type":"boolean","hasAccess":true})");
  BOOST_TEST(reply.value("activeTo").absent());
  BOOST_TEST(reply.value("metadata").absent());
}

// S5: what the ledger has taken in from each edge instance, with the balances that it made.
BOOST_AUTO_TEST_CASE(a_snapshot_says_what_was_taken_in_from_whom) {
  Subscribed plane;
  const std::string instance = "01KNVXHQG356VA7T7W0V9N21GH";
  const auto event = [&](std::string_view number, std::string_view type, std::string_view data) {
    return std::string(R"({"specversion":"1.0","source":"monetization-policy","subject":"s","id":")" + instance + "-")
        .append(number)
        .append(R"(","type":")")
        .append(type)
        .append(R"(","subscription":")" + plane.made["id"] + R"(","data":)")
        .append(data)
        .append("}");
  };
  const std::string batch = "[" + event("1", "api_requests", R"({"total":5,"count":3,"min":1,"max":3,"last":1})") +
                            "," + event("2", "tokens", R"({"total":0.5})") + "," +
                            event("1", "api_requests", R"({"total":7})") + "]";
  BOOST_REQUIRE(plane.post("events", batch).status() == 204);
  BOOST_TEST(plane.snapshot()["highWater"] == "{\"" + instance + R"(":{"api_requests":5,"tokens":0.5}})");
  BOOST_TEST(plane.snapshot()["entitlements.api_requests.balance"] == "15");
  plane.host.pump("working-copy", plane.now);
  BOOST_TEST(plane.in_kv("highWater." + instance + ".tokens") == "0.5");
  // The clock of the bucket forgets nobody: instances live in the machine's time.
  BOOST_REQUIRE(plane.call("PUT", "test-clock", R"({"now":"2026-02-10T00:00:00Z"})").status() == 200);
  std::string other = event("1", "tokens", R"({"total":1})");
  other.replace(other.find("21GH"), 4, "21GJ");
  BOOST_REQUIRE(plane.post("events", other).status() == 204);
  BOOST_TEST(plane.snapshot()["highWater." + instance + ".tokens"] == "0.5");
}

// S2.4: where the days of grace count from.
BOOST_AUTO_TEST_CASE(a_snapshot_says_when_grace_starts) {
  Subscribed plane;
  BOOST_REQUIRE(plane.post("subscriptions/" + plane.made["id"] + "/cancel").status() == 200);
  plane.publish_plan(plan_json("paid", R"({"type":"flat_fee","key":"fee","name":"Fee","billingCadence":"P1M",
    "price":{"type":"flat","amount":"9.00"}})"));
  const Reply made = plane.post("subscriptions", R"({"plan":{"key":"paid"},"customerKey":"acme"})");
  plane.digest = digest_of(made["apiKey.key"]);
  const auto starts_at = [&](std::string_view status) {
    const std::string path = "subscriptions/" + made["id"] + "/payment-status";
    if (!status.empty()) BOOST_REQUIRE(plane.call("PUT", path, status).status() == 200);
    return plane.snapshot()["paymentStatus.graceStartsAt"];
  };
  BOOST_TEST(starts_at("") == "2026-01-15T10:00:00Z");
  BOOST_TEST(plane.snapshot()["paymentDueAt"] == "2026-01-15T10:00:00Z");
  BOOST_TEST(starts_at(R"({"status":"failed","lastPaymentFailedAt":"2026-01-15T09:00:00Z"})") ==
             "2026-01-15T09:00:00Z");
  BOOST_TEST(starts_at(R"({"status":"uncollectible"})") == "");
  BOOST_TEST(starts_at(R"({"status":"paid"})") == "");
}

BOOST_AUTO_TEST_CASE(only_digests_of_keys_are_known) {
  Subscribed plane;
  BOOST_TEST(plane.get("snapshots/" + digest_of("tgk_other")).status() == 404);
  BOOST_TEST(plane.get("snapshots/abc").violations() == List{"digest sha256_hex"}, boost::test_tools::per_element());
  std::string upper = plane.digest;
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  BOOST_TEST(plane.get("snapshots/" + upper).status() == 400);
  plane.host.ledgers_are_down = true;
  BOOST_TEST(plane.snapshot().status() == 503);
}

BOOST_AUTO_TEST_CASE(the_days_of_grace_come_from_customer_plan_bucket) {
  Subscribed plane;
  BOOST_TEST(plane.overdue_days() == "3");
  BOOST_REQUIRE(plane.call("PUT", "monetization-configuration", R"({"maxPaymentOverdueDays":5})").status() == 200);
  BOOST_TEST(plane.overdue_days() == "5");
  const auto customer = [&](std::string_view metadata) {
    return plane.call("PUT", "customers/acme", R"({"key":"acme","name":"A","metadata":)" + std::string(metadata) + "}")
        .status();
  };
  BOOST_REQUIRE(customer(R"({"tollgate_max_payment_overdue_days":0})") == 200);
  BOOST_TEST(plane.overdue_days() == "0");
  BOOST_REQUIRE(customer(R"({"tollgate_max_payment_overdue_days":0,"zuplo_max_payment_overdue_days":"14"})") == 200);
  BOOST_TEST(plane.overdue_days() == "14");
  BOOST_REQUIRE(customer("{}") == 200);
  BOOST_TEST(plane.overdue_days() == "5");
  BOOST_REQUIRE(plane.post("subscriptions/" + plane.made["id"] + "/cancel").status() == 200);
  plane.publish_plan(plan_json("patient", "", R"("metadata":{"zuplo_max_payment_overdue_days":"30"},)"));
  const Reply other = plane.post("subscriptions", R"({"plan":{"key":"patient"},"customerKey":"acme"})");
  plane.digest = digest_of(other["apiKey.key"]);
  BOOST_TEST(plane.overdue_days() == "30");
}

BOOST_AUTO_TEST_CASE(what_changes_a_snapshot_is_written_to_kv) {
  Subscribed plane;
  BOOST_TEST((plane.made.response.work == control::Work::soon));
  BOOST_TEST(plane.host.pump("working-copy", plane.now) == 1);
  BOOST_TEST(plane.in_kv("id") == plane.made["id"]);
  BOOST_TEST(plane.host.pump("working-copy", plane.now) == 0);
  BOOST_REQUIRE(plane.ingest(plane.made["id"], "1", "api_requests", "3").status() == 204);
  BOOST_TEST(plane.host.pump("working-copy", plane.now) == 0);
  BOOST_REQUIRE((plane.call("PUT", "monetization-configuration", R"({"maxPaymentOverdueDays":9})").response.work ==
                 control::Work::soon));
  BOOST_TEST(plane.host.pump("working-copy", plane.now) == 1);
  BOOST_TEST(plane.in_kv("maxPaymentOverdueDays") == "9");
  BOOST_TEST(plane.in_kv("revision") == "2");
  BOOST_TEST(plane.in_kv("entitlements.api_requests.balance") == "17");
  BOOST_REQUIRE((plane.post("subscriptions/" + plane.made["id"] + "/cancel").response.work == control::Work::soon));
  BOOST_TEST(plane.host.pump("working-copy", plane.now) == 1);
  BOOST_TEST(plane.in_kv("status") == "inactive");
  BOOST_TEST(plane.in_kv("revision") == "3");
  BOOST_REQUIRE(plane.call("DELETE", "monetization-configuration").status() == 204);
  BOOST_TEST(plane.host.pump("working-copy", plane.now) == 1);
  BOOST_TEST(plane.in_kv("maxPaymentOverdueDays") == "3");
  BOOST_TEST(
      (plane.call("PUT", "monetization-configuration", R"({"planOrder":[]})").response.work == control::Work::none));
}

BOOST_AUTO_TEST_CASE(an_effect_that_fails_is_tried_again_later_and_later) {
  Subscribed plane;
  plane.host.kv_is_down = true;
  BOOST_TEST(plane.host.pump("working-copy", plane.now) == 1);
  BOOST_TEST(plane.host.pump("working-copy", plane.now) == 0);
  plane.now.ms += 1000;
  BOOST_TEST(plane.host.pump("working-copy", plane.now) == 1);
  plane.now.ms += 1999;
  BOOST_TEST(plane.host.pump("working-copy", plane.now) == 0);
  plane.now.ms += 1;
  plane.host.ledgers_are_down = true;
  BOOST_TEST(plane.host.pump("working-copy", plane.now) == 0);  // the snapshot cannot be made either
  plane.now.ms += 4000;
  plane.host.ledgers_are_down = plane.host.kv_is_down = false;
  BOOST_TEST(plane.host.pump("working-copy", plane.now) == 1);
  BOOST_TEST(plane.in_kv("id") == plane.made["id"]);
  BOOST_TEST(plane.host.pump("working-copy", at("2027-01-01T00:00:00Z")) == 0);
}

BOOST_AUTO_TEST_CASE(a_change_while_an_effect_is_out_is_not_lost) {
  Subscribed plane;
  control::Request request;
  request.entry = control::Entry::host;
  request.object = "working-copy";
  request.method = "POST";
  request.now = plane.now;
  request.target = "/outbox/take";
  const control::Response taken = plane.host.perform(request);
  BOOST_TEST(taken.body.find(R"("generation":1)") != std::string::npos);
  BOOST_REQUIRE(plane.post("subscriptions/" + plane.made["id"] + "/cancel").status() == 200);
  request.target = "/outbox/settle";
  request.body = R"({"done":[{"id":1,"generation":1}]})";
  BOOST_TEST(plane.host.perform(request).body.find(R"("nextAt":)") != std::string::npos);
  BOOST_TEST(plane.host.pump("working-copy", plane.now) == 1);
  BOOST_TEST(plane.in_kv("status") == "inactive");
}

BOOST_AUTO_TEST_SUITE_END()
