#include "tests/unit/control/world/settlement_world.h"

namespace {

using namespace tollgate;
using namespace tollgate::test;

BOOST_FIXTURE_TEST_SUITE(settling_of_prepaid_usage, SettlementWorld)

BOOST_AUTO_TEST_CASE(what_was_used_of_a_grant_stays_used_however_many_periods_go_by) {
  const std::string id = subscribe_to("hourly");
  grant(id, "10");
  spend(id, "7");
  for (int month = 0; month < 6; ++month) {
    wait_days(30);
    BOOST_TEST(balance(id) == "7");
  }
  BOOST_TEST(grants(id) == Texts{"10 5"}, boost::test_tools::per_element());
  // 43 days of hours, and the one under way.
  BOOST_TEST(spans_of_a_balance(id) <= 43U * 24 + 1);
  spend(id, "3");
  BOOST_TEST(balance(id) == "4");
}

BOOST_AUTO_TEST_CASE(late_usage_counts_in_its_own_period_whatever_is_settled) {
  const std::string id = subscribe_to("hourly");
  grant(id, "10", R"(,"expiresAt":"2026-03-20T00:00:00Z")");
  grant(id, "10");
  wait_days(80);  // 5 April
  BOOST_TEST(settled_until() == "2026-02-26T00:00:00Z");
  use(id, "api_requests", "5", "2026-03-19T23:30:00Z");
  use(id, "api_requests", "6", "2026-03-20T00:30:00Z");
  BOOST_TEST(grants(id) == (Texts{"10 0", "10 6"}), boost::test_tools::per_element());
  BOOST_TEST(balance(id) == "8");
  use(id, "api_requests", "9", "2026-03-01T12:00:00Z");  // the older grant expired with what it had left then
  BOOST_TEST(grants(id) == (Texts{"10 0", "10 6"}), boost::test_tools::per_element());
  use(id, "api_requests", "1", "2026-03-19T23:40:00Z");
  BOOST_TEST(balance(id) == "7");
}

BOOST_AUTO_TEST_CASE(grants_that_are_used_up_make_room_and_stay_listed) {
  const std::string id = subscribe_to("empty");
  for (int i = 0; i < 200; ++i) grant(id, "1");
  spend(id, "200");
  BOOST_TEST(balance(id) == "0");
  const std::string path = "subscriptions/" + id + "/grants";
  const std::string one = R"({"featureKey":"api_requests","amount":1})";
  wait_days(35);
  BOOST_TEST(post(path, one)["code"] == "too_many_grants");
  wait_days(9);
  BOOST_TEST(in_use() == "0");
  BOOST_TEST(spans_of_a_balance(id) == 1U);
  BOOST_TEST(post(path, one).status() == 201);
  BOOST_TEST(balance(id) == "1");
  BOOST_TEST(access(id, "usage") == "200");
  const Reply page = get(path + "?page=3&pageSize=100");
  BOOST_TEST(page["totalCount"] == "201");
  BOOST_TEST(page["items.0.remaining"] == "1");
  BOOST_TEST(get(path)["items.0.remaining"] == "0");
}

BOOST_AUTO_TEST_CASE(what_expired_or_was_voided_makes_room_too) {
  const std::string id = subscribe_to("monthly");
  grant(id, "5", R"(,"expiresAt":"2026-01-16T10:00:00Z")");
  const std::string spoilt = grant(id, "5");
  grant(id, "5");
  BOOST_TEST(call("DELETE", "subscriptions/" + id + "/grants/" + spoilt).status() == 204);
  BOOST_TEST(in_use() == "2");  // nothing was ever used of the voided one
  wait_days(50);
  BOOST_TEST(in_use() == "1");
  BOOST_TEST(balance(id) == "25");
  BOOST_TEST(grants(id) == (Texts{"5 0", "5 0", "5 5"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_grant_may_be_voided_after_part_of_it_is_settled) {
  const std::string id = subscribe_to("empty");
  const std::string given = grant(id, "10");
  spend(id, "4");
  wait_days(50);
  spend(id, "3");
  BOOST_TEST(call("DELETE", "subscriptions/" + id + "/grants/" + given).status() == 204);
  BOOST_TEST(get("subscriptions/" + id + "/grants")["items.0.voided"] == "3");
  BOOST_TEST(balance(id) == "0");
  wait_days(50);
  BOOST_TEST(in_use() == "0");
  BOOST_TEST(balance(id) == "0");
  BOOST_TEST(access(id, "usage") == "7");
}

BOOST_AUTO_TEST_CASE(an_allowance_that_does_not_reset_is_settled_in_the_middle) {
  const std::string id = subscribe_to("prepaid");
  grant(id, "10", R"(,"priority":1)");
  spend(id, "30");
  wait_days(60);
  BOOST_TEST(settled_until() != "");
  BOOST_TEST(balance(id) == "30");
  spend(id, "25");
  BOOST_TEST(access(id, "usage") == "55");
  BOOST_TEST(grants(id) == Texts{"10 5"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(phases_are_settled_one_after_the_other) {
  const auto phase = [](std::string_view key, std::string_view duration, const std::string& cards) {
    return std::string(R"({"key":")").append(key).append(R"(","name":"P",)").append(duration) + R"("rateCards":[)" +
           cards + "]}";
  };
  publish_plan(std::string(R"({"key":"three","name":"T","currency":"USD","billingCadence":"P1M","phases":[)") +
               phase("a", R"("duration":"P1M",)", hard_card(R"("issueAfterReset":5)")) + "," +
               phase("b", R"("duration":"P1M",)", "") + "," + phase("c", "", hard_card(R"("issueAfterReset":7)")) +
               "]}");
  const std::string id = subscribe_to("three");
  grant(id, "10");
  spend(id, "8");
  wait_days(35);
  spend(id, "3");  // in a phase without a limit
  wait_days(30);
  spend(id, "10");
  for (int i = 0; i < 10; ++i) {
    BOOST_TEST(grants(id) == Texts{"10 4"}, boost::test_tools::per_element());
    wait_days(9);
  }
  BOOST_TEST(balance(id) == "11");
  BOOST_TEST(spans_of_a_balance(id) <= 3U);
}

BOOST_AUTO_TEST_CASE(overage_that_is_carried_on_remembers_what_grants_have_made_up_for) {
  const std::string id = subscribe_to("carrying");
  grant(id, "5");
  spend(id, "14");  // 6 too many
  wait_days(1);
  BOOST_TEST(balance(id) == "-3");
  wait_days(1);
  BOOST_TEST(balance(id) == "0");
  wait_days(1);
  BOOST_TEST(balance(id) == "3");
  wait_days(120);
  BOOST_TEST(in_use() == "0");
  BOOST_TEST(balance(id) == "3");
  BOOST_TEST(spans_of_a_balance(id) <= 44U);
  spend(id, "5");
  wait_days(1);
  BOOST_TEST(balance(id) == "1");
}

BOOST_AUTO_TEST_CASE(overage_is_carried_on_for_longer_than_usage_takes_to_be_final) {
  const std::string id = subscribe_to("carrying");
  grant(id, "10");
  spend(id, "300");
  wait_days(80);
  BOOST_TEST(in_use() == "0");
  BOOST_TEST(balance(id) == "-47");
  wait_days(16);
  BOOST_TEST(balance(id) == "1");
}

BOOST_AUTO_TEST_CASE(overage_is_carried_on_over_more_periods_than_without_grants) {
  publish_plan(
      plan_json("drifting", hard_card(R"("issueAfterReset":1,"usagePeriod":"PT1H","preserveOverageAtReset":true)")));
  const std::string id = subscribe_to("drifting");
  grant(id, "10");
  spend(id, "3000");
  wait_days(100);
  BOOST_TEST(in_use() == "0");
  BOOST_TEST(balance(id) == std::to_string(2401 + 10 - 3000));
  grant(id, "5");
  wait_days(1);
  BOOST_TEST(balance(id) == std::to_string(2425 + 15 - 3000));
  BOOST_TEST(spans_of_a_balance(id) <= 44U * 24);
}

BOOST_AUTO_TEST_CASE(usage_that_does_not_add_up_is_not_divided_but_where_it_is_already) {
  post("meters", R"({"slug":"seats","eventType":"seats","aggregation":"MAX","valueProperty":"$.total"})");
  post("features", R"({"key":"seats","name":"Seats","meterSlug":"seats"})");
  publish_plan(plan_json("office", R"({"type":"flat_fee","key":"seats","name":"S","featureKey":"seats",
    "entitlementTemplate":{"type":"metered","issueAfterReset":9,"resets":false}})"));
  const std::string id = subscribe_to("office");
  const auto left = [&] { return get("subscriptions/" + id + "/access")["entitlements.seats.balance"]; };
  BOOST_REQUIRE(post("subscriptions/" + id + "/grants", R"({"featureKey":"seats","amount":5})").status() == 201);
  use(id, "seats", "4", text_of(now));
  wait_days(60);
  use(id, "seats", "3", text_of(now));
  BOOST_TEST(left() == "10");  // of one span the maximum counts
  wait_days(1);
  post("subscriptions/" + id + "/grants", R"({"featureKey":"seats","amount":1})");
  use(id, "seats", "2", text_of(now));
  BOOST_TEST(left() == "9");
  wait_days(60);
  BOOST_TEST(settled_until() == "2026-03-17T10:00:00Z");
  BOOST_TEST(left() == "9");
}

BOOST_AUTO_TEST_CASE(what_is_used_up_for_good_does_not_go_along_when_the_plan_is_changed) {
  const std::string id = subscribe_to("monthly");
  grant(id, "5");
  now = {now.ms + 1};
  grant(id, "10");
  spend(id, "27");
  wait_days(50);
  BOOST_TEST(in_use() == "1");
  const std::string next = change(id, "prepaid", "immediate")["next.id"];
  BOOST_TEST(grants(id) == Texts{"5 0"}, boost::test_tools::per_element());
  BOOST_TEST(grants(next) == Texts{"10 8"}, boost::test_tools::per_element());
  spend(next, "56");
  wait_days(50);
  BOOST_TEST(balance(next) == "2");
  BOOST_TEST(asked("SELECT count(*) FROM timers WHERE kind = 'grant'") == "0");
}

BOOST_AUTO_TEST_CASE(a_ledger_that_does_not_answer_delays_settling) {
  const std::string id = subscribe_to("hourly");
  grant(id, "10");
  spend(id, "3");
  now = {now.ms + 45 * kMsPerDay};
  host.ledgers_are_down = true;
  host.run_timers(bucket, now);
  BOOST_TEST(settled_until() == "");
  host.ledgers_are_down = false;
  go(text_of({now.ms + 60'000}));
  BOOST_TEST(settled_until() == "2026-01-24T00:00:00Z");
  BOOST_TEST(balance(id) == "11");
}

BOOST_AUTO_TEST_CASE(timers_that_are_late_settle_step_by_step) {
  const std::string id = subscribe_to("hourly");
  grant(id, "10");
  spend(id, "3");
  now = {now.ms + 1000 * kMsPerDay};
  host.run_timers(bucket, now);
  BOOST_TEST(spans_of_a_balance(id) <= 43U * 24 + 1);
  BOOST_TEST(balance(id) == "11");
}

BOOST_AUTO_TEST_CASE(timers_that_are_late_hand_grants_over_all_the_same) {
  const std::string id = subscribe_to("hourly");
  grant(id, "10");
  spend(id, "5");
  const std::string next = change(id, "prepaid", "2026-09-01T00:00:00Z")["next.id"];
  now = {now.ms + 1000 * kMsPerDay};
  host.run_timers(bucket, now);
  BOOST_TEST(grants(next) == Texts{"10 7"}, boost::test_tools::per_element());
  BOOST_TEST(balance(next) == "57");
}

BOOST_AUTO_TEST_CASE(what_has_ended_is_settled_up_to_its_end) {
  const std::string id = subscribe_to("hourly");
  grant(id, "10");
  spend(id, "5");
  go("2026-02-01T00:20:00Z");
  spend(id, "1");
  now = {now.ms + 1};
  BOOST_REQUIRE(post("subscriptions/" + id + "/cancel").status() == 200);
  const auto state = [&] { return access(id, "balance") + " " + access(id, "usage") + " " + grants(id).front(); };
  const std::string before = state();
  BOOST_TEST(before == "8 1 10 7");
  wait_days(100);
  BOOST_TEST(settled_until() == "2026-02-01T00:00:00Z");
  BOOST_TEST(state() == before);
  BOOST_TEST(asked("SELECT count(*) FROM timers WHERE kind = 'settlement'") == "0");
}

BOOST_AUTO_TEST_CASE(with_no_grant_left_nothing_is_settled_any_more) {
  const std::string id = subscribe_to("monthly");
  grant(id, "5");
  spend(id, "25");
  wait_days(50);
  BOOST_TEST(asked("SELECT count(*) FROM timers WHERE kind = 'settlement'") == "0");
  BOOST_TEST(balance(id) == "20");
  wait_days(1000);
  grant(id, "5");
  spend(id, "22");
  BOOST_TEST(balance(id) == "3");
  BOOST_TEST(spans_of_a_balance(id) <= 2U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
