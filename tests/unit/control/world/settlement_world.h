#pragma once

#include "control/handle.h"
#include "tests/unit/control/world/grant_world.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

namespace tollgate::test {

/// A rate card whose entitlement has these members.
inline std::string hard_card(std::string_view template_members) {
  return std::string(R"({"type":"flat_fee","key":"api_requests","name":"R","featureKey":"api_requests",
    "entitlementTemplate":{"type":"metered",)")
      .append(template_members)
      .append("}}");
}

/// Further plans: `hourly` (2 an hour), `carrying` (3 a day, overage is carried on), `empty` (0, once).
struct SettlementWorld : GrantWorld {
  SettlementWorld() {
    publish_plan(plan_json("hourly", hard_card(R"("issueAfterReset":2,"usagePeriod":"PT1H")")));
    publish_plan(
        plan_json("carrying", hard_card(R"("issueAfterReset":3,"usagePeriod":"P1D","preserveOverageAtReset":true)")));
    publish_plan(plan_json("empty", hard_card(R"("issueAfterReset":0,"resets":false)")));
  }

  void wait_days(int days) { go(text_of({now.ms + days * kMsPerDay})); }
  std::string access(std::string_view subscription, std::string_view member) {
    return get("subscriptions/" + std::string(subscription) +
               "/access")["entitlements.api_requests." + std::string(member)];
  }
  /// What the bucket answers from this query.
  std::string asked(const char* query) {
    std::string rows;
    BOOST_REQUIRE(host.database(control::Role::bucket, bucket).run(query, control::Bindings().bytes(), rows));
    const control::Rows answer(std::move(rows));
    return answer.first().is_null(0) ? std::string() : std::to_string(answer.first().number(0));
  }
  std::string settled_until() {
    const std::string ms = asked("SELECT settled_until FROM settled_usage");
    return ms.empty() ? ms : text_of({std::stoll(ms)});
  }
  std::string in_use() { return asked("SELECT count(*) FROM grants WHERE in_use = 1"); }
  /// How many spans of usage the ledger is asked for when somebody asks for the balance.
  std::size_t spans_of_a_balance(std::string_view subscription) {
    const std::string target = "/v3/metering/" + bucket + "/subscriptions/" + std::string(subscription) + "/access";
    const std::string authorization = "Bearer " + key;
    const std::string seed(control::kSeedBytes, 's');
    control::Request request;
    request.object = bucket;
    request.method = "GET";
    request.target = target;
    request.headers = {{"authorization", authorization}};
    request.now = now;
    request.seed = seed;
    request.settings = {operator_key, local};
    auto& database = host.database(control::Role::bucket, bucket);
    database.begin();
    const control::Response response = control::handle(request, database);
    database.rollback();
    std::size_t count = 0;
    for (const control::ObjectRequest& need : response.needs) {
      for (std::size_t at = 0; (at = need.body.find("\"key\"", at)) != std::string::npos; ++at) ++count;
    }
    return count;
  }
};

}  // namespace tollgate::test
