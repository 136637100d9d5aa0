// Requests whose key is in no cache: what they ask for, how they share one look-up, and what happens when the one that
// looks up goes away (wasm/ABI.md, "A request").

#include "tests/unit/hosts/edge_fixture.h"

#include <vector>

namespace tollgate::host::test {

BOOST_AUTO_TEST_SUITE(cold_walk)

BOOST_AUTO_TEST_CASE_TEMPLATE(a_missing_key_asks_kv_then_the_control_plane, Host, Hosts) {
  Edge<Host> edge;
  const std::uint32_t first = edge.suspended(edge.check("k1"), TG_EFFECT_KV_GET);
  BOOST_TEST(edge.output(64) == digest_of("k1"));
  const std::uint32_t second = edge.suspended(edge.resume(first, 404), TG_EFFECT_FETCH);
  BOOST_TEST(edge.output(64) == digest_of("k1"));
  BOOST_TEST(edge.mailbox().store_seconds == 0);
  const std::int32_t allowed = edge.resume(second, 200, snapshot(5));
  BOOST_REQUIRE_GT(allowed, 0);
  BOOST_TEST(edge.mailbox().store_seconds >= 60);
  BOOST_TEST(edge.mailbox().record != 0);
  BOOST_TEST(edge.mailbox().taken == edge.mailbox().record);
  BOOST_TEST(edge.finish(allowed) == 1);
  BOOST_TEST(edge.check("k1") > 0);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_fresh_snapshot_in_kv_spares_the_control_plane, Host, Hosts) {
  Edge<Host> edge;
  const std::uint32_t handle = edge.suspended(edge.check("k1"), TG_EFFECT_KV_GET);
  const auto taken_at = kNow - 59'999;
  BOOST_TEST(edge.of(edge->resume(handle, 200, edge.put(snapshot(5)), taken_at, kNow)) > 0);
  BOOST_TEST(edge.mailbox().store_seconds == 0);
  // Its age counts from when it was made: a millisecond later it is past its time and both caches are asked again.
  edge.suspended(edge.check("k1", kNow + 1), TG_EFFECT_KV_GET);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_stale_snapshot_in_kv_bridges_an_outage, Host, Hosts) {
  Edge<Host> edge;
  std::uint32_t handle = edge.suspended(edge.check("k1"), TG_EFFECT_KV_GET);
  handle = edge.suspended(edge.of(edge->resume(handle, 200, edge.put(snapshot(5)), kNow - 30 * kMinute, kNow)),
                          TG_EFFECT_FETCH);
  BOOST_TEST(edge.resume(handle, TG_UNREACHABLE) > 0);
  BOOST_TEST(edge.mailbox().store_seconds == 0);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(garbage_from_the_control_plane_counts_as_an_outage, Host, Hosts) {
  for (const char* garbage :
       {"", "<html>", "[]", "{}", R"({"id":7})", "{\"id\":\"01KNVXHQG356VA7T7W0V9N21GH\"", "\xff\xfe"}) {
    Edge<Host> edge;
    const std::int32_t result = edge.resume(edge.ask_control_plane("k1"), 200, garbage);
    BOOST_TEST(has(edge.problem(result), "Authorization Failed"), garbage);
    BOOST_TEST(edge.mailbox().store_seconds == 0);
    // Not remembered as bad: the next request asks again.
    edge.suspended(edge.check("k1"), TG_EFFECT_KV_GET);
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(requests_for_one_missing_key_share_one_look_up, Host, Hosts) {
  Edge<Host> edge;
  std::uint32_t first = edge.suspended(edge.check("k1"), TG_EFFECT_KV_GET);
  const std::uint32_t second = edge.suspended(edge.check("k1"), TG_EFFECT_WAIT);
  BOOST_TEST(edge.output(64) == digest_of("k1"));  // who waits is told for what
  first = edge.suspended(edge.resume(first, 404), TG_EFFECT_FETCH);
  const std::uint32_t third = edge.suspended(edge.check("k1"), TG_EFFECT_WAIT);
  edge.suspended(edge.check("k2"), TG_EFFECT_KV_GET);  // another key is no concern of theirs
  edge.suspended(edge.poll(second), TG_EFFECT_WAIT);

  BOOST_TEST(edge.resume(first, 200, snapshot(2)) > 0);
  BOOST_TEST(edge.mailbox().woken == 2);
  BOOST_TEST(edge.next_woken() == second);
  BOOST_TEST(edge.next_woken() == third);
  BOOST_TEST(edge.next_woken() == 0);
  BOOST_TEST(edge.poll(second) > 0);
  // The balance was 2: the third of them is one too many.
  BOOST_TEST(has(edge.problem(edge.poll(third)), "exceeded the allowed limit"));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(who_waits_for_an_unknown_key_is_refused_like_who_asked, Host, Hosts) {
  Edge<Host> edge;
  const std::uint32_t first = edge.ask_control_plane("k1");
  const std::uint32_t second = edge.suspended(edge.check("k1"), TG_EFFECT_WAIT);
  BOOST_TEST(has(edge.problem(edge.resume(first, 404)), "API Key is invalid"));
  BOOST_TEST(edge.next_woken() == second);
  BOOST_TEST(has(edge.problem(edge.poll(second)), "API Key is invalid"));
  BOOST_TEST(has(edge.problem(edge.check("k1")), "Authorization Failed"));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(abandoning_hands_the_look_up_to_the_next, Host, Hosts) {
  Edge<Host> edge;
  const std::uint32_t first = edge.ask_control_plane("k1");
  const std::uint32_t second = edge.suspended(edge.check("k1"), TG_EFFECT_WAIT);
  const std::uint32_t third = edge.suspended(edge.check("k1"), TG_EFFECT_WAIT);
  BOOST_TEST(edge.abandon(first) == 0);
  BOOST_TEST(edge.mailbox().woken == 1);
  BOOST_TEST(edge.next_woken() == second);
  BOOST_TEST(edge.next_woken() == 0);
  BOOST_TEST(edge.resume(first, 200, snapshot(5)) == TG_STALE);
  BOOST_TEST(edge.suspended(edge.poll(second), TG_EFFECT_FETCH) == second);
  BOOST_TEST(edge.output(64) == digest_of("k1"));
  BOOST_TEST(edge.resume(second, 200, snapshot(5)) > 0);
  BOOST_TEST(edge.next_woken() == third);
  BOOST_TEST(edge.poll(third) > 0);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_waiting_request_that_goes_away_wakes_nobody, Host, Hosts) {
  Edge<Host> edge;
  const std::uint32_t first = edge.ask_control_plane("k1");
  const std::uint32_t second = edge.suspended(edge.check("k1"), TG_EFFECT_WAIT);
  BOOST_TEST(edge.abandon(second) == 0);
  BOOST_TEST(edge.mailbox().woken == 0);
  BOOST_TEST(edge.resume(first, 200, snapshot(5)) > 0);
  BOOST_TEST(edge.mailbox().woken == 0);
  BOOST_TEST(edge.next_woken() == 0);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_last_to_abandon_leaves_nothing_behind, Host, Hosts) {
  Edge<Host> edge;
  const std::uint32_t first = edge.ask_control_plane("k1");
  const std::uint32_t second = edge.suspended(edge.check("k1"), TG_EFFECT_WAIT);
  BOOST_TEST(edge.abandon(first) == 0);
  BOOST_TEST(edge.next_woken() == second);
  BOOST_TEST(edge.abandon(second) == 0);  // woken, never polled
  edge.suspended(edge.check("k1"), TG_EFFECT_KV_GET);
}

// S4.4
BOOST_AUTO_TEST_CASE_TEMPLATE(an_outage_of_who_was_taken_over_from_makes_it_wait, Host, Hosts) {
  Edge<Host> edge;
  const std::uint32_t first = edge.suspended(edge.check("k1"), TG_EFFECT_KV_GET);
  const std::uint32_t second = edge.suspended(edge.check("k1"), TG_EFFECT_WAIT);
  BOOST_TEST(edge.suspended(edge.take_over(second), TG_EFFECT_KV_GET) == second);
  BOOST_TEST(edge.output(64) == digest_of("k1"));
  const std::uint32_t fetching = edge.suspended(edge.resume(second, 404), TG_EFFECT_FETCH);
  BOOST_TEST(edge.suspended(edge.resume(first, TG_UNREACHABLE), TG_EFFECT_WAIT) == first);
  BOOST_TEST(edge.resume(fetching, 200, snapshot(5)) > 0);
  BOOST_TEST(edge.mailbox().woken == 1);
  BOOST_TEST(edge.next_woken() == first);
  BOOST_TEST(edge.poll(first) > 0);
}

// S4.4
BOOST_AUTO_TEST_CASE_TEMPLATE(a_late_answer_of_who_was_taken_over_from_serves_all, Host, Hosts) {
  Edge<Host> edge;
  const std::uint32_t first = edge.ask_control_plane("k1");
  const std::uint32_t second = edge.suspended(edge.check("k1"), TG_EFFECT_WAIT);
  const std::uint32_t third = edge.suspended(edge.check("k1"), TG_EFFECT_WAIT);
  BOOST_TEST(edge.suspended(edge.take_over(second), TG_EFFECT_FETCH) == second);
  BOOST_TEST(edge.resume(first, 200, snapshot(5)) > 0);
  BOOST_TEST(edge.next_woken() == third);
  BOOST_TEST(edge.poll(third) > 0);
  BOOST_TEST(edge.resume(second, TG_UNREACHABLE) > 0);  // ended already: as a poll
  BOOST_TEST(edge.resume(second, 200, snapshot(5)) == TG_STALE);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(stale_handles_are_refused_and_touch_nobody, Host, Hosts) {
  Edge<Host> edge;
  const std::uint32_t waiting = edge.ask_control_plane("k1");
  BOOST_TEST(edge.finish(static_cast<std::int32_t>(waiting)) == TG_STALE);  // not decided yet
  const std::int32_t allowed = edge.resume(waiting, 200, snapshot(5));
  const std::uint32_t record = edge.mailbox().record;
  BOOST_TEST(edge.resume(waiting, 200, snapshot(9)) == TG_STALE);
  BOOST_TEST(edge.poll(waiting) == TG_STALE);
  BOOST_TEST(edge.take_over(waiting) == TG_STALE);
  BOOST_TEST(edge.abandon(waiting) == TG_STALE);

  const auto handle = static_cast<std::uint32_t>(allowed);
  BOOST_TEST(edge.of(edge->record(handle)) == record);
  BOOST_TEST(edge.resume(handle, 200, snapshot(9)) == TG_STALE);
  BOOST_TEST(edge.poll(handle) == TG_STALE);
  BOOST_TEST(edge.finish(allowed) == 1);
  const std::int32_t reused = edge.check("k1");  // most likely in the same place
  BOOST_TEST(reused != allowed);
  BOOST_TEST(edge.finish(allowed) == TG_STALE);
  BOOST_TEST(edge.abandon(handle) == TG_STALE);
  BOOST_TEST(edge.of(edge->record(handle)) == 0);
  for (const std::uint32_t made_up : {0u, 1u, 2047u, 2048u, 0x7fffffffu, 0xffffffffu}) {
    BOOST_TEST(edge.abandon(made_up) == TG_STALE);
    BOOST_TEST(edge.poll(made_up) == TG_STALE);
  }
  BOOST_TEST(edge.finish(reused) == 1);  // merged: the same key and minute
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_full_table_refuses_with_503_until_room_is_made, Host, Hosts) {
  constexpr std::size_t kRequests = 2047;
  Edge<Host> edge;
  edge.know("k1", 1'000'000);
  std::vector<std::int32_t> handles;
  handles.reserve(kRequests);
  for (std::size_t i = 0; i < kRequests; ++i) handles.push_back(edge.check("k1"));
  BOOST_TEST(handles.back() > 0);

  const std::int32_t overloaded = edge.check("k1");
  BOOST_REQUIRE_LT(overloaded, 0);
  BOOST_TEST(has(edge.problem(overloaded), "\"status\":503"));
  BOOST_TEST(edge.mailbox().status == 503);

  BOOST_TEST(edge.finish(handles.back()) == 1);
  BOOST_TEST(edge.check("k1") > 0);
  BOOST_TEST(edge.check("k1") == overloaded);
  // Requests that their host never ended count as abandoned after a quarter of an hour.
  edge.suspended(edge.check("k1", kNow + 16 * kMinute), TG_EFFECT_KV_GET);
  BOOST_TEST(edge.finish(handles.front()) == TG_STALE);
}

// S4.3
BOOST_AUTO_TEST_CASE_TEMPLATE(too_many_unknown_keys_looked_up_at_once_are_refused_with_503, Host, Hosts) {
  constexpr int kLookups = 192;
  Edge<Host> edge;
  std::uint32_t first = 0;
  for (int i = 0; i < kLookups; ++i) {
    const std::uint32_t handle = edge.suspended(edge.check("key" + std::to_string(i)), TG_EFFECT_KV_GET);
    if (i == 0) first = handle;
  }
  BOOST_TEST(has(edge.problem(edge.check("one more")), "API Key is invalid"));  // a blank is in no key
  const std::int32_t overloaded = edge.check("one-more");
  BOOST_REQUIRE_LT(overloaded, 0);
  const std::string lines = edge.output(edge.of(edge->quota_headers(overloaded, 0, kNow)));
  BOOST_TEST(has(lines, "Retry-After: "));
  BOOST_TEST(has(edge.problem(overloaded), "\"status\":503"));
  edge.suspended(edge.check("key7"), TG_EFFECT_WAIT);
  BOOST_TEST(edge.abandon(first) == 0);
  edge.suspended(edge.check("one-more"), TG_EFFECT_KV_GET);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tollgate::host::test
