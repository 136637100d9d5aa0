#include "policy/negative_cache.h"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <random>

using namespace tollgate;

namespace {

using Cache = NegativeCache<limits::kNegativeKeys>;

bool knows(const Cache& cache, const Hash128& hash, std::int64_t now, std::int64_t ttl_ms) {
  const NegativeEntry* const entry = cache.find(hash);
  return entry != nullptr && entry->is_fresh(now, ttl_ms);
}

}  // namespace

BOOST_AUTO_TEST_CASE(negative_cache_remembers_for_the_ttl) {
  const auto cache = std::make_unique<Cache>();
  const Hash128 hash{1, 2};
  BOOST_TEST(!knows(*cache, hash, 1'000, 60'000));
  cache->insert({hash, 1'000, 0});
  BOOST_TEST(knows(*cache, hash, 60'999, 60'000));
  BOOST_TEST(!knows(*cache, hash, 61'000, 60'000));
  BOOST_TEST(knows(*cache, hash, 61'000, 120'000));
  BOOST_TEST(!knows(*cache, hash, 999, 60'000));  // a clock that was put back makes nothing fresher (invariant T4)
  BOOST_TEST(!knows(*cache, {1, 3}, 1'000, 60'000));
  cache->insert({hash, 70'000, 0});
  BOOST_TEST(knows(*cache, hash, 129'999, 60'000));
  cache->erase(hash);
  BOOST_TEST(!knows(*cache, hash, 70'000, 60'000));
}

// Invariant S7: what is from before a key went is out of date, whichever clock wrote it.
BOOST_AUTO_TEST_CASE(negative_entry_outdates_what_was_before) {
  const struct {
    std::int64_t revision, of_revision, taken_at;
    bool outdated;
  } rows[] = {
      {0, 0, 5'000, true},  {0, 9, 5'001, false}, {7, 7, 6'000, true},  {7, 6, 6'000, true},
      {7, 8, 6'000, false}, {7, 8, 5'000, true},  {7, 0, 6'000, false},
  };
  for (const auto& row : rows) {
    const NegativeEntry entry{{1, 1}, 5'000, row.revision};
    BOOST_TEST_CONTEXT(row.revision << " " << row.of_revision << " " << row.taken_at) {
      BOOST_TEST(entry.outdates(row.of_revision, row.taken_at) == row.outdated);
    }
  }
}

BOOST_AUTO_TEST_CASE(negative_cache_is_bounded_and_drops_the_oldest_of_a_set) {
  const auto cache = std::make_unique<Cache>();
  // Five keys of one set: the first gives way.
  const std::uint64_t sets = limits::kNegativeKeys / 4;
  for (std::uint64_t i = 0; i < 5; ++i) cache->insert({{7 + i * sets, i}, static_cast<std::int64_t>(1'000 + i), 0});
  BOOST_TEST(!knows(*cache, {7, 0}, 2'000, 60'000));
  for (std::uint64_t i = 1; i < 5; ++i) BOOST_TEST(knows(*cache, {7 + i * sets, i}, 2'000, 60'000));

  std::mt19937_64 random(1);
  for (int i = 0; i < 100'000; ++i) cache->insert({{random(), random()}, 5'000 + i, 0});
  const Hash128 last{random(), random()};
  cache->insert({last, 200'000, 0});
  BOOST_TEST(knows(*cache, last, 200'000, 60'000));
}

BOOST_AUTO_TEST_CASE(negative_cache_holds_a_key_once) {
  const auto cache = std::make_unique<Cache>();
  const std::uint64_t sets = limits::kNegativeKeys / 4;
  cache->insert({{7, 0}, 1'000, 0});
  cache->insert({{7 + sets, 1}, 1'001, 0});
  cache->erase({7, 0});  // leaves a hole before the other
  cache->insert({{7 + sets, 1}, 2'000, 3});
  cache->erase({7 + sets, 1});
  BOOST_TEST(cache->find({7 + sets, 1}) == nullptr);
}
