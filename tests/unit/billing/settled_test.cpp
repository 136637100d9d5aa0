// A burn-down that goes on from what was settled comes to what one from the beginning comes to.

#include "billing/prepaid.h"
#include "tests/reference/cases.h"
#include "tests/reference/credit_reference.h"

#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

namespace tollgate::billing {
namespace {

Quantity units(std::int64_t n) { return Quantity::units(n); }

constexpr int kSteps = 24;
constexpr int kFinalAge = 4;  ///< usage may become known up to so many steps later

struct Usage {
  int at = 0;
  int known_at = 0;
  int quantity = 0;
};

/// A grant as it stands with the one who settles: `rest` is what can be burned down from the settled instant on.
struct KeptGrant {
  reference::PlainGrant grant;  ///< with all of it that is not voided
  int made_at = 0;
  Quantity rest;
  bool in_use = true;

  Grant burnable() const {
    Grant made{std::to_string(grant.id), rest, grant.priority, {grant.from}, std::nullopt};
    if (grant.expires < 2 * kSteps) made.expires_at = Instant{grant.expires};
    return made;
  }
};

/// Up to but not including `limit`.
int below(int limit) { return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, limit)); }
bool one_in(int count) { return below(count) == 0; }

std::vector<reference::PlainAllowance> any_allowances() {
  std::vector<reference::PlainAllowance> allowances;
  for (int from = 0; from < kSteps;) {
    const int to = from + (one_in(5) ? kSteps : 1 + below(8));
    if (!one_in(6)) allowances.push_back({from, to, below(8), from > 0 && one_in(2)});
    from = to;
  }
  return allowances;
}

std::vector<KeptGrant> any_grants() {
  std::vector<KeptGrant> grants(static_cast<std::size_t>(below(7)));
  for (std::size_t i = 0; i < grants.size(); ++i) {
    reference::PlainGrant& grant = grants[i].grant;
    grant.id = static_cast<int>(i);
    grant.priority = below(3);
    grants[i].made_at = below(kSteps);
    grant.from = grants[i].made_at + (one_in(3) ? below(kSteps) : 0);
    if (one_in(2)) grant.expires = grant.from + 1 + below(kSteps);
    grant.remaining = 1 + below(12);
    grants[i].rest = units(grant.remaining);
  }
  return grants;
}

std::vector<Usage> any_usages() {
  std::vector<Usage> usages(static_cast<std::size_t>(below(3 * kSteps)));
  for (Usage& usage : usages) {
    usage.at = below(kSteps);
    usage.known_at = usage.at + (one_in(3) ? below(kFinalAge + 1) : 0);
    usage.quantity = 1 + below(5);
  }
  return usages;
}

/// A subscription's prepaid usage through all steps.
struct Life {
  std::vector<reference::PlainAllowance> allowances = any_allowances();
  std::vector<KeptGrant> grants = any_grants();
  std::vector<Usage> usages = any_usages();
  std::optional<Settled> settled;
  int now = 0;

  /// Of each step up to now, as far as it is known.
  std::vector<int> usage_by_step() const {
    std::vector<int> by_step(static_cast<std::size_t>(now) + 1);
    for (const Usage& usage : usages) {
      if (usage.at <= now && usage.known_at <= now) by_step[static_cast<std::size_t>(usage.at)] += usage.quantity;
    }
    return by_step;
  }
  std::vector<SpanUsage> usages_in(const std::vector<Period>& spans) const {
    const std::vector<int> by_step = usage_by_step();
    std::vector<SpanUsage> sums;
    for (const Period& span : spans) {
      int sum = 0;
      for (std::int64_t step = span.from.ms; step < span.to.ms && step <= now; ++step) {
        sum += by_step[static_cast<std::size_t>(step)];
      }
      sums.push_back({span, units(sum)});
    }
    return sums;
  }

  Prepaid prepaid() const {
    Prepaid prepaid;
    prepaid.settled = settled;
    for (const auto& one : allowances) {
      if (settled.has_value() && one.to <= settled->until.ms) continue;
      prepaid.allowances.push_back({{{one.from}, {one.to}}, units(one.remaining), kAllowanceFirst, one.carries});
    }
    for (const KeptGrant& kept : grants) {
      if (kept.in_use && kept.made_at <= now) prepaid.grants.push_back(kept.burnable());
    }
    return prepaid;
  }
  PrepaidState state() const {
    const Prepaid from_here = prepaid();
    return state_of(from_here, usages_in(spans_needed(from_here, {now})), {now});
  }

