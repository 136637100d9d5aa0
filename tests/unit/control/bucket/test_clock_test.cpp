#include "tests/unit/control/world/plane.h"

#include <boost/test/unit_test.hpp>

namespace {

using namespace tollgate;
using namespace tollgate::test;

constexpr std::string_view kTrialPlan =
    R"({"key":"trial","name":"Trial","currency":"USD","billingCadence":"P1M","phases":[
  {"key":"trial","name":"Trial","duration":"P14D","rateCards":[
    {"type":"flat_fee","key":"api_requests","name":"Requests","featureKey":"api_requests",
     "entitlementTemplate":{"type":"metered","issueAfterReset":5,"isSoftLimit":false}}]},
  {"key":"paid","name":"Paid","rateCards":[
    {"type":"flat_fee","key":"api_requests","name":"Requests","featureKey":"api_requests","billingCadence":"P1M",
     "price":{"type":"flat","amount":"29.00"},
     "entitlementTemplate":{"type":"metered","issueAfterReset":1000,"isSoftLimit":false}}]}]})";

struct WithTrial : Plane {
  std::string key_digest;
  std::string id;

  WithTrial() {
    make_catalog();
    publish_plan(kTrialPlan);
    const Reply made = post("subscriptions", R"({"plan":{"key":"trial"},"customerKey":"acme"})");
    BOOST_REQUIRE(made.status() == 201);
    id = made["id"];
    key_digest = digest_of(made["apiKey.key"]);
    host.pump(bucket, now);
  }

  Reply snapshot() { return get("snapshots/" + key_digest); }
  std::string in_kv_after_pump() {
    host.pump(bucket, now);
    return in_kv();
  }
  std::string in_kv() { return host.kv["snapshot/" + bucket + "/" + key_digest]; }
};

BOOST_AUTO_TEST_SUITE(clocks_and_timers)

BOOST_AUTO_TEST_CASE(without_a_test_clock_a_bucket_lives_in_real_time) {
  Plane plane;
  const Reply clock = plane.get("test-clock");
  BOOST_TEST(clock.status() == 200);
  BOOST_TEST(clock["now"] == "2026-01-15T10:00:00Z");
  BOOST_TEST(clock["set"] == "false");
}

BOOST_AUTO_TEST_CASE(production_refuses_a_test_clock) {
  Plane plane;
  plane.bucket = "production";
  BOOST_TEST(plane.get("test-clock").status() == 403);
  BOOST_TEST(plane.call("PUT", "test-clock", R"({"now":"2027-01-01T00:00:00Z"})")["code"] == "not_in_production");
  BOOST_TEST(plane.post("test-clock/advance", R"({"by":"P1D"})")["code"] == "not_in_production");
}

BOOST_AUTO_TEST_CASE(a_running_clock_goes_on_with_the_real_one_and_a_frozen_one_stands) {
  Plane plane;
  BOOST_TEST(plane.call("PUT", "test-clock", R"({"now":"2027-01-01T00:00:00Z"})")["now"] == "2027-01-01T00:00:00Z");
  plane.now.ms += 90'000;
  BOOST_TEST(plane.get("test-clock")["now"] == "2027-01-01T00:01:30Z");
  plane.call("PUT", "test-clock", R"({"now":"2027-02-01T00:00:00Z","frozen":true})");
  plane.now.ms += 90'000;
  BOOST_TEST(plane.get("test-clock")["now"] == "2027-02-01T00:00:00Z");
  BOOST_TEST(plane.post("test-clock/advance", R"({"by":"P1M"})")["now"] == "2027-03-01T00:00:00Z");
  BOOST_TEST(plane.get("test-clock")["frozen"] == "true");
}

