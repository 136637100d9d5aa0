#include "world.h"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace tollgate;
using namespace tollgate::test;

namespace {

RuntimeMeters meters(Engine& engine, std::string_view name, std::string_view value, bool replaces) {
  RuntimeMeters runtime;
  BOOST_REQUIRE(runtime.add(static_cast<NameId>(engine.names().intern(name)), *Quantity::parse(value), replaces));
  return runtime;
}

bool finish(World& world, Outcome outcome, const RuntimeMeters& runtime, std::uint32_t status = 200) {
  return world.engine->finish(static_cast<RequestHandle>(outcome.code()), status, runtime);
}

}  // namespace

BOOST_AUTO_TEST_CASE(engine_records_an_allowed_request) {
  World world;
  const Outcome outcome = world.check_cold("k1", snapshot());
  BOOST_TEST(outcome.is_allowed());
  world.finish(outcome);
  world.finish(world.check("k1"));
  BOOST_TEST((world.recorded("api_requests") == Quantity::units(2)));
  BOOST_TEST(world.engine->counters().lookups == 1U);
}

BOOST_AUTO_TEST_CASE(engine_reserves_until_the_balance_is_gone_and_gives_back) {
  World world;
  const Outcome first = world.check_cold("k1", snapshot("2"));
  const Outcome second = world.check("k1");
  BOOST_TEST(second.is_allowed());
  const Outcome third = world.check("k1");
  BOOST_TEST((world.refusal(third) == Refusal::quota_exhausted));
  world.finish(first, 500);  // not metered: one is free again
  BOOST_TEST(world.check("k1").is_allowed());
  BOOST_TEST(world.engine->abandon(static_cast<RequestHandle>(second.code())));
  BOOST_TEST(world.check("k1").is_allowed());
  BOOST_TEST(!world.check("k1").is_allowed());
}

BOOST_AUTO_TEST_CASE(engine_refuses_handles_that_are_not_live) {
  World world;
  const Outcome outcome = world.check_cold("k1", snapshot());
  const auto handle = static_cast<RequestHandle>(outcome.code());
  BOOST_TEST(world.engine->record_of(handle) != 0U);
  BOOST_TEST(finish(world, outcome, {}));
  BOOST_TEST(!finish(world, outcome, {}));
  BOOST_TEST(!world.engine->abandon(handle));
  BOOST_TEST(world.engine->record_of(handle) == 0U);
  BOOST_TEST(world.engine->resume(handle, {}).code() == Outcome::stale().code());
  BOOST_TEST(world.engine->poll(handle, kNow).code() == Outcome::stale().code());
  BOOST_TEST(!world.engine->abandon(0));
  BOOST_TEST(!world.engine->abandon(UINT32_MAX));
  const Outcome next = world.check("k1");
  BOOST_TEST(next.code() != outcome.code());  // the same place under another generation
  BOOST_TEST((world.recorded("api_requests") == Quantity::units(1)));
}

BOOST_AUTO_TEST_CASE(engine_adds_static_and_runtime_meters) {
  const struct {
    std::string_view name, value;
    bool replaces;
    std::string_view requests, tokens;
  } rows[] = {
      {"api_requests", "50", true, "50", "0"}, {"api_requests", "50", false, "51", "0"},
      {"api_requests", "0", true, "0", "0"},   {"api_requests", "0.3", false, "1.3", "0"},
      {"tokens", "150", true, "1", "150"},     {"tokens", "0.000000001", false, "1", "0.000000001"},
  };
  for (const auto& row : rows) {
    World world;
    const Outcome outcome = world.check_cold("k1", snapshot());
    BOOST_REQUIRE(finish(world, outcome, meters(*world.engine, row.name, row.value, row.replaces)));
    BOOST_TEST((world.recorded("api_requests") == *Quantity::parse(row.requests)));
    BOOST_TEST((world.recorded("tokens") == *Quantity::parse(row.tokens)));
  }
}

