#include "tests/unit/control/world/plane.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <vector>

using namespace tollgate;
using namespace tollgate::test;

namespace {

std::string card(std::string_view more) {
  return std::string(R"({"type":"flat_fee","key":"api_requests","name":"R","featureKey":"api_requests",)")
      .append(R"("entitlementTemplate":{"type":"metered",)")
      .append(more)
      .append("}}");
}

/// Acme on a plan of one card.
struct OnPlan : Plane {
  explicit OnPlan(std::string_view more, std::string_view begin = "2026-01-15T10:00:00Z") {
    make_catalog();
    publish_plan(plan_json("plan", card(more)));
    now = at(begin);
    subscribe_to("plan");
  }

  void subscribe_to(std::string_view plan) {
    const Reply made = post("subscriptions", R"({"plan":{"key":")" + std::string(plan) + R"("},"customerKey":"acme"})");
    BOOST_REQUIRE_MESSAGE(made.status() == 201, made.response.body);
    path = "subscriptions/" + made["id"];
    digest = digest_of(made["apiKey.key"]);
  }

  std::string in_snapshot(std::string_view member) {
    return get("snapshots/" + digest)["entitlements.api_requests." + std::string(member)];
  }
  std::string next() { return in_snapshot("nextPeriod"); }

  std::string path;
  std::string digest;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(next_periods)

struct PeriodRow {
  const char* entitlement;
  const char* begin;
  std::vector<const char*> ends;  ///< of the periods, one after the other
  const char* balance;
};
std::ostream& operator<<(std::ostream& out, const PeriodRow& row) { return out << row.entitlement << " " << row.begin; }

const PeriodRow kPeriods[] = {
    {R"("issueAfterReset":20)",
     "2026-01-31T10:00:00Z",
     {"2026-02-28T10:00:00Z", "2026-03-31T10:00:00Z", "2026-04-30T10:00:00Z", "2026-05-31T10:00:00Z"},
     "20"},
    {R"("issueAfterReset":20)",
     "2027-12-31T23:59:59.999Z",
     {"2028-01-31T23:59:59.999Z", "2028-02-29T23:59:59.999Z", "2028-03-31T23:59:59.999Z"},
     "20"},
    {R"("issueAfterReset":"0.5","isSoftLimit":true)",
     "2026-06-01T00:00:00Z",
     {"2026-07-01T00:00:00Z", "2026-08-01T00:00:00Z"},
     "0.5"},
    {R"("isSoftLimit":true)", "2026-06-01T00:00:00Z", {"2026-07-01T00:00:00Z", "2026-08-01T00:00:00Z"}, "0"},
    {R"("issueAfterReset":7,"usagePeriod":"P1W")",
     "2026-02-26T00:00:00Z",
     {"2026-03-05T00:00:00Z", "2026-03-12T00:00:00Z"},
     "7"},
};

// S4.5: what a snapshot says of the next period is what the control plane says when it has begun.
BOOST_DATA_TEST_CASE(the_next_period_is_told_before_it_begins, kPeriods, row) {
  OnPlan plane(row.entitlement, row.begin);
  BOOST_TEST(plane.in_snapshot("period.to") == row.ends[0]);
  for (std::size_t i = 0; i + 1 < row.ends.size(); ++i) {
    const std::string expected =
        R"({"to":")" + std::string(row.ends[i + 1]) + R"(","balance":)" + std::string(row.balance) + "}";
    BOOST_TEST(plane.next() == expected);
    BOOST_REQUIRE(plane
                      .post("events", R"({"specversion":"1.0","source":"t","id":")" + std::to_string(i) +
                                          R"(","type":"api_requests","subject":"s","subscription":")" +
                                          plane.path.substr(14) + R"(","data":{"total":12}})")
                      .status() == 204);
    plane.now = {at(row.ends[i]).ms - 1};
    BOOST_TEST(plane.next() == expected);
    plane.now = at(row.ends[i]);
    BOOST_TEST(plane.in_snapshot("period.to") == row.ends[i + 1]);
    BOOST_TEST(plane.in_snapshot("balance") == row.balance);
  }
}

// S4.5: where it cannot be known, the edge asks.
BOOST_AUTO_TEST_CASE(what_is_not_known_of_the_next_period_is_not_told) {
  BOOST_TEST(OnPlan(R"("issueAfterReset":20,"preserveOverageAtReset":true)").next() == "");
  BOOST_TEST(OnPlan(R"("issueAfterReset":20,"resets":false)").next() == "");

  OnPlan granted(R"("issueAfterReset":20)");
  BOOST_TEST(granted.next() != "");
  const Reply grant = granted.post(granted.path + "/grants", R"({"featureKey":"api_requests","amount":5})");
  BOOST_REQUIRE_MESSAGE(grant.status() == 201, grant.response.body);
  BOOST_TEST(granted.next() == "");

  OnPlan ending(R"("issueAfterReset":20)");
  const std::string whole = ending.next();
  BOOST_REQUIRE(ending.post(ending.path + "/cancel", R"({"timing":"next_billing_cycle"})").status() == 200);
  BOOST_TEST(ending.next() == "");
  BOOST_REQUIRE(ending.post(ending.path + "/unschedule-cancelation").status() == 200);
  BOOST_TEST(ending.next() == whole);
  // It ends in the next period, which is cut short.
  BOOST_REQUIRE(ending.post(ending.path + "/cancel", R"({"timing":"2026-02-20T00:00:00Z"})").status() == 200);
  BOOST_TEST(ending.next() == R"({"to":"2026-02-20T00:00:00Z","balance":20})");

  OnPlan changing(R"("issueAfterReset":20)");
  for (const char* when : {"next_billing_cycle", "2026-02-20T00:00:00Z"}) {
    const std::string body = R"({"plan":{"key":"starter"},"timing":")" + std::string(when) + "\"}";
    BOOST_REQUIRE(changing.post(changing.path + "/change", body).status() == 200);
    BOOST_TEST(changing.next() == "");
    BOOST_REQUIRE(changing.post(changing.path + "/unschedule-cancelation").status() == 200);
    BOOST_TEST(changing.next() == whole);
  }
}

BOOST_AUTO_TEST_CASE(a_phase_ends_its_periods) {
  OnPlan plane(R"("issueAfterReset":20)");
  BOOST_REQUIRE(plane.post(plane.path + "/cancel").status() == 200);
  const std::string phases = R"({"key":"trial","name":"Trial","currency":"USD","billingCadence":"P1M","phases":[
      {"key":"trial","name":"T","duration":"P6W","rateCards":[)" +
                             card(R"("issueAfterReset":1)") + R"(]},{"key":"paid","name":"P","rateCards":[)" +
                             card(R"("issueAfterReset":50)") + "]}]}";
  plane.publish_plan(phases);
  plane.now = at("2026-02-01T00:00:00Z");
  plane.subscribe_to("trial");
  BOOST_TEST(plane.in_snapshot("period.to") == "2026-03-01T00:00:00Z");
  BOOST_TEST(plane.next() == R"({"to":"2026-03-15T00:00:00Z","balance":1})");
  plane.now = at("2026-03-01T00:00:00Z");
  BOOST_TEST(plane.in_snapshot("period.to") == "2026-03-15T00:00:00Z");
  BOOST_TEST(plane.next() == "");
  plane.now = at("2026-03-15T00:00:00Z");
  BOOST_TEST(plane.next() == R"({"to":"2026-05-01T00:00:00Z","balance":50})");
}

BOOST_AUTO_TEST_SUITE_END()
