#include "billing/credits.h"

#include "tests/reference/cases.h"
#include "tests/reference/credit_reference.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <string>

namespace tollgate::billing {
namespace {

constexpr std::int64_t kNever = -1;

Grant grant(const char* id, int units, int priority, std::int64_t from, std::int64_t expires = kNever) {
  Grant made{id, Quantity::units(units), priority, {from}, std::nullopt};
  if (expires != kNever) made.expires_at = Instant{expires};
  return made;
}

Quantity remaining(const Credits& credits, const char* id) {
  for (const Grant& one : credits.grants) {
    if (one.id == id) return one.remaining;
  }
  BOOST_FAIL("there is no grant " << id);
  return {};
}

/// Burns the same usage in every span of the period.
Credits burn(const Credits& credits, Period period, std::initializer_list<int> usages) {
  const std::vector<Period> spans = burn_spans(credits.grants, period);
  BOOST_REQUIRE_EQUAL(spans.size(), usages.size());
  std::vector<SpanUsage> list;
  for (const int units : usages) list.push_back({spans[list.size()], Quantity::units(units)});
  return burn_down(credits, list);
}

BOOST_AUTO_TEST_CASE(lower_priority_first_then_the_earliest_expiry) {
  const Credits credits{{grant("stays", 10, 1, 0), grant("late", 10, 1, 0, 90), grant("soon", 10, 1, 0, 50),
                         grant("gift", 10, 0, 0, 99), grant("reserve", 10, 2, 0, 40)},
                        {}};
  const std::vector<std::pair<int, const char*>> order = {
      {10, "gift"}, {20, "soon"}, {30, "late"}, {40, "stays"}, {50, "reserve"}};
  for (const auto& [used, last] : order) {
    const Credits left = burn_down(credits, std::vector<SpanUsage>{{{{0}, {10}}, Quantity::units(used - 1)}});
    BOOST_TEST_CONTEXT("used " << used) {
      BOOST_TEST((remaining(left, last) == Quantity::units(1)));
      BOOST_TEST((left.balance({10}) == Quantity::units(51 - used)));
    }
  }
}

BOOST_AUTO_TEST_CASE(of_equal_grants_the_earliest_then_by_id) {
  const Credits credits{{grant("c", 5, 0, 3), grant("b", 5, 0, 3), grant("a", 5, 0, 4)}, {}};
  const Credits left = burn_down(credits, std::vector<SpanUsage>{{{{4}, {10}}, Quantity::units(7)}});
  BOOST_TEST((remaining(left, "b") == Quantity()));
  BOOST_TEST((remaining(left, "c") == Quantity::units(3)));
  BOOST_TEST((remaining(left, "a") == Quantity::units(5)));
}

BOOST_AUTO_TEST_CASE(what_expires_is_lost_and_what_comes_later_is_not_used_before) {
  const Credits credits{{grant("old", 10, 0, 0, 20), grant("new", 10, 0, 10)}, {}};
  const Credits left = burn(credits, {{0}, {30}}, {4, 3, 2});
  BOOST_TEST((remaining(left, "old") == Quantity::units(3)));
  BOOST_TEST((remaining(left, "new") == Quantity::units(8)));
  BOOST_TEST((left.balance({19}) == Quantity::units(11)));
  BOOST_TEST((left.balance({20}) == Quantity::units(8)));
}

BOOST_AUTO_TEST_CASE(a_top_up_makes_up_for_what_was_overdrawn) {
  const Credits credits{{grant("first", 10, 0, 0), grant("top-up", 10, 0, 50)}, {}};
  const Credits spent = burn_down(credits, std::vector<SpanUsage>{{{{0}, {50}}, Quantity::units(13)}});
  BOOST_TEST((spent.overdrawn == Quantity::units(3)));
  BOOST_TEST((spent.balance({49}) == Quantity::units(-3)));
  BOOST_TEST((spent.balance({50}) == Quantity::units(7)));
  const Credits after = burn_down(spent, std::vector<SpanUsage>{{{{50}, {60}}, Quantity()}});
  BOOST_TEST((after.overdrawn == Quantity()));
  BOOST_TEST((remaining(after, "top-up") == Quantity::units(7)));
}

BOOST_AUTO_TEST_CASE(spans_are_cut_where_grants_begin_and_end) {
  const Credits credits{{grant("a", 1, 0, 0, 20), grant("b", 1, 0, 10, 40), grant("c", 1, 0, 20)}, {}};
  const std::vector<Period> spans = burn_spans(credits.grants, {{5}, {40}});
  const std::vector<Period> expected = {{{5}, {10}}, {{10}, {20}}, {{20}, {40}}};
  BOOST_TEST((spans == expected));
  BOOST_TEST(burn_spans(credits.grants, {{7}, {7}}).empty());
}

/// M2: however usage is spread over the moments of a span, and wherever the fold pauses, the same comes out.
BOOST_AUTO_TEST_CASE(agrees_with_burning_unit_by_unit) {
  constexpr int kSteps = 12;
  std::mt19937_64 random(710);
  const int count = reference::cases(300'000);
  for (int i = 0; i < count; ++i) {
    std::vector<reference::PlainGrant> plain;
    Credits credits;
    for (int id = 0; id < static_cast<int>(random() % 5); ++id) {
      reference::PlainGrant one;
      one.priority = static_cast<int>(random() % 3);
      one.from = static_cast<int>(random() % kSteps);
      if (random() % 2 == 0) one.expires = one.from + static_cast<int>(random() % kSteps);
      one.id = id;
      one.remaining = static_cast<int>(random() % 9);
      const bool expires = one.expires < 2 * kSteps;
      credits.grants.push_back(
          grant(std::to_string(id).c_str(), one.remaining, one.priority, one.from, expires ? one.expires : kNever));
      plain.push_back(one);
    }
    std::shuffle(credits.grants.begin(), credits.grants.end(), random);
    std::vector<int> usage(kSteps);
    for (int& step : usage) step = random() % 2 == 0 ? static_cast<int>(random() % 6) : 0;

    const int overdrawn = reference::burn_unit_by_unit(plain, usage);
    const std::int64_t pause = static_cast<std::int64_t>(random() % (kSteps + 1));
    for (const Period part : {Period{{0}, {pause}}, Period{{pause}, {kSteps}}}) {
      for (const Period span : burn_spans(credits.grants, part)) {
        Quantity total;
        for (std::int64_t step = span.from.ms; step < span.to.ms; ++step) {
          total = total.plus(Quantity::units(usage[static_cast<std::size_t>(step)]));
        }
        credits = burn_down(std::move(credits), std::vector<SpanUsage>{{span, total}});
      }
    }
    bool agrees = credits.overdrawn == Quantity::units(overdrawn);
    for (const reference::PlainGrant& one : plain) {
      agrees = agrees && remaining(credits, std::to_string(one.id).c_str()) == Quantity::units(one.remaining);
    }
    BOOST_REQUIRE_MESSAGE(agrees, "case " << i << " of seed 710");
  }
  reference::report_cases("burning down", count);
}

}  // namespace
}  // namespace tollgate::billing