BOOST_AUTO_TEST_CASE(engine_lowers_the_balance_by_what_was_really_used) {
  World world;
  BOOST_REQUIRE(
      finish(world, world.check_cold("k1", snapshot("10")), meters(*world.engine, "api_requests", "8.5", true)));
  world.finish(world.check("k1"));  // 1.5 left
  world.finish(world.check("k1"));  // 0.5 left: passes, and overdraws
  BOOST_TEST((world.refusal(world.check("k1")) == Refusal::quota_exhausted));
  BOOST_TEST((world.recorded("api_requests") == *Quantity::parse("10.5")));
}

BOOST_AUTO_TEST_CASE(engine_records_nothing_for_unmetered_statuses_or_a_total_of_zero) {
  World world(R"({"meters": {"api_requests": 0}})");
  world.finish(world.check_cold("k1", snapshot()));
  BOOST_TEST(world.engine->outbox().size() == 0U);
  BOOST_REQUIRE(finish(world, world.check("k1"), meters(*world.engine, "tokens", "9", false), 500));
  BOOST_TEST(world.engine->outbox().size() == 0U);
}

BOOST_AUTO_TEST_CASE(engine_shares_a_subscription_between_keys_and_policies) {
  World world(R"({"meters": {"api_requests": 1}}|{"meters": {"api_requests": 2}})");
  world.finish(world.check_cold("k1", snapshot("4")));
  world.finish(
      world.check_cold("k2", snapshot("4"), kNow + 1, 1));  // its snapshot knows nothing of the 1 that is under way
  BOOST_TEST(world.check("k1", kNow + 2, 1).is_allowed());  // 1 was left
  BOOST_TEST(!world.check("k1", kNow + 3).is_allowed());
  BOOST_TEST(!world.check("k2", kNow + 3).is_allowed());
}

BOOST_AUTO_TEST_CASE(engine_decides_by_a_record_of_the_same_header) {
  World world;
  world.finish(world.check_cold("k1", snapshot("2")));
  const RecordTag tag = world.engine->notice().record;
  BOOST_TEST(tag != 0U);
  world.finish(world.engine->check_known(0, tag, kNow));
  BOOST_TEST((world.refusal(world.engine->check_known(0, tag, kNow)) == Refusal::quota_exhausted));
  BOOST_TEST(world.engine->check_known(0, tag, kNow + kMinute).code() == Outcome::unknown_record().code());
  BOOST_TEST(world.engine->check_known(0, tag + 1, kNow).code() == Outcome::unknown_record().code());
  BOOST_TEST(world.engine->check_known(0, 0, kNow).code() == Outcome::unknown_record().code());
}

BOOST_AUTO_TEST_CASE(engine_refuses_when_its_table_is_full_and_reclaims_what_was_lost) {
  World world;
  std::vector<Outcome> open{world.check_cold("k1", snapshot("1000000"))};
  while (open.size() < limits::kInFlight) open.push_back(world.check("k1"));
  BOOST_TEST((world.refusal(world.check("k1")) == Refusal::overloaded));
  BOOST_TEST((world.refusal(world.check("unknown")) == Refusal::overloaded));
  BOOST_TEST(text_of(Refusal::overloaded).status == 503);
  world.finish(open.back());
  BOOST_TEST(world.check("k1").is_allowed());
  BOOST_TEST(world.engine->in_flight() == limits::kInFlight);
  // A quarter of an hour later the host may have lost them: they make room, one by one.
  BOOST_TEST(world.check("unknown", kNow + limits::kMaxRequestMs).is_suspended());
  BOOST_TEST(world.engine->counters().reclaimed == 1U);
  BOOST_TEST(world.engine->outbox().lost() == 1U);  // what that one used is not recorded any more (M10)
  BOOST_TEST(world.engine->counters().overdue == limits::kInFlight);
}

