#include "world.h"

#include <boost/test/unit_test.hpp>

using namespace tollgate;
using namespace tollgate::test;

namespace {

/// What a check of this header says before anybody is asked; `none` for one that is looked up.
Refusal refusal_of(World& world, std::string_view header) {
  const Outcome outcome = world.engine->check(0, header, kNow);
  if (outcome.is_suspended()) {
    world.engine->abandon(world.waiting());
    return Refusal::none;
  }
  return world.refusal(outcome);
}

}  // namespace

BOOST_AUTO_TEST_CASE(credential_checks_in_their_order) {
  World world;
  const std::string long_key(512, 'k');
  const struct {
    std::string header;
    Refusal refusal;
  } rows[] = {
      {"", Refusal::no_header},
      {" \t ", Refusal::no_header},
      {"Basic abc", Refusal::invalid_scheme},
      {"Bearerk1", Refusal::invalid_scheme},
      {"BearerX k1", Refusal::invalid_scheme},
      {"Bear", Refusal::invalid_scheme},
      {"Bearer\tk1", Refusal::invalid_scheme},
      {"Bearer", Refusal::no_key},
      {"Bearer   ", Refusal::no_key},
      {"Bearer k1", Refusal::none},
      {"bEARER k1", Refusal::none},
      {"  Bearer    k1  ", Refusal::none},
      {"Bearer \tk1", Refusal::key_invalid},
      {"Bearer k1 k2", Refusal::key_invalid},
      {"Bearer k1, Bearer k1", Refusal::key_invalid},
      {"Bearer k1,k2", Refusal::key_invalid},
      {std::string("Bearer k\0k", 10), Refusal::key_invalid},
      {"Bearer k\x7f", Refusal::key_invalid},
      {"Bearer k\xc3\xa9", Refusal::key_invalid},
      {"Bearer " + long_key, Refusal::none},
      {"Bearer " + long_key + "k", Refusal::key_invalid},
      {std::string(1025, ' '), Refusal::key_invalid},
      {"Bearer " + std::string(5'000, 'k'), Refusal::key_invalid},
  };
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT(row.header.substr(0, 60)) {
      BOOST_TEST(static_cast<int>(refusal_of(world, row.header)) == static_cast<int>(row.refusal));
    }
  }
}

BOOST_AUTO_TEST_CASE(credential_without_a_scheme_is_the_whole_header) {
  World world(R"({"authHeader": "X-API-Key", "authScheme": ""})");
  BOOST_TEST((world.engine->configuration().policies[0].auth_header == "x-api-key"));
  BOOST_TEST((refusal_of(world, "k1") == Refusal::none));
  BOOST_TEST((refusal_of(world, "Bearer k1") == Refusal::key_invalid));
  BOOST_TEST((refusal_of(world, "") == Refusal::no_header));
}

BOOST_AUTO_TEST_CASE(credential_of_our_format_is_checked_offline) {
  World world;
  world.engine->set_key_format(KeyFormat::tgk);
  std::array<std::uint8_t, kApiKeySeedBytes> seed;
  for (std::size_t i = 0; i < seed.size(); ++i) seed[i] = static_cast<std::uint8_t>(i * 37 + 11);
  ApiKeyText key;
  BOOST_REQUIRE(make_api_key(seed, key));
  const std::string good(key.view());
  BOOST_TEST((refusal_of(world, "Bearer " + good) == Refusal::none));
  BOOST_TEST((refusal_of(world, "Bearer k1") == Refusal::key_invalid));
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = bad[i] == 'a' ? 'b' : 'a';
    BOOST_TEST((refusal_of(world, "Bearer " + bad) == Refusal::key_invalid), bad);
  }
  BOOST_TEST(world.engine->counters().lookups == 1U);
}
