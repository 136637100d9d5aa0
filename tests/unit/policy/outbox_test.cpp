#include "world.h"

#include <boost/test/unit_test.hpp>

#include <map>
#include <random>
#include <vector>

using namespace tollgate;
using namespace tollgate::test;

namespace {

struct Fixture {
  Fixture() {
    world.finish(world.check_cold("k1", snapshot()), 500);
    record = KeyCache::kIndexBits == 0 ? kNone : static_cast<Index>(world.engine->notice().record & 0x1fff);
  }

  bool append(std::int64_t total, std::int64_t time, NameId meter = 0, Subject subject = Subject::subscription) {
    return outbox().append(world.engine->cache(), {record, meter, subject, true, Quantity::units(total), time});
  }
  std::vector<UsageEvent> drain(std::uint32_t& batch, std::size_t max = 100) {
    std::vector<UsageEvent> events;
    batch = outbox().drain(world.engine->cache(), max, [&](const UsageEvent& event) {
      events.push_back(event);
      return true;
    });
    return events;
  }
  Outbox& outbox() { return world.engine->outbox(); }

  World world;
  Index record = kNone;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(outbox_merges_equal_events_of_a_minute, Fixture) {
  append(1, kNow);
  append(2, kNow + kMinute - 1);
  append(4, kNow + kMinute);
  append(8, kNow, 1);
  append(16, kNow, 0, Subject::consumer);
  std::uint32_t batch = 0;
  const auto events = drain(batch);
  BOOST_REQUIRE(events.size() == 4U);
  BOOST_TEST((events[0].total.get() == Quantity::units(3)));
  BOOST_TEST(+events[0].time == kNow + kMinute - 1);  // of the latest request in it
  BOOST_TEST((events[1].total.get() == Quantity::units(4)));
  BOOST_TEST((events[2].total.get() == Quantity::units(8)));
  BOOST_TEST((events[3].total.get() == Quantity::units(16)));
  BOOST_TEST(outbox().merged() == 1U);
}

BOOST_FIXTURE_TEST_CASE(outbox_keeps_a_batch_as_it_was_until_delivered, Fixture) {
  append(1, kNow);
  std::uint32_t first = 0;
  const auto sent = drain(first);
  append(5, kNow);  // not merged into what was sent: its id and total are out
  std::uint32_t second = 0;
  BOOST_TEST((drain(second)[0].total.get() == Quantity::units(5)));
  BOOST_TEST(outbox().failed(first));
  BOOST_TEST(!outbox().failed(first));
  std::uint32_t again = 0;
  const auto retried = drain(again);
  BOOST_REQUIRE(retried.size() == 1U);
  BOOST_TEST(+retried[0].sequence == +sent[0].sequence);
  BOOST_TEST((retried[0].total.get() == Quantity::units(1)));
  BOOST_TEST(outbox().delivered(world.engine->cache(), again));
  BOOST_TEST(!outbox().delivered(world.engine->cache(), again));
  BOOST_TEST(outbox().delivered(world.engine->cache(), second));
  BOOST_TEST(outbox().size() == 0U);
  BOOST_TEST(world.engine->cache().record(record).pins == 0);
}

BOOST_FIXTURE_TEST_CASE(outbox_drains_in_order_and_in_parts, Fixture) {
  for (int i = 0; i < 10; ++i) append(i + 1, kNow + i * kMinute);
  std::uint32_t batch = 0;
  BOOST_TEST(drain(batch, 4).size() == 4U);
  BOOST_TEST(outbox().waiting() == 6U);
  std::uint32_t rest = 0;
  const auto events = drain(rest);
  BOOST_REQUIRE(events.size() == 6U);
  BOOST_TEST((events[0].total.get() == Quantity::units(5)));
  std::uint32_t none = 1;
  BOOST_TEST(drain(none).empty());
  BOOST_TEST(none == 0U);
}

// Invariant M10: what a request will need is kept for it, and what has no place is counted.
BOOST_FIXTURE_TEST_CASE(outbox_keeps_places_and_counts_what_it_loses, Fixture) {
  for (std::size_t i = 0; i < limits::kOutboxEvents - 2; ++i) {
    BOOST_REQUIRE(append(1, kNow + static_cast<std::int64_t>(i) * 60 * kMinute));
  }
  BOOST_TEST(outbox().reserve(2));
  BOOST_TEST(!outbox().reserve(1));
  BOOST_TEST(!append(1, kNow, 7));  // the places that are left belong to others
  BOOST_TEST(outbox().lost() == 1U);
  BOOST_TEST(append(1, kNow));  // one that can be merged needs none
  outbox().release(2);
  BOOST_TEST(append(1, kNow, 7));
  BOOST_TEST(append(1, kNow, 8));
  BOOST_TEST(!append(1, kNow, 9));
  BOOST_TEST(outbox().lost() == 2U);
  BOOST_TEST((world.recorded("api_requests") == Quantity::units(limits::kOutboxEvents - 1)));
}

// While delivery stands still, a meter that is used all the time takes a place an hour, not one a minute.
BOOST_FIXTURE_TEST_CASE(outbox_short_of_room_merges_by_the_hour, Fixture) {
  for (std::size_t i = 0; i < limits::kOutboxEvents - limits::kOutboxPressure + 1; ++i) {
    BOOST_REQUIRE(append(1, kNow + static_cast<std::int64_t>(i) * 60 * kMinute, 1));
  }
  const std::size_t before = outbox().size();
  for (int minute = 0; minute < 180; ++minute) BOOST_REQUIRE(append(1, kNow + minute * kMinute));
  BOOST_TEST(outbox().size() - before == 3U);
  BOOST_TEST((world.recorded("api_requests") == Quantity::units(180)));
}

// Invariant M11: what every aggregation needs of the requests in an event.
BOOST_FIXTURE_TEST_CASE(outbox_tells_of_a_merged_event_what_aggregations_need, Fixture) {
  append(3, kNow + 2);
  append(1, kNow + 5);
  append(4, kNow + 1);  // came first, ended last
  std::uint32_t batch = 0;
  const auto events = drain(batch);
  BOOST_REQUIRE(events.size() == 1U);
  BOOST_TEST(events[0].count == 3U);
  BOOST_TEST((events[0].total.get() == Quantity::units(8)));
  BOOST_TEST((events[0].min.get() == Quantity::units(1)));
  BOOST_TEST((events[0].max.get() == Quantity::units(4)));
  BOOST_TEST((events[0].last.get() == Quantity::units(1)));
  BOOST_TEST(+events[0].time == kNow + 5);
}

BOOST_FIXTURE_TEST_CASE(outbox_keeps_events_apart_where_it_is_told_to, Fixture) {
  for (int i = 0; i < 3; ++i) {
    outbox().append(world.engine->cache(), {record, 0, Subject::subscription, false, Quantity::units(1), kNow});
  }
  append(1, kNow);  // is not merged into those either
  std::uint32_t batch = 0;
  BOOST_TEST(drain(batch).size() == 4U);
}

// S3.1: keys of one subscription share a place, unless the subject tells them apart.
BOOST_FIXTURE_TEST_CASE(outbox_shares_places_between_the_keys_of_a_subscription, Fixture) {
  world.finish(world.check_cold("k2", snapshot()), 500);
  const Index second = KeyCache::position_of(world.engine->notice().record);
  BOOST_REQUIRE(second != record);
  for (const Subject subject : {Subject::subscription, Subject::consumer}) {
    append(1, kNow, 0, subject);
    outbox().append(world.engine->cache(), {second, 0, subject, true, Quantity::units(2), kNow});
  }
  std::uint32_t batch = 0;
  const auto events = drain(batch);
  BOOST_REQUIRE(events.size() == 3U);
  BOOST_TEST((events[0].total.get() == Quantity::units(3)));
  BOOST_TEST(events[0].key == kNone);
  BOOST_TEST(events[1].key == record);
  BOOST_TEST(events[2].key == second);
  BOOST_TEST(outbox().delivered(world.engine->cache(), batch));
  BOOST_TEST(world.engine->cache().record(second).pins == 0);
}

BOOST_FIXTURE_TEST_CASE(outbox_starts_a_new_event_where_a_sum_would_leave_the_range, Fixture) {
  const std::int64_t large = 900'000'000'000'000'000;
  append(large, kNow);
  append(large, kNow);
  std::uint32_t batch = 0;
  BOOST_TEST(drain(batch).size() == 2U);
}

BOOST_FIXTURE_TEST_CASE(outbox_bounds_the_batches_that_are_out, Fixture) {
  std::vector<std::uint32_t> out;
  for (std::size_t i = 0; i < limits::kBatchesInFlight; ++i) {
    append(1, kNow);
    std::uint32_t batch = 0;
    BOOST_REQUIRE(drain(batch).size() == 1U);
    out.push_back(batch);
  }
  append(1, kNow);
  std::uint32_t batch = 0;
  BOOST_TEST(drain(batch).empty());
  BOOST_TEST(batch == 0U);
  BOOST_TEST(outbox().delivered(world.engine->cache(), out[3]));
  BOOST_TEST(drain(batch).size() == 1U);
}

// Whatever is delivered, failed and appended in between: every unit arrives once, under an id that never changes.
BOOST_FIXTURE_TEST_CASE(outbox_delivers_everything_exactly_once, Fixture) {
  std::mt19937_64 random(7);
  std::map<std::uint64_t, Quantity> seen;  // by sequence, as first handed out
  std::map<std::uint64_t, Quantity> arrived;
  std::vector<std::pair<std::uint32_t, std::vector<UsageEvent>>> out;
  std::int64_t appended = 0;
  for (int step = 0; step < 50'000; ++step) {
    switch (random() % 4) {
      case 0:
      case 1: {
        const auto total = static_cast<std::int64_t>(random() % 9 + 1);
        appended += append(total, kNow + step * 10, static_cast<NameId>(random() % 3)) ? total : 0;
        break;
      }
      case 2: {
        std::uint32_t batch = 0;
        auto events = drain(batch, random() % 5 + 1);
        for (const UsageEvent& event : events) {
          const auto [at, fresh] = seen.try_emplace(+event.sequence, event.total.get());
          BOOST_REQUIRE(fresh || at->second == event.total.get());
        }
        if (batch != 0) out.emplace_back(batch, std::move(events));
        break;
      }
      default: {
        if (out.empty()) break;
        const std::size_t pick = random() % out.size();
        if (random() % 2 == 0) {
          BOOST_REQUIRE(outbox().failed(out[pick].first));
        } else {
          BOOST_REQUIRE(outbox().delivered(world.engine->cache(), out[pick].first));
          for (const UsageEvent& event : out[pick].second)
            BOOST_REQUIRE(arrived.emplace(+event.sequence, event.total.get()).second);
        }
        out.erase(out.begin() + static_cast<std::ptrdiff_t>(pick));
      }
    }
  }
  for (auto& [batch, events] : out) outbox().failed(batch);
  Quantity sum;
  std::uint32_t rest = 0;
  for (const UsageEvent& event : drain(rest, limits::kOutboxEvents)) sum = sum.plus(event.total.get());
  for (const auto& [sequence, total] : arrived) sum = sum.plus(total);
  BOOST_TEST((sum == Quantity::units(appended)));
}
