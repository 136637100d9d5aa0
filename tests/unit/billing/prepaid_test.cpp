#include "billing/prepaid.h"

#include "tests/reference/cases.h"
#include "tests/reference/credit_reference.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>
#include <string>

namespace tollgate::billing {
namespace {

Quantity units(std::int64_t n) { return Quantity::units(n); }

Quantity left_of(const PrepaidState& state, const std::string& id) {
  const auto found =
      std::find_if(state.grants.begin(), state.grants.end(), [&](const Grant& grant) { return grant.id == id; });
  BOOST_REQUIRE(found != state.grants.end());
  return found->remaining;
}

/// The state after `usage_at`, one entry for each step.
PrepaidState after(const Prepaid& prepaid, const std::vector<int>& usage_at) {
  const Instant now{static_cast<std::int64_t>(usage_at.size()) - 1};
  std::vector<SpanUsage> usages;
  for (const Period& span : spans_needed(prepaid, now)) {
    Quantity total;
    for (std::int64_t step = span.from.ms; step < span.to.ms && step <= now.ms; ++step) {
      total = total.plus(units(usage_at[static_cast<std::size_t>(step)]));
    }
    usages.push_back({span, total});
  }
  return state_of(prepaid, usages, now);
}

BOOST_AUTO_TEST_SUITE(prepaid_usage)

BOOST_AUTO_TEST_CASE(an_allowance_burns_before_any_grant_and_comes_anew_with_its_period) {
  const Prepaid prepaid{{{{{0}, {3}}, units(10)}, {{{3}, {6}}, units(10)}}, {{"g", units(5), 0, {0}, {}}}};
  const PrepaidState first = after(prepaid, {4, 8, 0});
  BOOST_TEST((first.balance == units(3)));
  BOOST_TEST((first.usage == units(12)));
  const PrepaidState second = after(prepaid, {4, 8, 0, 1});
  BOOST_TEST((second.balance == units(12)));
  BOOST_TEST((second.usage == units(1)));
  BOOST_TEST((left_of(second, "g") == units(3)));
}

BOOST_AUTO_TEST_CASE(what_was_overdrawn_is_forgotten_at_the_reset_unless_it_is_carried) {
  for (const bool carries : {false, true}) {
    const Prepaid prepaid{{{{{0}, {2}}, units(2)}, {{{2}, {4}}, units(2), kAllowanceFirst, carries}},
                          {{"g", units(1), 0, {0}, {}}}};
    BOOST_TEST((after(prepaid, {0, 5}).overdrawn == units(2)));
    BOOST_TEST((after(prepaid, {0, 5, 0}).balance == units(carries ? 0 : 2)));
  }
}

BOOST_AUTO_TEST_CASE(what_does_not_reset_takes_its_place_among_the_grants) {
  const Prepaid prepaid{{{{{0}, {100}}, units(10), 0, false}},
                        {{"soon", units(5), 0, {0}, Instant{50}}, {"later", units(5), 1, {0}, Instant{50}}}};
  const PrepaidState state = after(prepaid, {7});
  BOOST_TEST((left_of(state, "soon") == units(0)));
  BOOST_TEST((left_of(state, "later") == units(5)));
  BOOST_TEST((state.balance == units(13)));
}

BOOST_AUTO_TEST_CASE(usage_between_allowances_takes_nothing) {
  const Prepaid prepaid{{{{{0}, {1}}, units(1)}, {{{5}, {6}}, units(1)}}, {{"g", units(9), 0, {0}, {}}}};
  BOOST_TEST((after(prepaid, {2, 5, 5, 5, 5, 2}).balance == units(7)));
}

BOOST_AUTO_TEST_CASE(nothing_given_is_nothing_left) {
  const PrepaidState state = state_of({}, {}, {5});
  BOOST_TEST(state.balance.zero());
  BOOST_TEST(spans_needed({}, {5}).empty());
}

BOOST_AUTO_TEST_CASE(agrees_with_burning_unit_by_unit) {
  constexpr int kSteps = 12;
  std::mt19937_64 random(7510);
  const int count = reference::cases(100'000);
  for (int i = 0; i < count; ++i) {
    Prepaid prepaid;
    std::vector<reference::PlainGrant> grants;
    std::vector<reference::PlainAllowance> allowances;
    for (int from = 0; from < kSteps;) {
      const int to = from + 1 + static_cast<int>(random() % 6);
      const reference::PlainAllowance one{from, to, static_cast<int>(random() % 7), random() % 3 == 0};
      if (random() % 5 != 0) {
        allowances.push_back(one);
        prepaid.allowances.push_back({{{one.from}, {one.to}}, units(one.remaining), kAllowanceFirst, one.carries});
      }
      from = to;
    }
    for (int id = 0; id < static_cast<int>(random() % 4); ++id) {
      reference::PlainGrant one;
      one.priority = static_cast<int>(random() % 2);
      one.from = static_cast<int>(random() % kSteps);
      const bool expires = random() % 2 == 0;
      if (expires) one.expires = one.from + 1 + static_cast<int>(random() % kSteps);
      one.id = id;
      one.remaining = static_cast<int>(random() % 9);
      std::optional<Instant> expires_at;
      if (expires) expires_at = Instant{one.expires};
      prepaid.grants.push_back({std::to_string(id), units(one.remaining), one.priority, {one.from}, expires_at});
      grants.push_back(one);
    }
    std::vector<int> usage(1 + random() % kSteps);
    for (int& step : usage) step = random() % 2 == 0 ? static_cast<int>(random() % 6) : 0;
    const auto expected = reference::burn_with_allowances(grants, allowances, usage);
    const PrepaidState state = after(prepaid, usage);
    bool agrees = state.balance == units(expected.balance) && state.overdrawn == units(expected.overdrawn) &&
                  state.usage == units(expected.usage);
    for (const reference::PlainGrant& one : grants) {
      agrees = agrees && left_of(state, std::to_string(one.id)) == units(one.remaining);
    }
    BOOST_REQUIRE_MESSAGE(agrees, "case " << i << " of seed 7510");
  }
  reference::report_cases("prepaid usage", count);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tollgate::billing
