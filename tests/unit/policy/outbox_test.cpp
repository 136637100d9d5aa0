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
    return outbox().append(world.engine->cache(), record, meter, subject, Quantity::units(total), time);
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
  BOOST_TEST((events[0].total == Quantity::units(3)));
  BOOST_TEST(events[0].time == kNow);
  BOOST_TEST((events[1].total == Quantity::units(4)));
  BOOST_TEST((events[2].total == Quantity::units(8)));
  BOOST_TEST((events[3].total == Quantity::units(16)));
  BOOST_TEST(outbox().merged() == 1U);
}

BOOST_FIXTURE_TEST_CASE(outbox_keeps_a_batch_as_it_was_until_delivered, Fixture) {
  append(1, kNow);
  std::uint32_t first = 0;
  const auto sent = drain(first);
  append(5, kNow);  // not merged into what was sent: its id and total are out
  std::uint32_t second = 0;
  BOOST_TEST((drain(second)[0].total == Quantity::units(5)));
  BOOST_TEST(outbox().failed(first));
  BOOST_TEST(!outbox().failed(first));
  std::uint32_t again = 0;
  const auto retried = drain(again);
  BOOST_REQUIRE(retried.size() == 1U);
  BOOST_TEST(retried[0].sequence == sent[0].sequence);
  BOOST_TEST((retried[0].total == Quantity::units(1)));
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
  BOOST_TEST((events[0].total == Quantity::units(5)));
  std::uint32_t none = 1;
  BOOST_TEST(drain(none).empty());
  BOOST_TEST(none == 0U);
}

BOOST_FIXTURE_TEST_CASE(outbox_that_is_full_merges_what_it_can_and_counts_what_it_loses, Fixture) {
  for (std::size_t i = 0; i < limits::kOutboxEvents; ++i) {
    BOOST_REQUIRE(append(1, kNow + static_cast<std::int64_t>(i) * kMinute));
  }
  BOOST_TEST(append(1, kNow + 5'000 * kMinute));  // of a minute of its own, but of the same key and meter
  BOOST_TEST(outbox().lost() == 0U);
  BOOST_TEST(!append(1, kNow, 7));
  BOOST_TEST(outbox().lost() == 1U);
  BOOST_TEST((world.recorded("api_requests") == Quantity::units(limits::kOutboxEvents + 1)));
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
          const auto [at, fresh] = seen.try_emplace(event.sequence, event.total);
          BOOST_REQUIRE(fresh || at->second == event.total);
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
            BOOST_REQUIRE(arrived.emplace(event.sequence, event.total).second);
        }
        out.erase(out.begin() + static_cast<std::ptrdiff_t>(pick));
      }
    }
  }
  for (auto& [batch, events] : out) outbox().failed(batch);
  Quantity sum = world.recorded("api_requests");
  for (NameId meter : {NameId(1), NameId(2)})
    sum = sum.plus(outbox().undelivered(world.engine->cache(), record, meter));
  for (const auto& [sequence, total] : arrived) sum = sum.plus(total);
  BOOST_TEST((sum == Quantity::units(appended)));
}
