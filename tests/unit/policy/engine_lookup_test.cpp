#include "world.h"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace tollgate;
using namespace tollgate::test;

BOOST_AUTO_TEST_CASE(lookup_asks_kv_then_the_control_plane) {
  World world;
  BOOST_TEST(world.check("k1").is_suspended());
  BOOST_TEST((world.effect() == Effect::kv_get));
  char hex[Digest::kHexLength];
  world.engine->notice().digest->write_hex(hex);
  char expected[Digest::kHexLength];
  sha256("k1").write_hex(expected);
  BOOST_TEST(std::string_view(hex, sizeof hex) == std::string_view(expected, sizeof expected));
  BOOST_TEST(world.answer(world.waiting(), Answer::Kind::not_found).is_suspended());
  BOOST_TEST((world.effect() == Effect::fetch));
  BOOST_TEST(world.answer_snapshot(world.waiting(), snapshot()).is_allowed());
  BOOST_TEST(world.engine->notice().store_seconds == 3'600U);
  BOOST_TEST(world.engine->notice().taken == world.engine->notice().record);
}

BOOST_AUTO_TEST_CASE(lookup_ends_with_a_fresh_snapshot_from_kv) {
  World world;
  world.check("k1");
  BOOST_TEST(world.answer_snapshot(world.waiting(), snapshot(), kNow, kNow - 59'999).is_allowed());
  BOOST_TEST(world.engine->notice().store_seconds == 0U);
  BOOST_TEST(world.check("k1", kNow).is_allowed());
  BOOST_TEST(world.check("k1", kNow + 1).is_suspended());  // its age counts from where it was made
}

BOOST_AUTO_TEST_CASE(lookup_takes_a_stale_snapshot_from_kv_only_in_an_outage) {
  World world;
  world.check("k1");
  BOOST_TEST(world.answer_snapshot(world.waiting(), snapshot(), kNow, kNow - kMinute).is_suspended());
  BOOST_TEST(world.engine->notice().taken != 0U);
  BOOST_TEST((world.effect() == Effect::fetch));
  BOOST_TEST(world.answer(world.waiting(), Answer::Kind::outage).is_allowed());

  World beyond;
  beyond.check("k1");
  BOOST_TEST(beyond.answer_snapshot(beyond.waiting(), snapshot(), kNow, kNow - 3'600'001).is_suspended());
  BOOST_TEST((beyond.refusal(beyond.answer(beyond.waiting(), Answer::Kind::outage)) == Refusal::authorization_failed));
}

BOOST_AUTO_TEST_CASE(lookup_remembers_unknown_keys_and_nothing_else_as_bad) {
  World world;
  world.check("bad");
  world.answer(world.waiting(), Answer::Kind::not_found);
  BOOST_TEST((world.refusal(world.answer(world.waiting(), Answer::Kind::not_found)) == Refusal::key_invalid));
  BOOST_TEST((world.refusal(world.check("bad", kNow + 59'999)) == Refusal::authorization_failed));
  BOOST_TEST(world.check("bad", kNow + 60'000).is_suspended());

  for (Answer::Kind kind : {Answer::Kind::unauthorized, Answer::Kind::outage}) {
    World other;
    other.check("k1");
    other.answer(other.waiting(), Answer::Kind::not_found);
    BOOST_TEST((other.refusal(other.answer(other.waiting(), kind)) == Refusal::authorization_failed));
    BOOST_TEST(other.check("k1").is_suspended());
  }
}

BOOST_AUTO_TEST_CASE(lookup_of_a_revoked_key_makes_it_unknown) {
  World world;
  world.finish(world.check_cold("k1", snapshot()));
  const std::int64_t later = kNow + kMinute;
  world.check("k1", later);
  world.answer(world.waiting(), Answer::Kind::not_found, later);
  BOOST_TEST((world.refusal(world.answer(world.waiting(), Answer::Kind::not_found, later)) == Refusal::key_invalid));
  BOOST_TEST((world.refusal(world.check("k1", later)) == Refusal::authorization_failed));
  BOOST_TEST((world.recorded("api_requests") == Quantity::units(1)));  // what it used is still delivered
}

BOOST_AUTO_TEST_CASE(outage_leaves_a_known_key_its_last_snapshot_for_an_hour) {
  World world;
  world.finish(world.check_cold("k1", snapshot("9")));
  const auto down = [&](std::int64_t now) {
    BOOST_REQUIRE(world.check("k1", now).is_suspended());
    world.answer(world.waiting(), Answer::Kind::outage, now);
    return world.answer(world.waiting(), Answer::Kind::outage, now);
  };
  world.finish(down(kNow + kMinute));
  world.finish(world.check("k1", kNow + kMinute + 4'999));  // not asked again at once
  BOOST_TEST(world.engine->counters().stale_uses == 2U);
  world.finish(down(kNow + kMinute + 5'000));
  world.finish(down(kNow + 3'600'000));
  BOOST_TEST((world.refusal(down(kNow + 3'600'001)) == Refusal::authorization_failed));
  BOOST_TEST((world.recorded("api_requests") == Quantity::units(5)));
  // Back again: no bad memory.
  BOOST_TEST(world.check_cold("k1", snapshot("9"), kNow + 3'600'002).is_allowed());
}

BOOST_AUTO_TEST_CASE(outage_does_not_bring_back_what_was_consumed) {
  World world;
  world.finish(world.check_cold("k1", snapshot("2")));
  world.finish(world.check("k1"));
  const std::uint32_t batch =
      world.engine->outbox().drain(world.engine->cache(), 9, [](const UsageEvent&) { return true; });
  world.engine->outbox().delivered(world.engine->cache(), batch);
  const std::int64_t later = kNow + kMinute;
  world.check("k1", later);
  world.answer_snapshot(world.waiting(), snapshot("2"), later, kNow);  // KV holds the snapshot that is known already
  BOOST_TEST((world.refusal(world.answer(world.waiting(), Answer::Kind::outage, later)) == Refusal::quota_exhausted));
}

BOOST_AUTO_TEST_CASE(snapshot_never_goes_back_to_an_older_revision) {
  World world;
  world.finish(world.check_cold("k1", snapshot("5", R"(, "revision": 7)")));
  const std::int64_t later = kNow + kMinute;
  world.check("k1", later);
  BOOST_TEST(
      world.answer_snapshot(world.waiting(), snapshot("99", R"(, "revision": 6)"), later, later - 1).is_suspended());
  BOOST_TEST(world.engine->notice().taken == 0U);
  const Outcome outcome = world.answer_snapshot(world.waiting(), snapshot("99", R"(, "revision": 6)"), later);
  BOOST_TEST(outcome.is_allowed());  // on the last good one
  BOOST_TEST(world.engine->notice().store_seconds == 0U);
  BOOST_TEST(world.engine->counters().stale_uses == 1U);
}

BOOST_AUTO_TEST_CASE(concurrent_misses_share_one_fetch) {
  World world;
  world.check("k1");
  const RequestHandle owner = world.waiting();
  std::vector<RequestHandle> waiters;
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(world.check("k1").is_suspended());
    BOOST_TEST((world.effect() == Effect::wait));
    waiters.push_back(world.waiting());
  }
  BOOST_TEST(world.engine->poll(waiters[1], kNow).is_suspended());  // asked too early: still waiting
  BOOST_TEST((world.effect() == Effect::wait));
  world.answer(owner, Answer::Kind::not_found);
  BOOST_TEST(world.answer_snapshot(owner, snapshot()).is_allowed());
  BOOST_TEST(world.engine->notice().woken == 3U);
  for (RequestHandle waiter : waiters) {
    BOOST_TEST(world.engine->next_woken() == waiter);
    BOOST_TEST(world.engine->poll(waiter, kNow).is_allowed());
    BOOST_TEST(world.engine->poll(waiter, kNow).code() == Outcome::stale().code());
  }
  BOOST_TEST(world.engine->next_woken() == 0U);
  BOOST_TEST(world.engine->counters().lookups == 1U);
  BOOST_TEST(world.engine->counters().shared_lookups == 3U);
}

BOOST_AUTO_TEST_CASE(a_fetch_is_handed_on_when_its_request_goes_away) {
  World world;
  world.check("k1");
  const RequestHandle owner = world.waiting();
  world.answer(owner, Answer::Kind::not_found);
  world.check("k1");
  const RequestHandle second = world.waiting();
  world.check("k1");
  const RequestHandle third = world.waiting();
  BOOST_TEST(world.engine->abandon(owner));
  BOOST_TEST(world.engine->notice().woken == 1U);
  BOOST_TEST(world.engine->next_woken() == second);
  BOOST_TEST(world.engine->poll(second, kNow).is_suspended());
  BOOST_TEST((world.effect() == Effect::fetch));
  BOOST_TEST(world.answer_snapshot(owner, snapshot()).code() == Outcome::stale().code());
  BOOST_TEST(world.engine->abandon(second));
  BOOST_TEST(world.engine->next_woken() == third);
  BOOST_TEST(world.engine->poll(third, kNow).is_suspended());
  BOOST_TEST(world.answer_snapshot(third, snapshot()).is_allowed());
  BOOST_TEST(world.engine->in_flight() == 1U);

  // The last one gone, nothing is left of the look-up.
  world.check("k2");
  BOOST_TEST(world.engine->abandon(world.waiting()));
  BOOST_TEST(world.engine->in_flight() == 1U);
  BOOST_TEST(world.check("k2").is_suspended());
  BOOST_TEST((world.effect() == Effect::kv_get));
}

BOOST_AUTO_TEST_CASE(a_woken_request_may_go_away_before_it_asks) {
  World world;
  world.check("k1");
  const RequestHandle owner = world.waiting();
  world.check("k1");
  const RequestHandle second = world.waiting();
  world.check("k1");
  const RequestHandle third = world.waiting();
  world.answer(owner, Answer::Kind::not_found);
  world.answer_snapshot(owner, snapshot());
  BOOST_TEST(world.engine->abandon(second));  // still in the queue of the woken
  BOOST_TEST(world.engine->next_woken() == third);
  BOOST_TEST(world.engine->next_woken() == 0U);
  BOOST_TEST(world.engine->abandon(third));  // out of the queue, not yet polled
  BOOST_TEST(world.engine->in_flight() == 1U);
}

BOOST_AUTO_TEST_CASE(a_waiting_request_may_take_the_fetch_over) {
  World world;
  world.check("k1");
  const RequestHandle owner = world.waiting();
  world.check("k1");
  const RequestHandle second = world.waiting();
  BOOST_TEST(world.engine->take_over(second, kNow).is_suspended());
  BOOST_TEST((world.effect() == Effect::kv_get));
  BOOST_TEST(world.waiting() == second);
  // The former one brings nothing: it is a waiting request itself.
  BOOST_TEST(world.answer(owner, Answer::Kind::not_found).is_suspended());
  BOOST_TEST((world.effect() == Effect::wait));
  BOOST_TEST(world.answer(owner, Answer::Kind::not_found).code() == Outcome::stale().code());  // asked for nothing
  world.answer(second, Answer::Kind::not_found);
  BOOST_TEST(world.answer_snapshot(second, snapshot()).is_allowed());
  BOOST_TEST(world.engine->next_woken() == owner);
  BOOST_TEST(world.engine->poll(owner, kNow).is_allowed());
  BOOST_TEST(world.engine->take_over(owner, kNow).code() == Outcome::stale().code());
}

// S4.4: any good answer serves all, whoever brings it and however late.
BOOST_AUTO_TEST_CASE(the_late_answer_of_a_former_owner_serves_all) {
  const struct {
    Effect stage;             ///< the effect that the former owner is performing
    bool successor_is_ahead;  ///< and its successor the one after it
    Answer::Kind kind;
    bool serves;
  } rows[] = {
      {Effect::kv_get, false, Answer::Kind::snapshot, true},   {Effect::kv_get, true, Answer::Kind::snapshot, true},
      {Effect::kv_get, false, Answer::Kind::not_found, false}, {Effect::kv_get, true, Answer::Kind::not_found, false},
      {Effect::kv_get, true, Answer::Kind::outage, false},     {Effect::fetch, false, Answer::Kind::snapshot, true},
      {Effect::fetch, false, Answer::Kind::not_found, true},   {Effect::fetch, false, Answer::Kind::outage, false},
  };
  for (const auto& row : rows) {
    World world;
    world.check("k1");
    const RequestHandle former = world.waiting();
    if (row.stage == Effect::fetch) world.answer(former, Answer::Kind::not_found);
    world.check("k1");
    const RequestHandle successor = world.waiting();
    world.check("k1");
    const RequestHandle third = world.waiting();
    world.engine->take_over(successor, kNow);
    if (row.successor_is_ahead) BOOST_REQUIRE(world.answer(successor, Answer::Kind::not_found).is_suspended());
    BOOST_TEST_CONTEXT(static_cast<int>(row.stage) << row.successor_is_ahead << static_cast<int>(row.kind)) {
      const Outcome outcome = row.kind == Answer::Kind::snapshot ? world.answer_snapshot(former, snapshot())
                                                                 : world.answer(former, row.kind);
      BOOST_TEST(!outcome.is_suspended() == row.serves);
      const Outcome of_third = world.engine->poll(third, kNow);
      BOOST_TEST(!of_third.is_suspended() == row.serves);
      BOOST_TEST(of_third.is_allowed() == (row.serves && row.kind == Answer::Kind::snapshot));
      // The successor's own answer finds it decided, and is not thrown at anybody.
      const Outcome of_successor = world.answer(successor, Answer::Kind::outage);
      if (row.serves) BOOST_TEST(of_successor.is_allowed() == of_third.is_allowed());
    }
  }
}

// A sequence that once led one link into two lists, and the instance into an endless loop.
BOOST_AUTO_TEST_CASE(a_woken_request_may_be_taken_over_and_wait_again) {
  World world;
  std::vector<RequestHandle> r;
  for (int i = 0; i < 5; ++i) {
    world.check("k1");
    r.push_back(world.waiting());
  }
  BOOST_TEST(world.engine->abandon(r[0]));  // wakes r[1]
  BOOST_TEST(world.engine->take_over(r[2], kNow).is_suspended());
  world.check("k1");
  const RequestHandle last = world.waiting();
  BOOST_TEST(world.engine->poll(r[1], kNow).is_suspended());
  BOOST_TEST((world.effect() == Effect::wait));
  BOOST_TEST(world.engine->take_over(last, kNow).is_suspended());
  BOOST_TEST((world.effect() == Effect::kv_get));
  world.answer(last, Answer::Kind::not_found);
  BOOST_TEST(world.answer_snapshot(last, snapshot()).is_allowed());
  std::size_t woken = 0;
  for (RequestHandle handle = world.engine->next_woken(); handle != 0; handle = world.engine->next_woken()) {
    BOOST_TEST(world.engine->poll(handle, kNow).is_allowed());
    ++woken;
  }
  BOOST_TEST(woken == 4U);
  BOOST_TEST(world.engine->lookups() == 0U);
  BOOST_TEST(world.engine->notice().woken == 0U);
}

BOOST_AUTO_TEST_CASE(all_who_wait_learn_how_it_ended) {
  const struct {
    Answer::Kind kind;
    Refusal refusal;
  } rows[] = {
      {Answer::Kind::not_found, Refusal::key_invalid},
      {Answer::Kind::unauthorized, Refusal::authorization_failed},
      {Answer::Kind::outage, Refusal::authorization_failed},
  };
  for (const auto& row : rows) {
    World world;
    world.check("k1");
    const RequestHandle owner = world.waiting();
    world.check("k1");
    world.answer(owner, Answer::Kind::not_found);
    BOOST_TEST((world.refusal(world.answer(owner, row.kind)) == row.refusal));
    BOOST_TEST((world.refusal(world.engine->poll(world.engine->next_woken(), kNow)) == row.refusal));
    BOOST_TEST(world.engine->in_flight() == 0U);
  }
}

// S4.3: look-ups of unknown keys have a share of their own; known keys go on, on their last snapshot if need be.
BOOST_AUTO_TEST_CASE(lookups_of_unknown_keys_leave_room_for_known_ones) {
  World world;
  world.finish(world.check_cold("known", snapshot()));
  std::vector<RequestHandle> open;
  const std::int64_t later = kNow + kMinute;
  for (std::size_t i = 0; i < limits::kUnknownLookups; ++i) {
    BOOST_REQUIRE(world.check("k" + std::to_string(i), later).is_suspended());
    open.push_back(world.waiting());
  }
  BOOST_TEST((world.refusal(world.check("one-more", later)) == Refusal::overloaded));
  BOOST_TEST(world.check("k7", later).is_suspended());  // needs no look-up of its own
  BOOST_TEST(world.check("known", later).is_suspended());
  BOOST_TEST((world.effect() == Effect::kv_get));
  for (RequestHandle handle : open) world.engine->abandon(handle);
  BOOST_TEST(world.check("one-more", later).is_suspended());
}

BOOST_AUTO_TEST_CASE(a_known_key_without_a_lookup_goes_on_with_its_last_snapshot) {
  World world;
  for (std::size_t i = 0; i <= limits::kLookups; ++i) {
    world.finish(world.check_cold("k" + std::to_string(i), snapshot("9", "", "s" + std::to_string(i))));
  }
  const std::int64_t later = kNow + kMinute;
  for (std::size_t i = 0; i < limits::kLookups; ++i) {
    BOOST_REQUIRE(world.check("k" + std::to_string(i), later).is_suspended());
  }
  const std::string last = "k" + std::to_string(limits::kLookups);
  BOOST_TEST(world.check(last, later).is_allowed());
  BOOST_TEST(world.engine->counters().stale_uses == 1U);
}

// A control plane that hangs, and a crowd that waits for one unknown key, stop nobody whose key is warm.
BOOST_AUTO_TEST_CASE(waiting_requests_leave_room_for_warm_keys) {
  World world;
  world.finish(world.check_cold("warm", snapshot()));
  world.finish(world.check_cold("stale", snapshot("9", "", "other"), kNow - kMinute));
  for (std::size_t i = 0; i < limits::kWaitingUnknown; ++i) BOOST_REQUIRE(world.check("unknown").is_suspended());
  BOOST_TEST((world.refusal(world.check("unknown")) == Refusal::overloaded));
  for (std::size_t i = limits::kWaitingUnknown; i < limits::kWaiting; ++i) {
    BOOST_REQUIRE(world.check("stale").is_suspended());
  }
  BOOST_TEST(world.check("stale").is_allowed());  // on its last snapshot
  BOOST_TEST(world.check("warm").is_allowed());
}

BOOST_AUTO_TEST_CASE(a_flood_of_bad_keys_evicts_no_known_one) {
  World world;
  world.finish(world.check_cold("good", snapshot()));
  for (int i = 0; i < 20'000; ++i) {
    if (!world.check("bad" + std::to_string(i)).is_suspended()) continue;
    world.answer(world.waiting(), Answer::Kind::not_found);
    world.answer(world.waiting(), Answer::Kind::not_found);
  }
  BOOST_TEST(world.check("good").is_allowed());
  BOOST_TEST(world.engine->cache().evictions() == 0U);
}

// The answer to one question is never taken for that to another.
BOOST_AUTO_TEST_CASE(a_request_that_is_asked_for_something_is_not_asked_for_more) {
  World world;
  world.check("k1");
  const RequestHandle first = world.waiting();  // reads KV
  world.check("k1");
  const RequestHandle second = world.waiting();
  world.engine->take_over(second, kNow);
  world.answer(second, Answer::Kind::not_found);  // and fetches
  BOOST_TEST(world.engine->abandon(second));
  BOOST_TEST(world.engine->poll(first, kNow).is_suspended());
  BOOST_TEST((world.effect() == Effect::kv_get));                           // still
  BOOST_TEST(world.answer(first, Answer::Kind::not_found).is_suspended());  // there is nothing in KV
  BOOST_TEST((world.effect() == Effect::fetch));
  BOOST_TEST(world.answer_snapshot(first, snapshot()).is_allowed());
}