BOOST_AUTO_TEST_CASE(a_clock_is_stopped_where_it_is) {
  Plane plane;
  plane.make_catalog();
  plane.subscribe();
  BOOST_TEST(plane.call("PUT", "test-clock", R"({"frozen":true})")["now"] == "2026-01-15T10:00:00Z");
  plane.now.ms += 90'000;
  BOOST_TEST(plane.get("test-clock")["now"] == "2026-01-15T10:00:00Z");
  BOOST_TEST(plane.call("PUT", "test-clock", R"({"frozen":false})")["frozen"] == "false");
  plane.now.ms += 90'000;
  BOOST_TEST(plane.get("test-clock")["now"] == "2026-01-15T10:01:30Z");
  BOOST_TEST(plane.call("PUT", "test-clock", "{}").violations() == std::vector<std::string>{"now required"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(no_clock_stands_before_the_times_that_ids_can_carry) {
  Plane plane;
  BOOST_TEST(plane.call("PUT", "test-clock", R"({"now":"1970-01-01T00:00:00Z"})").status() == 200);
  const Reply before = plane.call("PUT", "test-clock", R"({"now":"1969-12-31T23:59:59.999Z"})");
  BOOST_TEST(before.violations() == std::vector<std::string>{"now range"}, boost::test_tools::per_element());
}

/// The host runs what falls due between two transactions, so that a second move can come in the middle of the first.
BOOST_AUTO_TEST_CASE(a_move_that_comes_during_another_one_goes_on_from_its_end) {
  Plane plane;
  const auto ask = [&](std::string_view body) {
    const std::string seed(control::kSeedBytes, 's');
    control::Request request;
    request.object = plane.bucket;
    request.method = "POST";
    request.target = "/v3/metering/working-copy/test-clock/advance";
    request.headers = {{"authorization", "Bearer tg_admin_local"}, {"content-type", "application/json"}};
    request.body = body;
    request.now = plane.now;
    request.seed = seed;
    request.settings = {kAdminKey, true};
    return plane.host.perform(request);  // without what the host does afterwards
  };
  BOOST_TEST(ask(R"({"by":"P1M"})").status == 200);
  BOOST_TEST(ask(R"({"to":"2026-01-20T00:00:00Z"})").status == 400);
  BOOST_TEST(ask(R"({"by":"P1D"})").body.find("2026-02-16T10:00:00Z") != std::string::npos);
  plane.host.run_timers(plane.bucket, plane.now);
  BOOST_TEST(plane.get("test-clock")["now"] == "2026-02-16T10:00:00Z");
}

BOOST_AUTO_TEST_CASE(a_clock_goes_back_only_in_a_bucket_where_nothing_has_happened) {
  Plane plane;
  BOOST_TEST(plane.call("PUT", "test-clock", R"({"now":"2020-01-01T00:00:00Z"})")["now"] == "2020-01-01T00:00:00Z");
  plane.make_catalog();
  plane.subscribe();
  const Reply back = plane.call("PUT", "test-clock", R"({"now":"2019-01-01T00:00:00Z"})");
  BOOST_TEST(back.status() == 409);
  BOOST_TEST(back["code"] == "clock_backwards");
}

BOOST_AUTO_TEST_CASE(bad_moves_are_refused_by_name) {
  Plane plane;
  using Violations = std::vector<std::string>;
  const auto refused = [&](std::string_view body) { return plane.post("test-clock/advance", body).violations(); };
  BOOST_TEST(refused(R"({})") == Violations{"to exactly_one"}, boost::test_tools::per_element());
  BOOST_TEST(refused(R"({"to":"2026-02-01T00:00:00Z","by":"P1D"})") == Violations{"to exactly_one"},
             boost::test_tools::per_element());
  BOOST_TEST(refused(R"({"to":"2026-01-01T00:00:00Z"})") == Violations{"to not_past"},
             boost::test_tools::per_element());
  BOOST_TEST(refused(R"({"by":"1 day"})") == Violations{"by duration"}, boost::test_tools::per_element());
  BOOST_TEST(refused(R"({"by":"P11Y"})") == Violations{"by range"}, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_phase_begins_by_itself_and_the_edge_hears_of_it, WithTrial) {
  BOOST_TEST(in_kv().find(R"("limit":5)") != std::string::npos);
  const std::string before = snapshot()["revision"];
  const auto next = host.run_timers(bucket, now);
  BOOST_REQUIRE(next.has_value());
  BOOST_TEST(text_of(*next) == "2026-01-29T10:00:00Z");
  now = *next;
  host.run_timers(bucket, now);
  host.pump(bucket, now);
  BOOST_TEST(in_kv().find(R"("limit":1000)") != std::string::npos);
  BOOST_TEST(std::stoll(snapshot()["revision"]) > std::stoll(before));
  const auto fee = host.run_timers(bucket, now);
  BOOST_TEST(text_of(fee.value_or(Instant())) == "2026-02-28T10:00:00Z");
}

BOOST_FIXTURE_TEST_CASE(advancing_runs_everything_that_falls_due_before_it_answers, WithTrial) {
  BOOST_TEST(post("subscriptions/" + id + "/cancel", R"({"timing":"2026-02-10T00:00:00Z"})").status() == 200);
  host.pump(bucket, now);
  const Reply moved = post("test-clock/advance", R"({"to":"2026-02-01T00:00:00Z"})");
  BOOST_TEST((moved.response.work == control::Work::first));
  BOOST_TEST(in_kv().find(R"("limit":1000)") != std::string::npos);
  BOOST_TEST(get("subscriptions/" + id)["status"] == "canceled");
  post("test-clock/advance", R"({"by":"P1M"})");
  BOOST_TEST(get("subscriptions/" + id)["status"] == "inactive");
  BOOST_TEST(in_kv().find(R"("status":"inactive")") != std::string::npos);
  BOOST_TEST(get("test-clock")["advancingTo"].empty());
}

BOOST_FIXTURE_TEST_CASE(a_move_that_was_cut_short_goes_on_instant_by_instant, WithTrial) {
  host.dies_before_pumping = true;
  BOOST_TEST(call("PUT", "test-clock", R"({"now":"2026-03-01T00:00:00Z","frozen":true})").status() == 200);
  host.dies_before_pumping = false;
  control::Request request;
  request.object = bucket;
  request.entry = control::Entry::host;
  request.method = "POST";
  request.now = now;
  request.target = "/timers/run";
  request.body = "{}";
  // The end of the trial, the fee in February; then nothing is left, and the clock arrives.
  BOOST_TEST(host.perform(request).body == R"({"more":true})");
  BOOST_TEST(in_kv_after_pump().find(R"("limit":1000)") != std::string::npos);
  BOOST_TEST(host.perform(request).body == R"({"more":true})");
  BOOST_TEST(host.perform(request).body == R"({"more":false})");
  BOOST_TEST(get("test-clock")["now"] == "2026-03-01T00:00:00Z");
}

BOOST_FIXTURE_TEST_CASE(a_timer_that_was_set_aside_waits_longer_each_time, WithTrial) {
  const auto set_aside = [&] {
    control::Request request;
    request.object = bucket;
    request.entry = control::Entry::host;
    request.method = "POST";
    request.now = now;
    request.target = "/timers/set-aside";
    return host.perform(request).log;
  };
  const auto told = [&](const std::string& kind, int failures) {
    return "A timer cannot be run and is tried again later: " + kind + " of " + id +
           ", failures: " + std::to_string(failures);
  };
  host.run_timers(bucket, now);
  BOOST_TEST(set_aside() == "");
  now = parse_instant("2026-01-29T10:00:00Z").value();
  std::int64_t wait = 60'000;
  for (const int failures : {1, 2, 3}) {
    BOOST_TEST(set_aside() == told("billing", failures));
    BOOST_TEST(set_aside() == told("subscription", failures));
    now.ms += wait - 1;
    BOOST_TEST(set_aside() == "");
    now.ms += 1;
    wait *= 2;
  }
  BOOST_TEST(in_kv().find(R"("limit":1000)") == std::string::npos);
  host.run_timers(bucket, now);
  BOOST_TEST(in_kv_after_pump().find(R"("limit":1000)") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
