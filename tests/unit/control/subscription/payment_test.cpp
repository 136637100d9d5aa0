#include "tests/unit/control/world/plane.h"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace tollgate;
using namespace tollgate::test;

namespace {

using List = std::vector<std::string>;

/// A week free, then 29.00 a month in advance.
constexpr std::string_view kTrialPlan = R"({"key":"trial","name":"Trial","currency":"USD","billingCadence":"P1M",
  "phases":[{"key":"trial","name":"Trial","duration":"P1W","rateCards":[]},
    {"key":"paid","name":"Paid","rateCards":[{"type":"flat_fee","key":"fee","name":"Fee","billingCadence":"P1M",
      "price":{"type":"flat","amount":"29.00"}}]}]})";

struct OnTrial : Plane {
  Reply made;
  std::string path;

  OnTrial() {
    make_catalog();
    publish_plan(kTrialPlan);
    made = post("subscriptions", R"({"plan":{"key":"trial"},"customerKey":"acme"})");
    BOOST_REQUIRE_MESSAGE(made.status() == 201, made.response.body);
    path = "subscriptions/" + made["id"];
  }

  Reply pay(std::string_view body) { return call("PUT", path + "/payment-status", body); }
  std::string payment() { return get(path)["paymentStatus"]; }
  Reply snapshot() { return get("snapshots/" + digest_of(made["apiKey.key"])); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(payment_status)

BOOST_FIXTURE_TEST_CASE(a_trial_is_pending_when_it_ends, OnTrial) {
  BOOST_TEST(payment() == R"({"status":"not_required","isFirstPayment":true})");
  BOOST_TEST(snapshot().value("paymentDueAt").absent());
  now = at("2026-01-22T10:00:00Z");
  BOOST_TEST(payment() == R"({"status":"pending","isFirstPayment":true})");
  BOOST_TEST(snapshot()["paymentDueAt"] == "2026-01-22T10:00:00Z");
  BOOST_TEST(snapshot()["currentPhase"] == "");
  now = at("2026-02-23T00:00:00Z");
  BOOST_TEST(snapshot()["paymentDueAt"] == "2026-02-22T10:00:00Z");
}

BOOST_FIXTURE_TEST_CASE(a_payment_during_the_trial_counts, OnTrial) {
  BOOST_TEST(pay(R"({"status":"paid"})")["paymentStatus.status"] == "paid");
  now = at("2026-01-22T10:00:00Z");
  BOOST_TEST(get(path)["paymentStatus.isFirstPayment"] == "false");
}

BOOST_FIXTURE_TEST_CASE(what_a_provider_reports_is_answered_and_told_to_the_edge, OnTrial) {
  now = at("2026-01-23T00:00:00Z");
  const std::string revision = get(path)["revision"];
  const Reply failed = pay(R"({"status":"failed","lastPaymentFailedAt":"2026-01-22T12:00:00Z"})");
  BOOST_TEST(failed.status() == 200);
  BOOST_TEST(failed["paymentStatus"] ==
             R"({"status":"failed","isFirstPayment":true,"lastPaymentFailedAt":"2026-01-22T12:00:00Z"})");
  BOOST_TEST(std::stoll(failed["revision"]) == std::stoll(revision) + 1);
  BOOST_TEST((failed.response.work == control::Work::soon));
  BOOST_TEST(failed.value("accessBlocked").absent());
  BOOST_TEST(pay(R"({"status":"failed"})")["paymentStatus.lastPaymentFailedAt"] == "2026-01-23T00:00:00Z");
  const Reply blocked = pay(R"({"status":"uncollectible","accessBlocked":true})");
  BOOST_TEST(blocked["accessBlocked"] == "true");
  BOOST_TEST(blocked["paymentStatus.lastPaymentFailedAt"] == "2026-01-23T00:00:00Z");
  BOOST_TEST(snapshot()["accessBlocked"] == "true");
  const Reply paid = pay(R"({"status":"paid","lastPaymentSucceededAt":"2026-01-22T23:00:00Z","accessBlocked":false})");
  BOOST_TEST(paid["paymentStatus"] ==
             R"({"status":"paid","isFirstPayment":false,"lastPaymentSucceededAt":"2026-01-22T23:00:00Z"})");
  BOOST_TEST(paid.value("accessBlocked").absent());
}

BOOST_FIXTURE_TEST_CASE(a_report_tells_what_is_wrong_with_it, OnTrial) {
  struct Case {
    std::string_view body;
    List violations;
  };
  const Case cases[] = {
      {"{}", {"status required"}},
      {R"({"status":"settled","accessBlocked":"no","note":1})",
       {"accessBlocked type", "note unknown_field", "status one_of"}},
      {R"({"status":"failed","lastPaymentFailedAt":"2026-01-15T10:00:01Z","lastPaymentSucceededAt":"today"})",
       {"lastPaymentFailedAt not_future", "lastPaymentSucceededAt date_time"}},
  };
  for (const Case& one : cases) {
    const Reply reply = pay(one.body);
    BOOST_TEST(reply.status() == 400);
    BOOST_TEST(reply.violations() == one.violations, boost::test_tools::per_element());
  }
  BOOST_TEST(call("PUT", "subscriptions/none/payment-status", R"({"status":"paid"})").status() == 404);
  key = post("service-keys", R"({"name":"n","role":"portal"})")["key"];
  BOOST_TEST(pay(R"({"status":"paid"})").status() == 403);
}

BOOST_AUTO_TEST_SUITE_END()