BOOST_AUTO_TEST_CASE(engine_checks_in_the_order_of_the_table) {
  const std::string required = R"({"meters": {"api_requests": 1, "b": 1}, "requiredEntitlements": ["x"]})";
  const auto with = [](std::string_view entitlements) {
    return R"({"id": "s", "activeFrom": "2025-10-01T00:00:00Z", "paymentStatus": {"status": "paid"}, "entitlements": )" +
           std::string(entitlements) + "}";
  };
  const struct {
    std::string snapshot;
    Refusal refusal;
    std::string_view name;
  } rows[] = {
      {R"({"id": "s", "activeFrom": "2025-10-01T00:00:00Z", "keyExpiresAt": "2026-01-01T00:00:00Z", "activeTo": "2026-01-01T00:00:00Z"})",
       Refusal::key_expired, ""},
      {R"({"id": "s", "activeFrom": "2025-10-01T00:00:00Z", "activeTo": "2026-01-01T00:00:00Z"})",
       Refusal::subscription_expired, ""},
      {R"({"id": "s", "activeFrom": "2025-10-01T00:00:00Z", "status": "inactive", "paymentStatus": {"status": "paid"}})",
       Refusal::subscription_expired, ""},
      {R"({"id": "s", "activeFrom": "2025-10-01T00:00:00Z", "status": "scheduled", "paymentStatus": {"status": "paid"}})",
       Refusal::subscription_expired, ""},
      {R"({"id": "s", "activeFrom": "2025-10-01T00:00:00Z", "accessBlocked": true})", Refusal::payment_status_missing,
       ""},
      {R"({"id": "s", "activeFrom": "2025-10-01T00:00:00Z", "accessBlocked": true, "paymentStatus": {"status": "paid", "isFirstPayment": true}})",
       Refusal::payment_not_made, ""},
      {with("null"), Refusal::entitlements_missing, ""},
      {with("{}"), Refusal::entitlement_denied, "x"},
      {with(R"({"x": {"type": "boolean", "hasAccess": false}})"), Refusal::entitlement_denied, "x"},
      {with(R"({"x": {"type": "metered", "hasAccess": true, "balance": 0}})"), Refusal::entitlement_denied, "x"},
      {with(R"({"x": {"type": "boolean", "hasAccess": true}})"), Refusal::meter_unknown, "api_requests"},
      {with(R"({"x": {"type": "boolean", "hasAccess": true}, "api_requests": {"type": "boolean", "hasAccess": true}})"),
       Refusal::meter_unknown, "api_requests"},
      {with(R"({"x": {"type": "boolean", "hasAccess": true}, "b": {"type": "metered", "hasAccess": false, "balance": 0},
                "api_requests": {"type": "metered", "hasAccess": false, "balance": 5}})"),
       Refusal::meter_disabled, "api_requests"},
      {with(
           R"({"x": {"type": "boolean", "hasAccess": true}, "b": {"type": "metered", "hasAccess": false, "balance": -1},
                "api_requests": {"type": "metered", "hasAccess": true, "balance": 5}})"),
       Refusal::quota_exhausted, "b"},
      {with(
           R"({"x": {"type": "boolean", "hasAccess": true},
                "b": {"type": "metered", "hasAccess": true, "balance": -1, "isSoftLimit": true},
                "api_requests": {"type": "metered", "hasAccess": true, "balance": 0.000000001}})"),
       Refusal::none, ""},
  };
  for (const auto& row : rows) {
    World world(required);
    const Outcome outcome = world.check_cold("k1", row.snapshot);
    const Verdict verdict = Outcome::verdict_of(outcome.code());
    BOOST_TEST_CONTEXT(row.snapshot) {
      BOOST_TEST(static_cast<int>(verdict.refusal) == static_cast<int>(row.refusal));
      BOOST_TEST(outcome.is_allowed() == (row.refusal == Refusal::none));
      if (!row.name.empty()) BOOST_TEST((world.engine->names().view(verdict.name) == row.name));
    }
  }
}

