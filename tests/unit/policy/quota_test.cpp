// What is left of a quota, whatever the caches bring (S4.5, S5).

#include "world.h"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace tollgate;
using namespace tollgate::test;

namespace {

constexpr std::string_view kPeriod = R"(, "period": {"from": "2026-01-01T00:00:00Z", "to": "2026-01-15T10:00:30Z"})";

/// A snapshot with more members in its one entitlement, and more beside it.
std::string quota(std::int64_t balance, std::string_view in_entitlement = "", std::string_view more = "") {
  return R"({"id": "s", "activeFrom": "2025-10-01T00:00:00Z", "paymentStatus": {"status": "paid"}, "entitlements":
    {"api_requests": {"type": "metered", "isSoftLimit": false, "hasAccess": true, "balance": )" +
         std::to_string(balance) + std::string(in_entitlement) + "}}" + std::string(more) + "}";
}

std::string with_mark(std::int64_t balance, std::int64_t received) {
  return quota(balance, "",
               R"(, "highWater": {"01KEDGE0000000000000000001": {"api_requests": )" + std::to_string(received) + "}}");
}

constexpr std::string_view kNoRecheck = R"({"meters": {"api_requests": 1}, "recheckDeniedSeconds": 3600})";

/// Requests that are let through, one after the other.
int spend(World& world, std::string_view key, int tries, std::int64_t now) {
  int admitted = 0;
  for (int i = 0; i < tries; ++i) {
    const Outcome outcome = world.check(key, now);
    if (!outcome.is_allowed()) continue;
    world.finish(outcome);
    ++admitted;
  }
  return admitted;
}

}  // namespace

// S5: within one instance a limit is exact, whatever keys the requests use and whenever each was first seen.
BOOST_AUTO_TEST_CASE(quota_is_shared_by_keys_that_are_first_seen_at_any_time) {
  World world;
  int admitted = 0;
  for (int key = 0; key < 100; ++key) {
    const std::string name = "k" + std::to_string(key);
    // Asked at the same moment, the control plane knows nothing of what went through meanwhile.
    const Outcome outcome = world.check_cold(name, with_mark(1'000, 0), kNow);
    if (outcome.is_allowed()) {
      world.finish(outcome);
      ++admitted;
    }
    admitted += spend(world, name, 11, kNow);
    if (key % 7 == 0) world.deliver_all();
  }
  BOOST_TEST(admitted == 1'000);
}

// S5: own consumption is not forgotten for a snapshot that cannot know of it.
BOOST_AUTO_TEST_CASE(quota_survives_a_copy_that_is_older_than_what_was_consumed) {
  World world{kNoRecheck};
  world.finish(world.check_cold("k1", quota(20)));
  const std::int64_t spent_at = kNow + 40 * kSecond;
  BOOST_TEST(spend(world, "k1", 30, spent_at) == 19);
  world.deliver_all();
  const std::int64_t later = spent_at + 31 * kSecond;  // the record is due, the copy in KV is 31 s old
  BOOST_REQUIRE(world.check("k1", later).is_suspended());
  BOOST_TEST((world.refusal(world.answer_snapshot(world.waiting(), quota(20), later, later - 31'001)) ==
              Refusal::quota_exhausted));
}

BOOST_AUTO_TEST_CASE(quota_is_lowered_by_what_the_ledger_has_not_got_yet) {
  const struct {
    std::string_view what;
    std::int64_t balance, received;  ///< of the second snapshot
    int left;
  } rows[] = {
      {"a queue that is ten minutes behind", 20, 0, 0},          {"one that has brought half of it", 10, 10, 0},
      {"one that has caught up, while others used 3", 7, 10, 0}, {"an upgrade, with all of it known", 30, 20, 30},
      {"an upgrade, with nothing of it known", 50, 0, 30},
  };
  for (const auto& row : rows) {
    World world;
    world.finish(world.check_cold("k1", with_mark(20, 0)));
    BOOST_TEST(spend(world, "k1", 30, kNow) == 19);
    world.deliver_all();
    const std::int64_t later = kNow + 10 * kMinute;
    BOOST_TEST_CONTEXT(row.what) {
      BOOST_REQUIRE(world.check("k1", later).is_suspended());
      world.answer(world.waiting(), Answer::Kind::not_found, later);
      const Outcome outcome = world.answer_snapshot(world.waiting(), with_mark(row.balance, row.received), later);
      if (outcome.is_allowed()) world.finish(outcome);
      BOOST_TEST((outcome.is_allowed() ? 1 : 0) + spend(world, "k1", 40, later) == row.left);
    }
  }
}

BOOST_AUTO_TEST_CASE(quota_counts_from_the_mark_when_an_instance_meets_a_subscription_again) {
  World world;
  // It had sent 500 before the subscription was evicted: they are in the balance.
  world.finish(world.check_cold("k1", with_mark(10, 500)));
  BOOST_TEST(spend(world, "k1", 20, kNow) == 9);
}

BOOST_AUTO_TEST_CASE(quota_without_a_mark_goes_by_when_the_control_plane_was_asked) {
  World world;
  world.finish(world.check_cold("k1", quota(100)));
  BOOST_TEST(spend(world, "k1", 9, kNow) == 9);
  world.deliver_all();
  const std::int64_t asked = kNow + kMinute;
  BOOST_REQUIRE(world.check("k1", asked).is_suspended());
  const RequestHandle owner = world.waiting();
  world.answer(owner, Answer::Kind::not_found, asked);
  // While the answer is on its way, a second key of the subscription comes and uses 5.
  world.finish(world.check_cold("k2", quota(90), asked + 1));
  BOOST_TEST(spend(world, "k2", 4, asked + 1) == 4);
  world.deliver_all();
  world.finish(world.answer_snapshot(owner, quota(90), asked + 50, asked));
  BOOST_TEST(spend(world, "k1", 200, asked + 50) == 84);
}

// S4.5: a quota is reset at the instant that its period ends, without a look-up.
BOOST_AUTO_TEST_CASE(quota_is_reset_at_the_end_of_its_period) {
  World world{kNoRecheck};
  const std::string next = std::string(kPeriod) + R"(, "nextPeriod": {"balance": 3, "to": "2026-02-15T10:00:30Z"})";
  world.finish(world.check_cold("k1", quota(2, next)));
  const Outcome across = world.check("k1");  // comes in the old period, ends in the new one
  const std::int64_t end = kNow + 30 * kSecond;
  BOOST_TEST((world.refusal(world.check("k1", kNow + 4 * kSecond)) == Refusal::quota_exhausted));
  BOOST_TEST(spend(world, "k1", 5, end) == 3);
  BOOST_TEST(world.engine->abandon(static_cast<RequestHandle>(across.code())));
  BOOST_TEST(spend(world, "k1", 1, end) == 0);  // what is given back belongs to the old period (invariant T3)
  BOOST_TEST(world.engine->counters().lookups == 1U);
  BOOST_TEST(world.engine->cache().subscriptions().rollovers() == 1U);
}

BOOST_AUTO_TEST_CASE(quota_left_over_is_not_handed_out_in_the_next_period) {
  World world{kNoRecheck};
  const std::string next = std::string(kPeriod) + R"(, "nextPeriod": {"balance": 3, "to": "2026-02-15T10:00:30Z"})";
  world.finish(world.check_cold("k1", quota(1'000, next)));
  BOOST_TEST(spend(world, "k1", 9, kNow + 30 * kSecond) == 3);
}

// A snapshot of a spent hard limit says "no access"; the next period opens it.
BOOST_AUTO_TEST_CASE(quota_that_was_spent_opens_again) {
  World world{kNoRecheck};
  const std::string next =
      std::string(kPeriod) + R"(, "hasAccess": false, "nextPeriod": {"balance": 1, "to": "2026-02-15T10:00:30Z"})";
  BOOST_TEST((world.refusal(world.check_cold("k1", quota(0, next))) == Refusal::quota_exhausted));
  BOOST_TEST(spend(world, "k1", 2, kNow + 30 * kSecond) == 1);
}

BOOST_AUTO_TEST_CASE(quota_of_an_unknown_next_period_is_asked_for_at_its_beginning) {
  World world;
  world.finish(world.check_cold("k1", quota(1'000, kPeriod)));
  BOOST_TEST(world.check("k1", kNow + 29'999).is_allowed());
  const std::int64_t end = kNow + 30 * kSecond;
  BOOST_REQUIRE(world.check("k1", end).is_suspended());
  world.answer(world.waiting(), Answer::Kind::not_found, end);
  // Nobody to ask: the last snapshot (S4.4), and no question at every request.
  BOOST_TEST(world.answer(world.waiting(), Answer::Kind::outage, end).is_allowed());
  BOOST_TEST(world.check("k1", end + 1).is_allowed());
}

// Invariant T3: usage of two periods never shares an event, though they share a minute.
BOOST_AUTO_TEST_CASE(usage_of_two_periods_is_kept_apart) {
  World world;
  const std::string next = std::string(kPeriod) + R"(, "nextPeriod": {"balance": 9, "to": "2026-02-15T10:00:30Z"})";
  world.finish(world.check_cold("k1", quota(9, next), kNow + kSecond));
  const Outcome across = world.check("k1", kNow + 29 * kSecond);
  world.finish(world.check("k1", kNow + 30 * kSecond));
  world.finish(across);
  std::vector<std::int64_t> times;
  world.engine->outbox().drain(world.engine->cache(), 9, [&](const UsageEvent& event) {
    times.push_back(event.time - kNow);
    BOOST_TEST(event.count == 1U);
    return true;
  });
  BOOST_TEST((times == std::vector<std::int64_t>{1'000, 30'000, 29'000}));
}

// S4.5: who has just paid, upgraded or bought is let in within seconds.
BOOST_AUTO_TEST_CASE(a_refusal_is_checked_again_before_it_is_given) {
  World world;
  BOOST_TEST((world.refusal(world.check_cold("k1", quota(0))) == Refusal::quota_exhausted));
  BOOST_TEST((world.refusal(world.check("k1", kNow + 4'999)) == Refusal::quota_exhausted));  // is new enough
  const std::int64_t later = kNow + 5'000;
  BOOST_REQUIRE(world.check("k1", later).is_suspended());
  BOOST_TEST((world.effect() == Effect::fetch));  // KV would say what is known
  const RequestHandle asking = world.waiting();
  BOOST_TEST((world.refusal(world.check("k1", later)) == Refusal::quota_exhausted));  // once in that time
  world.finish(world.answer_snapshot(asking, quota(7), later));
  BOOST_TEST(spend(world, "k1", 9, later) == 6);
  BOOST_TEST(world.engine->counters().rechecks == 1U);
}

BOOST_AUTO_TEST_CASE(a_refusal_stands_when_nobody_can_be_asked_again) {
  World world;
  world.check_cold("k1", quota(0));
  for (int seconds = 5; seconds < 60; seconds += 5) {
    const std::int64_t now = kNow + seconds * kSecond;
    BOOST_REQUIRE(world.check("k1", now).is_suspended());
    BOOST_TEST((world.refusal(world.answer(world.waiting(), Answer::Kind::outage, now)) == Refusal::quota_exhausted));
    BOOST_TEST((world.refusal(world.check("k1", now + 4'999)) == Refusal::quota_exhausted));
  }
  BOOST_TEST(world.engine->counters().lookups == 12U);
}

BOOST_AUTO_TEST_CASE(a_refusal_by_a_known_header_is_checked_again_too) {
  World world;
  world.check_cold("k1", quota(0));
  const RecordTag tag = world.engine->notice().record;
  BOOST_TEST((world.refusal(world.engine->check_known(0, tag, kNow + 4'999)) == Refusal::quota_exhausted));
  BOOST_TEST(world.engine->check_known(0, tag, kNow + 5'000).code() == Outcome::unknown_record().code());
}

BOOST_AUTO_TEST_CASE(retry_after_is_never_zero_and_never_after_the_next_recheck) {
  const struct {
    std::string_view period_to;
    std::int64_t at;
    std::int64_t seconds;
  } rows[] = {
      {"2026-02-01T00:00:00Z", 0, 5},         {"2026-02-01T00:00:00Z", 1, 5},
      {"2026-02-01T00:00:00Z", 4'000, 1},     {"2026-02-01T00:00:00Z", 4'999, 1},
      {"2026-01-15T10:00:02.001Z", 0, 3},     {"2026-01-15T10:00:02.001Z", 2'000, 1},
      {"2026-01-15T10:00:02.001Z", 2'001, 1},
  };
  for (const auto& row : rows) {
    World world;
    world.check_cold(
        "k1", quota(0, R"(, "period": {"from": "2026-01-01T00:00:00Z", "to": ")" + std::string(row.period_to) + "\"}"));
    const Index record = KeyCache::position_of(world.engine->notice().record);
    BOOST_TEST_CONTEXT(row.period_to << " at " << row.at) {
      BOOST_TEST(world.engine->retry_after_seconds(0, {Refusal::quota_exhausted, 0}, record, kNow + row.at) ==
                 row.seconds);
    }
  }
}

// A reservation that nobody ends is given back as time passes, and its request may still end (invariant M10).
BOOST_AUTO_TEST_CASE(a_request_that_is_never_ended_holds_its_quota_for_a_quarter_of_an_hour) {
  World world(R"({"meters": {"api_requests": 1}, "cacheTtlSeconds": 86400})");
  const Outcome leaked = world.check_cold("k1", quota(1));
  BOOST_TEST((world.refusal(world.check("k1", kNow + 4'000)) == Refusal::quota_exhausted));
  const std::int64_t later = kNow + limits::kMaxRequestMs;
  const Outcome next = world.check("k1", later);
  BOOST_TEST(next.is_allowed());
  world.finish(next);
  world.finish(leaked);  // it took that long: what it used is not lost
  BOOST_TEST((world.recorded("api_requests") == Quantity::units(2)));
  BOOST_TEST(world.engine->counters().overdue == 1U);
  BOOST_TEST(world.engine->in_flight() == 0U);
  BOOST_TEST(world.engine->outbox().reserved() == 0U);
}

// What settles after its period has ended is counted as that period's, once and for all.
BOOST_AUTO_TEST_CASE(quota_of_a_new_period_is_whole_whatever_settles_late_of_the_old_one) {
  const std::string next = std::string(kPeriod) + R"(, "nextPeriod": {"balance": 20, "to": "2026-02-15T10:00:30Z"})";
  const struct {
    std::string_view what;
    std::uint32_t status;
    std::int64_t total;     ///< of the request across the end
    std::int64_t received;  ///< by the ledger, of it and in all
  } rows[] = {
      {"it fails: its reservation goes back", 500, 1, 0},
      {"it cost what was reserved", 200, 1, 1},
      {"it cost much more", 200, 50, 50},
      {"it cost much more, and the ledger has not got it yet", 200, 50, 0},
  };
  for (const auto& row : rows) {
    World world{kNoRecheck};
    const Outcome across = world.check_cold("k1", quota(5, next, R"(, "highWater": {})"));
    const std::int64_t end = kNow + 30 * kSecond;
    int admitted = spend(world, "k1", 1, end);
    RuntimeMeters meters;
    BOOST_REQUIRE(meters.add(0, Quantity::units(row.total), true));
    BOOST_REQUIRE(world.engine->finish(static_cast<RequestHandle>(across.code()), row.status, meters));
    // The next snapshot knows of nothing of the new period, and of the old one what the ledger has.
    const std::string period = R"(, "period": {"from": "2026-01-15T10:00:30Z", "to": "2026-02-15T10:00:30Z"})";
    const std::string mark =
        R"(, "highWater": {"01KEDGE0000000000000000001": {"api_requests": )" + std::to_string(row.received) + "}}";
    const std::int64_t later = kNow + kMinute;
    BOOST_REQUIRE(world.check("k1", later).is_suspended());
    world.answer(world.waiting(), Answer::Kind::not_found, later);
    world.finish(world.answer_snapshot(world.waiting(), quota(20, period, mark), later));
    admitted += 1 + spend(world, "k1", 40, later);
    BOOST_TEST_CONTEXT(row.what) { BOOST_TEST(admitted == 20); }
  }
}

// An entitlement that one snapshot does not name, or names as something unknown, has not been forgotten.
BOOST_AUTO_TEST_CASE(quota_outlives_a_snapshot_that_does_not_name_it) {
  World world{kNoRecheck};
  world.finish(world.check_cold("k1", quota(20)));
  BOOST_TEST(spend(world, "k1", 30, kNow) == 19);
  const auto refresh = [&](std::int64_t now, const std::string& text) {
    BOOST_REQUIRE(world.check("k1", now).is_suspended());
    world.answer(world.waiting(), Answer::Kind::not_found, now);
    return world.answer_snapshot(world.waiting(), text, now);
  };
  const std::string none =
      R"({"id": "s", "activeFrom": "2025-10-01T00:00:00Z", "paymentStatus": {"status": "paid"}, "entitlements": {}})";
  BOOST_TEST((world.refusal(refresh(kNow + kMinute, none)) == Refusal::meter_unknown));
  BOOST_TEST((world.refusal(refresh(kNow + 2 * kMinute, quota(20))) == Refusal::quota_exhausted));
}

// Nothing is forgotten as long ago that is still on its way, or under way.
BOOST_AUTO_TEST_CASE(quota_is_not_forgotten_while_usage_waits_for_delivery) {
  World world{kNoRecheck};
  world.finish(world.check_cold("k1", with_mark(20, 0)));
  BOOST_TEST(spend(world, "k1", 30, kNow) == 19);
  const std::int64_t later = kNow + 25 * 60 * kMinute;
  BOOST_REQUIRE(world.check("k1", later).is_suspended());
  world.answer(world.waiting(), Answer::Kind::not_found, later);
  BOOST_TEST(
      (world.refusal(world.answer_snapshot(world.waiting(), with_mark(20, 0), later)) == Refusal::quota_exhausted));
}

BOOST_AUTO_TEST_CASE(quota_without_a_mark_knows_only_what_was_delivered_before_the_question) {
  World world;
  world.finish(world.check_cold("k1", quota(20)));
  BOOST_TEST(spend(world, "k1", 30, kNow) == 19);
  const std::int64_t asked = kNow + kMinute;
  BOOST_REQUIRE(world.check("k1", asked).is_suspended());
  const RequestHandle owner = world.waiting();
  world.answer(owner, Answer::Kind::not_found, asked);
  world.deliver_all();  // while the answer is on its way
  BOOST_TEST((world.refusal(world.answer_snapshot(owner, quota(20), asked + 50, asked)) == Refusal::quota_exhausted));
}

// Two requests may cross a reset in the wrong order: what comes after it is of the new period, whatever its clock says.
BOOST_AUTO_TEST_CASE(a_request_that_is_late_across_a_reset_belongs_to_the_new_period) {
  World world{kNoRecheck};
  const std::string next = std::string(kPeriod) + R"(, "nextPeriod": {"balance": 3, "to": "2026-02-15T10:00:30Z"})";
  world.finish(world.check_cold("k1", quota(1, next)));
  const std::int64_t end = kNow + 30 * kSecond;
  world.finish(world.check("k1", end));
  const Outcome late = world.check("k1", end - 500);
  world.finish(late, 500);  // given back to where it was taken from
  BOOST_TEST(spend(world, "k1", 5, end) == 2);
  world.engine->outbox().drain(world.engine->cache(), 9, [&](const UsageEvent& event) {
    if (event.sequence > 1) BOOST_TEST(+event.time >= end);
    return true;
  });
}