  void settle_until(int until) {
    const Prepaid before = prepaid();
    const Prepaid after = settle(before, usages_in(spans_before(before, {until})), {until});
    RC_ASSERT(after.settled->until == Instant{until});
    settled = after.settled;
    for (const Grant& left : after.grants) {
      KeptGrant& kept = grants[static_cast<std::size_t>(std::stoi(left.id))];
      kept.rest = left.remaining;
      kept.in_use = left.remaining.positive() && kept.grant.expires > until;
    }
  }

  /// Takes back what is left of one.
  void void_grant(std::size_t index) {
    for (const Grant& left : state().grants) {
      if (left.id != std::to_string(index)) continue;
      int taken = 0;
      while (units(taken) < left.remaining) ++taken;
      grants[index].grant.remaining -= taken;
      grants[index].rest = grants[index].rest.minus(left.remaining);
      grants[index].in_use = grants[index].rest.positive();
    }
  }

  void check() const {
    std::vector<reference::PlainGrant> plain;
    for (const KeptGrant& kept : grants) {
      if (kept.made_at <= now) plain.push_back(kept.grant);
    }
    auto ahead = allowances;
    const auto expected = reference::burn_with_allowances(plain, ahead, usage_by_step());
    const PrepaidState actual = state();
    RC_LOG("step " + std::to_string(now));
    RC_ASSERT(actual.balance == units(expected.balance));
    RC_ASSERT(actual.overdrawn == units(expected.overdrawn));
    RC_ASSERT(actual.usage == units(expected.usage));
    for (const reference::PlainGrant& one : plain) {
      const auto found = std::find_if(actual.grants.begin(), actual.grants.end(),
                                      [&](const Grant& grant) { return grant.id == std::to_string(one.id); });
      const bool is_over = one.remaining == 0 || one.expires <= now;
      const bool agrees = found == actual.grants.end() ? is_over : found->remaining == units(one.remaining);
      RC_ASSERT(agrees);
    }
  }
};

BOOST_AUTO_TEST_SUITE(settled_usage)

BOOST_AUTO_TEST_CASE(what_was_settled_needs_no_usage_from_before) {
  const Prepaid whole{{{{{0}, {100}}, units(10), 0, false}},
                      {{"a", units(5), 0, {0}, {}}, {"b", units(5), 1, {40}, {}}}};
  const std::vector<Period> spans = {{{0}, {40}}, {{40}, {60}}};
  BOOST_TEST((spans_before(whole, {60}) == spans));
  const Prepaid rest = settle(whole, std::vector<SpanUsage>{{spans[0], units(12)}, {spans[1], units(4)}}, {60});
  BOOST_TEST((spans_needed(rest, {70}) == std::vector<Period>{{{60}, {100}}}));
  const PrepaidState state = state_of(rest, std::vector<SpanUsage>{{{{60}, {100}}, units(3)}}, {70});
  BOOST_TEST((state.balance == units(1)));
  BOOST_TEST((state.usage == units(19)));
}

BOOST_AUTO_TEST_CASE(a_bound_is_where_an_allowance_or_a_grant_begins_or_ends) {
  const Prepaid prepaid{{{{{10}, {50}}, units(1)}, {{{70}, {90}}, units(1)}},
                        {{"a", units(5), 0, {20}, Instant{30}}, {"b", units(5), 0, {60}, Instant{75}}}};
  const struct {
    std::int64_t at;
    std::optional<std::int64_t> expected;
  } kCases[] = {{9, std::nullopt}, {10, 10}, {19, 10}, {20, 20}, {49, 30}, {50, 50}, {69, 50}, {74, 70}, {95, 90}};
  for (const auto& [at, expected] : kCases) {
    const auto bound = last_bound(prepaid, {at});
    BOOST_TEST_CONTEXT("at " << at) {
      BOOST_TEST(bound.has_value() == expected.has_value());
      BOOST_TEST((!bound.has_value() || bound->ms == *expected));
    }
  }
}

BOOST_AUTO_TEST_CASE(every_balance_is_that_of_a_burn_down_from_the_beginning) {
  // Lives are small: a hundred would meet few odd ones.
  setenv("RC_PARAMS", ("max_success=" + std::to_string(reference::cases(10'000))).c_str(), 0);
  BOOST_TEST(rc::check("lives with usage that is late, grants that come and go, and settling at any step", [] {
    Life life;
    for (; life.now < kSteps; ++life.now) {
      if (!life.grants.empty() && one_in(8)) {
        const std::size_t index = static_cast<std::size_t>(below(static_cast<int>(life.grants.size())));
        if (life.grants[index].made_at <= life.now) life.void_grant(index);
      }
      const int settled = life.settled.has_value() ? static_cast<int>(life.settled->until.ms) : 0;
      if (const int final_until = life.now - kFinalAge; final_until > settled && one_in(4)) {
        life.settle_until(settled + 1 + below(final_until - settled));
      }
      life.check();
    }
  }));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tollgate::billing
