#include "policy/key_cache.h"

#include <boost/test/unit_test.hpp>

#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>

using namespace tollgate;

namespace {

constexpr NameId kMeter = 0;

Snapshot snapshot_of(const std::string& id, std::int64_t balance) {
  Snapshot snapshot;
  snapshot.subscription_id = id;
  snapshot.key_expires = snapshot.active_to = kNever;
  snapshot.payment = PaymentStatus::paid;
  snapshot.has_entitlements = true;
  snapshot.entitlement_count = 1;
  snapshot.entitlement_list[0].name = kMeter;
  snapshot.entitlement_list[0].metered = snapshot.entitlement_list[0].has_access = true;
  snapshot.entitlement_list[0].balance = Quantity::units(balance);
  return snapshot;
}

std::int64_t balance_of(const KeyCache& cache, Index index) {
  const EntitlementSlot* slot = cache.subscriptions().entitlement(cache.record(index).subscription, kMeter);
  BOOST_REQUIRE(slot != nullptr);
  return slot->balance().floor_units();
}

void consume(KeyCache& cache, Index index, std::int64_t units) {
  cache.subscriptions().consume(cache.record(index).subscription, kMeter, Quantity::units(units), 0);
}

struct Fixture {
  Fixture() { cache->start({1, 2}); }
  std::unique_ptr<KeyCache> cache = std::make_unique<KeyCache>();
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(key_cache_finds_what_was_stored, Fixture) {
  BOOST_TEST(cache->find(Hash128{5, 6}) == kNone);
  const Index index = cache->store({5, 6}, snapshot_of("s", 10), 1'000, 1'000);
  BOOST_TEST(cache->find(Hash128{5, 6}) == index);
  BOOST_TEST(cache->find(Hash128{5, 7}) == kNone);
  BOOST_TEST(cache->find(cache->tag(index)) == index);
  BOOST_TEST(balance_of(*cache, index) == 10);
  cache->forget(index);
  BOOST_TEST(cache->find(Hash128{5, 6}) == kNone);
  BOOST_TEST(cache->size() == 0U);
}

BOOST_FIXTURE_TEST_CASE(key_cache_tags_end_with_their_record, Fixture) {
  const Index first = cache->store({1, 1}, snapshot_of("a", 1), 0, 0);
  const RecordTag tag = cache->tag(first);
  BOOST_TEST(cache->store({1, 1}, snapshot_of("a", 2), 0, 0) == first);
  BOOST_TEST(cache->find(tag) == first);  // a refresh keeps it
  cache->forget(first);
  BOOST_TEST(cache->find(tag) == kNone);
  const Index second = cache->store({2, 2}, snapshot_of("b", 1), 0, 0);
  BOOST_TEST(second == first);  // the place is used again
  BOOST_TEST(cache->find(tag) == kNone);
  BOOST_TEST(cache->find(RecordTag{0}) == kNone);
  BOOST_TEST(cache->find(RecordTag{UINT32_MAX}) == kNone);
}

BOOST_FIXTURE_TEST_CASE(key_cache_shares_consumption_between_keys_of_a_subscription, Fixture) {
  const Index a = cache->store({1, 0}, snapshot_of("s", 10), 0, 0);
  const Index b = cache->store({2, 0}, snapshot_of("s", 10), 0, 0);
  const Index c = cache->store({3, 0}, snapshot_of("other", 10), 0, 0);
  consume(*cache, a, 4);
  BOOST_TEST(balance_of(*cache, a) == 6);
  BOOST_TEST(balance_of(*cache, b) == 6);
  BOOST_TEST(balance_of(*cache, c) == 10);
  cache->forget(b);
  consume(*cache, a, 1);
  BOOST_TEST(balance_of(*cache, a) == 5);
}

BOOST_FIXTURE_TEST_CASE(key_cache_moves_a_key_to_another_subscription, Fixture) {
  const Index old = cache->store({1, 0}, snapshot_of("old", 10), 0, 0);
  cache->pin(old);
  const Index moved = cache->store({1, 0}, snapshot_of("new", 20), 0, 0);
  BOOST_TEST(moved != old);
  BOOST_TEST(
      (cache->subscription_of(old).subscription_id() == "old"));  // an event under way still finds its subscription
  BOOST_TEST((cache->subscription_of(moved).subscription_id() == "new"));
  BOOST_TEST(cache->find(Hash128{1, 0}) == moved);
  cache->unpin(old);
  BOOST_TEST(cache->size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(key_cache_evicts_what_was_not_used_and_never_what_is_pinned, Fixture) {
  for (std::uint64_t i = 0; i < limits::kCachedKeys; ++i) {
    const Index index = cache->store({i, i}, snapshot_of("s" + std::to_string(i), 1), 0, 0);
    cache->record(index).recently_used = i % 2 == 0;
    if (i == 1) cache->pin(index);
  }
  BOOST_TEST(cache->size() == limits::kCachedKeys);
  for (std::uint64_t i = 0; i < limits::kCachedKeys / 2 - 1; ++i) {
    cache->store({100'000 + i, i}, snapshot_of("n" + std::to_string(i), 1), 0, 0);
  }
  BOOST_TEST(cache->size() == limits::kCachedKeys);
  BOOST_TEST(cache->evictions() == limits::kCachedKeys / 2 - 1);
  BOOST_TEST(cache->find(Hash128{1, 1}) != kNone);  // pinned
  for (std::uint64_t i = 0; i < limits::kCachedKeys; i += 2) BOOST_REQUIRE(cache->find(Hash128{i, i}) != kNone);
}

BOOST_FIXTURE_TEST_CASE(key_cache_evicts_when_entitlements_run_out, Fixture) {
  Snapshot many = snapshot_of("many", 1);
  many.entitlement_count = limits::kMaxSnapshotEntitlements;
  for (std::size_t i = 0; i < many.entitlement_count; ++i) many.entitlement_list[i].name = static_cast<NameId>(i);
  const std::size_t fit = limits::kCachedEntitlements / limits::kMaxSnapshotEntitlements;
  for (std::uint64_t i = 0; i < fit + 10; ++i) {
    const std::string id = "many" + std::to_string(i);
    many.subscription_id = id;
    const Index index = cache->store({i, i}, many, 0, 0);
    BOOST_REQUIRE(index != kNone);
    cache->record(index).recently_used = false;
  }
  BOOST_TEST(cache->size() <= fit);

  // All pinned: there is no room, and that is said.
  const auto full = std::make_unique<KeyCache>();
  full->start({1, 2});
  for (std::uint64_t i = 0; i < fit; ++i) {
    const std::string id = "many" + std::to_string(i);
    many.subscription_id = id;
    full->pin(full->store({i, i}, many, 0, 0));
  }
  many.subscription_id = "one more";
  BOOST_TEST(full->store({77'777, 1}, many, 0, 0) == kNone);
  BOOST_TEST(full->find(Hash128{77'777, 1}) == kNone);
}

// Random operations beside a map that does the same the obvious way; few hash values, so that searches collide.
BOOST_FIXTURE_TEST_CASE(key_cache_agrees_with_a_map, Fixture) {
  std::mt19937_64 random(20260115);
  std::map<std::uint64_t, std::string> model;  // key → subscription
  const auto hash_of = [](std::uint64_t key) { return Hash128{key % 7 * 8'192 + key % 300, key}; };
  for (int step = 0; step < 200'000; ++step) {
    const std::uint64_t key = random() % 1'500;
    const Index index = cache->find(hash_of(key));
    BOOST_REQUIRE_EQUAL(index != kNone, model.count(key) == 1);
    if (random() % 3 != 0) {
      const std::string id = "s" + std::to_string(key % 400 + (random() % 50 == 0 ? 1 : 0));
      BOOST_REQUIRE(cache->store(hash_of(key), snapshot_of(id, 5), 0, 0) != kNone);
      model[key] = id;
    } else if (index != kNone) {
      cache->forget(index);
      model.erase(key);
    }
    if (step % 1'000 != 0) continue;
    BOOST_REQUIRE_EQUAL(cache->size(), model.size());
    std::set<std::string> subscriptions;
    for (const auto& [other, subscription] : model) {
      const Index found = cache->find(hash_of(other));
      BOOST_REQUIRE(found != kNone);
      BOOST_REQUIRE((cache->subscription_of(found).subscription_id() == subscription));
      subscriptions.insert(subscription);
    }
    BOOST_REQUIRE_EQUAL(cache->subscriptions().size(), subscriptions.size());  // no key, no subscription
  }
  BOOST_TEST(cache->evictions() == 0U);
}

// What the snapshots of two keys say of their one subscription: the later one counts, in whatever order they come.
BOOST_FIXTURE_TEST_CASE(key_cache_takes_the_newer_news_of_a_subscription, Fixture) {
  const struct {
    std::int64_t revision, taken_at, balance;
  } rows[] = {{5, 2'000, 10}, {5, 1'000, 99}, {4, 3'000, 99}, {5, 3'000, 9}, {6, 1'000, 8}};
  const std::string id = "s";  // a snapshot borrows it
  for (std::uint64_t i = 0; i < std::size(rows); ++i) {
    Snapshot snapshot = snapshot_of(id, rows[i].balance);
    snapshot.revision = rows[i].revision;
    BOOST_REQUIRE(cache->store({i + 1, 0}, snapshot, rows[i].taken_at, 5'000) != kNone);
  }
  BOOST_TEST(balance_of(*cache, cache->find(Hash128{1, 0})) == 8);
  BOOST_TEST(cache->subscriptions().size() == 1U);
}

// A subscription lives on while events of it are on the way, so that what it consumed is not forgotten with its keys.
BOOST_FIXTURE_TEST_CASE(key_cache_keeps_a_pinned_subscription_without_keys, Fixture) {
  const Index first = cache->store({1, 0}, snapshot_of("s", 10), 0, 0);
  const Index subscription = cache->record(first).subscription;
  cache->subscriptions().pin(subscription);
  consume(*cache, first, 4);
  cache->forget(first);
  const Index again = cache->store({2, 0}, snapshot_of("s", 10), 0, 0);
  BOOST_TEST(cache->record(again).subscription == subscription);
  BOOST_TEST(balance_of(*cache, again) == 6);
  cache->subscriptions().unpin(subscription);
  cache->forget(again);
  BOOST_TEST(cache->subscriptions().size() == 0U);
}

// Where every subscription has several keys, none goes with one of them: room is made all the same.
BOOST_FIXTURE_TEST_CASE(key_cache_evicts_subscriptions_of_several_keys, Fixture) {
  Snapshot many = snapshot_of("many", 1);
  many.entitlement_count = 16;
  for (std::size_t i = 0; i < many.entitlement_count; ++i) many.entitlement_list[i].name = static_cast<NameId>(i);
  const std::size_t fit = limits::kCachedEntitlements / many.entitlement_count;
  for (std::uint64_t i = 0; i < 2 * (fit + 100); ++i) {
    const std::string id = "many" + std::to_string(i / 2);
    many.subscription_id = id;
    BOOST_REQUIRE(cache->store({i, i}, many, 0, 0) != kNone);
  }
  BOOST_TEST(cache->subscriptions().size() <= fit);
  // What is known is refreshed where it stands, however full the tables are.
  const std::string last = "many" + std::to_string(fit + 99);
  many.subscription_id = last;
  const std::uint64_t evictions = cache->evictions();
  BOOST_TEST(cache->store({2 * (fit + 100) - 1, 2 * (fit + 100) - 1}, many, 1, 1) != kNone);
  BOOST_TEST(cache->evictions() == evictions);
}
