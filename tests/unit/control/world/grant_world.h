#pragma once

#include "tests/unit/control/world/invoice_world.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

namespace tollgate::test {

/// The plans of an `InvoiceWorld`, further `prepaid` (50 api_requests for 20.00, once), `monthly` (20 a month, hard)
/// and the pack `pack` (100 for 10.00).
struct GrantWorld : InvoiceWorld {
  GrantWorld() {
    publish_plan(plan_json("prepaid", R"({"type":"flat_fee","key":"api_requests","name":"R","featureKey":"api_requests",
      "price":{"type":"flat","amount":"20"},
      "entitlementTemplate":{"type":"metered","issueAfterReset":50,"resets":false}})"));
    publish_plan(plan_json("monthly", R"({"type":"flat_fee","key":"api_requests","name":"R","featureKey":"api_requests",
      "entitlementTemplate":{"type":"metered","issueAfterReset":20}})"));
    publish_plan(plan_json("pack", kPackCards));
  }

  /// Gives api_requests; the grant's id.
  std::string grant(std::string_view subscription, std::string_view amount, std::string_view more = {}) {
    const Reply made =
        post("subscriptions/" + std::string(subscription) + "/grants",
             std::string(R"({"featureKey":"api_requests","amount":)").append(amount).append(more).append("}"));
    BOOST_REQUIRE_MESSAGE(made.status() == 201, made.response.body);
    return made["id"];
  }
  /// Uses api_requests now.
  void spend(std::string_view subscription, std::string_view total) {
    use(subscription, "api_requests", total, text_of(now));
  }
  Reply top_up(std::string_view subscription, std::string_view pack = "pack") {
    Reply made = post("subscriptions/" + std::string(subscription) + "/top-ups",
                      std::string(R"({"plan":{"key":")").append(pack).append(R"("}})"));
    host.run_timers(bucket, now);
    return made;
  }
  std::string balance(std::string_view subscription) {
    return get("subscriptions/" + std::string(subscription) + "/access")["entitlements.api_requests.balance"];
  }
  /// `amount remaining` of all grants, in the order in which they were made.
  Texts grants(std::string_view subscription) {
    Texts texts;
    const Reply list = get("subscriptions/" + std::string(subscription) + "/grants");
    for (json::Value one : list.value("items")) {
      texts.push_back(std::string(one.member("amount").text()).append(" ").append(one.member("remaining").text()));
    }
    return texts;
  }
};

}  // namespace tollgate::test