BOOST_AUTO_TEST_CASE(engine_grace_runs_from_the_failure_or_from_when_it_was_due) {
  const auto pending = [](std::string_view more, std::string_view due = "") {
    return snapshot("9", R"(, "paymentStatus": {"status": "pending", "isFirstPayment": false)" + std::string(more) +
                             "}" + std::string(due));
  };
  // As after a trial, of which the billing period knows nothing.
  const std::string_view due = R"(, "paymentDueAt": "2026-01-09T10:00:00Z")";
  const std::int64_t due_at = 1'767'952'800'000;
  constexpr std::int64_t kDay = 86'400'000;
  const std::int64_t period = 1'767'225'600'000;  // 2026-01-01, of the anchor on the 1st
  const struct {
    std::string snapshot;
    std::int64_t now;
    Refusal refusal;
  } rows[] = {
      {pending(R"(, "lastPaymentFailedAt": "2026-01-12T10:00:00.001Z")"), kNow, Refusal::none},
      {pending(R"(, "lastPaymentFailedAt": "2026-01-12T10:00:00Z")"), kNow, Refusal::payment_overdue},
      {pending(""), period + 3 * kDay - 1, Refusal::none},
      {pending(""), period + 3 * kDay, Refusal::payment_overdue},
      {pending(""), period - 1, Refusal::payment_overdue},
      {pending("", due), due_at + 3 * kDay - 1, Refusal::none},
      {pending("", due), due_at + 3 * kDay, Refusal::payment_overdue},
      {pending(R"(, "lastPaymentFailedAt": "2026-01-12T10:00:00.001Z")", due), kNow, Refusal::none},
      {pending(R"(, "lastPaymentFailedAt": "2026-01-12T10:00:00Z")", due), kNow, Refusal::payment_overdue},
  };
  for (const auto& row : rows) {
    // The later "paymentStatus" replaces the paid one of the helper.
    World world;
    BOOST_TEST_CONTEXT(row.now) {
      BOOST_TEST((world.refusal(world.check_cold("k1", row.snapshot, row.now)) == row.refusal));
    }
  }
}

BOOST_AUTO_TEST_CASE(engine_follows_the_dates_while_a_snapshot_is_cached) {
  World world(R"({"meters": {"api_requests": 1}, "recheckDeniedSeconds": 3600})");
  const std::string starts = snapshot(
      "9", R"(, "status": "scheduled", "activeFrom": "2026-01-15T10:00:30Z", "activeTo": "2026-01-15T10:00:40Z")");
  BOOST_TEST((world.refusal(world.check_cold("k1", starts)) == Refusal::subscription_expired));
  BOOST_TEST((world.refusal(world.check("k1", kNow + 29'999)) == Refusal::subscription_expired));
  BOOST_TEST(world.check("k1", kNow + 30'000).is_allowed());
  BOOST_TEST(world.check("k1", kNow + 39'999).is_allowed());
  BOOST_TEST((world.refusal(world.check("k1", kNow + 40'000)) == Refusal::subscription_expired));
  BOOST_TEST(world.engine->counters().lookups == 1U);
}

BOOST_AUTO_TEST_CASE(engine_refreshes_without_forgetting_what_is_under_way) {
  World world;
  const Outcome open = world.check_cold("k1", snapshot("3"));
  world.finish(world.check("k1"));
  // The next snapshot does not know the open request nor the undelivered event.
  const std::int64_t later = kNow + kMinute;
  const Outcome third = world.check_cold("k1", snapshot("3"), later);
  BOOST_TEST(third.is_allowed());
  BOOST_TEST((world.refusal(world.check("k1", later)) == Refusal::quota_exhausted));
  world.finish(open);
  // Delivered, the control plane is to count it: the next snapshot stands as it is, less what is still open.
  std::uint32_t batch =
      world.engine->outbox().drain(world.engine->cache(), 100, [](const UsageEvent&) { return true; });
  BOOST_TEST(world.engine->outbox().delivered(world.engine->cache(), batch));
  const std::int64_t last = later + kMinute;
  BOOST_TEST(world.check_cold("k1", snapshot("2"), last).is_allowed());
  BOOST_TEST((world.refusal(world.check("k1", last)) == Refusal::quota_exhausted));
}
