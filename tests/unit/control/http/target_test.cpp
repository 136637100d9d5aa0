#include "control/http/target.h"

#include "control/http/random.h"
#include "control/port/request.h"

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>

using namespace tollgate;
using namespace tollgate::control;

BOOST_AUTO_TEST_SUITE(targets_and_seeds)

BOOST_AUTO_TEST_CASE(targets_are_taken_apart) {
  const auto target = parse_target("/v3/a%20b/c?x=1&y=%26&z&&x=2");
  BOOST_REQUIRE(target.has_value());
  BOOST_TEST(target->segments.size() == 3u);
  BOOST_TEST(target->segments[1] == "a b");
  BOOST_TEST(target->query.size() == 4u);
  BOOST_TEST(target->query[1].second == "&");
  BOOST_TEST(target->query[2].first == "z");
  for (std::string_view text : {"", "a", "//", "/a//b", "/%", "/%4", "/%0a", "/%7f"}) {
    BOOST_TEST(!parse_target(text).has_value(), text);
  }
  const auto undecodable = parse_target("/?a=%zz&%00=1");
  BOOST_REQUIRE(undecodable.has_value());
  BOOST_TEST(undecodable->query[0].second == "%zz");
  BOOST_TEST(undecodable->query[1].first == "%00");
}

BOOST_AUTO_TEST_CASE(one_seed_gives_the_same_bytes_and_never_the_same_twice) {
  const std::string seed(kSeedBytes, 'x');
  Random first(seed);
  Random second(seed);
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const auto a = first.bytes<10>();
    BOOST_TEST((a == second.bytes<10>()));
    BOOST_TEST(seen.emplace(a.begin(), a.end()).second);
  }
  const std::string other(kSeedBytes, 'y');
  BOOST_TEST((Random(seed).bytes<40>() != Random(other).bytes<40>()));
}

BOOST_AUTO_TEST_SUITE_END()
