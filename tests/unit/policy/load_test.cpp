// Many keys at once: nothing that was let through is lost, however many are active (invariant M10).

#include "world.h"

#include <boost/test/unit_test.hpp>

#include <deque>
#include <random>

using namespace tollgate;
using namespace tollgate::test;

namespace {

/// A host with a clock of its own: requests come at an even rate, look-ups are answered at once, and a sink confirms
/// each batch after a while.
class Load {
 public:
  Load(int keys, int subscriptions, std::string_view options)
      : world_(options), keys_(keys), subscriptions_(subscriptions) {}

  void run(int requests, int requests_per_second, std::int64_t latency_ms) {
    for (int i = 0; i < requests; ++i) {
      const std::int64_t now = kNow + std::int64_t{i} * 1'000 / requests_per_second;
      confirm(now);
      if (now % 200 == 0 || world_.engine->outbox().waiting() >= limits::kBatchEvents) send(now + latency_ms);
      request(static_cast<int>(random_() % static_cast<unsigned>(keys_)), now);
    }
    while (world_.engine->outbox().size() > 0) {
      confirm(INT64_MAX);
      send(INT64_MAX);
    }
  }

  std::uint64_t allowed = 0;
  std::uint64_t refused = 0;
  Quantity delivered;
  const Outbox& outbox() const { return world_.engine->outbox(); }

 private:
  void request(int key, std::int64_t now) {
    const std::string name = "k" + std::to_string(key);
    Outcome outcome = world_.check(name, now);
    if (outcome.is_suspended()) {
      outcome = world_.answer(world_.waiting(), Answer::Kind::not_found, now);
      BOOST_REQUIRE(outcome.is_suspended());
      const std::string id = "s" + std::to_string(key % subscriptions_);
      outcome = world_.answer_snapshot(world_.waiting(), snapshot("900000", "", id), now);
    }
    if (!outcome.is_allowed()) {
      ++refused;
      return;
    }
    ++allowed;
    world_.finish(outcome);
  }

  void send(std::int64_t confirmed_at) {
    Quantity total;
    const std::uint32_t batch =
        world_.engine->outbox().drain(world_.engine->cache(), limits::kBatchEvents, [&](const UsageEvent& event) {
          total = total.plus(event.total.get());
          return true;
        });
    if (batch != 0) out_.push_back({batch, confirmed_at, total});
  }

  void confirm(std::int64_t now) {
    while (!out_.empty() && out_.front().confirmed_at <= now) {
      BOOST_REQUIRE(world_.engine->outbox().delivered(world_.engine->cache(), out_.front().batch));
      delivered = delivered.plus(out_.front().total);
      out_.pop_front();
    }
  }

  struct Out {
    std::uint32_t batch;
    std::int64_t confirmed_at;
    Quantity total;
  };

  World world_;
  int keys_;
  int subscriptions_;
  std::mt19937 random_{20260115};
  std::deque<Out> out_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(no_usage_is_lost_with_more_active_keys_than_the_cache_holds) {
  const struct {
    int keys, subscriptions;
    std::string_view options;
  } rows[] = {
      {10'000, 10'000, R"({"meters": {"api_requests": 1}})"},
      {10'000, 10'000, R"({"meters": {"api_requests": 1}, "subject": "consumer"})"},
      {10'000, 10'000, R"({"meters": {"api_requests": 1}, "merge": false})"},
      {10'000, 30, R"({"meters": {"api_requests": 1}})"},
      {4'096, 4'096, R"({"meters": {"api_requests": 1}})"},
  };
  for (const auto& row : rows) {
    Load load(row.keys, row.subscriptions, row.options);
    load.run(200'000, 20'000, 20);
    BOOST_TEST_CONTEXT(row.keys << " keys of " << row.subscriptions << ", " << row.options) {
      BOOST_TEST(load.allowed == 200'000U);
      BOOST_TEST(load.refused == 0U);
      BOOST_TEST(load.outbox().lost() == 0U);
      BOOST_TEST((load.delivered == Quantity::units(static_cast<std::int64_t>(load.allowed))));
    }
  }
}

// The whole cache active for an hour, and nothing gets out: all of it is still recorded (S4.4).
BOOST_AUTO_TEST_CASE(an_hour_without_delivery_fits_for_every_key_that_the_cache_holds) {
  World world;
  std::vector<std::string> keys;
  std::int64_t recorded = 0;
  for (std::size_t i = 0; i < limits::kCachedKeys; ++i) {
    keys.push_back("k" + std::to_string(i));
    world.finish(world.check_cold(keys.back(), snapshot("900000", "", "s" + std::to_string(i))));
    ++recorded;
  }
  for (int minute = 0; minute < 60; ++minute) {
    for (const std::string& key : keys) {
      Outcome outcome = world.check(key, kNow + minute * kMinute);
      if (outcome.is_suspended()) {
        world.answer(world.waiting(), Answer::Kind::outage, kNow + minute * kMinute);
        outcome = world.answer(world.waiting(), Answer::Kind::outage, kNow + minute * kMinute);
      }
      world.finish(outcome);
      ++recorded;
    }
  }
  BOOST_TEST(world.engine->outbox().lost() == 0U);
  BOOST_TEST((world.recorded("api_requests") == Quantity::units(recorded)));
}

// When it is full, the policy says what becomes of further requests, and the count is true (S3.1).
BOOST_AUTO_TEST_CASE(a_full_outbox_refuses_or_counts_what_it_loses) {
  const struct {
    std::string_view options;
    bool serves;
  } rows[] = {
      {R"({"meters": {"api_requests": 1}, "merge": false})", false},
      {R"({"meters": {"api_requests": 1}, "merge": false, "whenUndeliverable": "refuse"})", false},
      {R"({"meters": {"api_requests": 1}, "merge": false, "whenUndeliverable": "allow"})", true},
  };
  for (const auto& row : rows) {
    World world(row.options);
    world.finish(world.check_cold("k1", snapshot("15000")));
    for (std::size_t i = 1; i < limits::kOutboxEvents; ++i) world.finish(world.check("k1"));
    const Outcome outcome = world.check("k1");
    BOOST_TEST_CONTEXT(row.options) {
      BOOST_TEST(outcome.is_allowed() == row.serves);
      if (row.serves) world.finish(outcome);
      if (!row.serves) BOOST_TEST((world.refusal(outcome) == Refusal::undeliverable));
      BOOST_TEST(world.engine->outbox().lost() == (row.serves ? 1U : 0U));
      BOOST_TEST((world.recorded("api_requests") == Quantity::units(limits::kOutboxEvents)));
      world.deliver_all();
      BOOST_TEST(world.check("k1").is_allowed());  // there is room again, and nothing was taken of the quota
    }
  }
}
