#include "policy/negative_cache.h"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <random>

using namespace tollgate;

BOOST_AUTO_TEST_CASE(negative_cache_remembers_for_the_ttl) {
  const auto cache = std::make_unique<NegativeCache>();
  const Hash128 hash{1, 2};
  BOOST_TEST(!cache->contains(hash, 1'000, 60'000));
  cache->insert(hash, 1'000);
  BOOST_TEST(cache->contains(hash, 60'999, 60'000));
  BOOST_TEST(!cache->contains(hash, 61'000, 60'000));
  BOOST_TEST(cache->contains(hash, 61'000, 120'000));
  BOOST_TEST(!cache->contains({1, 3}, 1'000, 60'000));
  cache->insert(hash, 70'000);
  BOOST_TEST(cache->contains(hash, 129'999, 60'000));
  cache->erase(hash);
  BOOST_TEST(!cache->contains(hash, 70'000, 60'000));
}

BOOST_AUTO_TEST_CASE(negative_cache_is_bounded_and_drops_the_oldest_of_a_set) {
  const auto cache = std::make_unique<NegativeCache>();
  // Five keys of one set: the first gives way.
  const std::uint64_t sets = limits::kNegativeKeys / 4;
  for (std::uint64_t i = 0; i < 5; ++i) cache->insert({7 + i * sets, i}, static_cast<std::int64_t>(1'000 + i));
  BOOST_TEST(!cache->contains({7, 0}, 2'000, 60'000));
  for (std::uint64_t i = 1; i < 5; ++i) BOOST_TEST(cache->contains({7 + i * sets, i}, 2'000, 60'000));

  std::mt19937_64 random(1);
  for (int i = 0; i < 100'000; ++i) cache->insert({random(), random()}, 5'000 + i);
  const Hash128 last{random(), random()};
  cache->insert(last, 200'000);
  BOOST_TEST(cache->contains(last, 200'000, 60'000));
}
