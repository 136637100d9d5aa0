#include "subscription/balance.h"
#include "subscription/lifecycle.h"
#include "subscription/timeline.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <vector>

using namespace tollgate;
using namespace tollgate::subscription;

namespace {

Instant at(std::string_view text) { return *parse_instant(text); }

std::string text_of(std::optional<Instant> instant) {
  if (!instant.has_value()) return "-";
  char text[kInstantText];
  return std::string(text, write_instant(*instant, text));
}

catalog::NamedCadence cadence(std::string_view text) { return {std::string(text), *parse_cadence(text)}; }

/// A week of trial, a month of introduction, then the rest.
catalog::Plan three_phases() {
  catalog::Plan plan;
  plan.phases.resize(3);
  plan.phases[0].duration = cadence("P1W");
  plan.phases[1].duration = cadence("P1M");
  return plan;
}

Quantity units(std::int64_t n) { return Quantity::units(n); }

}  // namespace

BOOST_AUTO_TEST_SUITE(subscription_rules)

BOOST_AUTO_TEST_CASE(status_follows_from_the_dates) {
  const Instant from = at("2026-01-01T00:00:00Z");
  const Instant to = at("2026-02-01T00:00:00Z");
  const auto before = [](Instant instant) { return Instant{instant.ms - 1}; };
  BOOST_TEST((status_at(from, {}, before(from)) == Status::scheduled));
  BOOST_TEST((status_at(from, {}, from) == Status::active));
  BOOST_TEST((status_at(from, to, before(from)) == Status::scheduled));
  BOOST_TEST((status_at(from, to, before(to)) == Status::canceled));
  BOOST_TEST((status_at(from, to, to) == Status::inactive));
  BOOST_TEST((status_at(to, from, before(from)) == Status::inactive));
  BOOST_TEST(has_access(Status::active));
  BOOST_TEST(has_access(Status::canceled));
  BOOST_TEST(!has_access(Status::inactive));
  BOOST_TEST(!has_access(Status::scheduled));
}

BOOST_AUTO_TEST_CASE(phases_cover_time_without_gaps) {
  const catalog::Plan plan = three_phases();
  const Instant from = at("2026-01-24T12:00:00Z");
  struct Case {
    std::size_t starting;
    std::string_view at;
    std::size_t phase;
    std::string_view from, to;
  };
  const Case cases[] = {
      {0, "2026-01-01T00:00:00Z", 0, "2026-01-24T12:00:00Z", "2026-01-31T12:00:00Z"},
      {0, "2026-01-31T11:59:59.999Z", 0, "2026-01-24T12:00:00Z", "2026-01-31T12:00:00Z"},
      {0, "2026-01-31T12:00:00Z", 1, "2026-01-31T12:00:00Z", "2026-02-28T12:00:00Z"},
      {0, "2026-02-28T12:00:00Z", 2, "2026-02-28T12:00:00Z", "-"},
      {1, "2026-01-24T12:00:00Z", 1, "2026-01-24T12:00:00Z", "2026-02-24T12:00:00Z"},
      {2, "2030-01-01T00:00:00Z", 2, "2026-01-24T12:00:00Z", "-"},
  };
  for (const Case& one : cases) {
    const auto span = phase_at(plan, one.starting, from, at(one.at));
    BOOST_REQUIRE(span.ok());
    BOOST_TEST(span->index == one.phase, one.at);
    BOOST_TEST(text_of(span->from) == one.from);
    BOOST_TEST(text_of(span->to) == one.to);
  }
  BOOST_TEST(!phase_at(plan, 0, at("9999-12-30T00:00:00Z"), at("9999-12-31T00:00:00Z")).ok());
}

BOOST_AUTO_TEST_CASE(periods_count_from_the_first_phase_that_costs_something) {
  const Instant from = at("2026-01-01T00:00:00Z");
  catalog::Plan plan = three_phases();
  BOOST_TEST(text_of(*default_anchor(plan, 0, from)) == "2026-01-01T00:00:00Z");  // nothing ever does
  catalog::RateCard fee;
  fee.key = "fee";
  fee.price = catalog::Price{};
  fee.price->amount = *money::Decimal::parse("29");
  for (std::size_t paid = 0; paid < plan.phases.size(); ++paid) {
    catalog::Plan with_fee = plan;
    with_fee.phases[paid].rate_cards.push_back(fee);
    const auto span_from = [&] {
      Instant begin = from;
      for (std::size_t i = 0; i < paid; ++i) {
        begin = period_containing(begin, plan.phases[i].duration->cadence, begin)->to;
      }
      return begin;
    };
    BOOST_TEST(text_of(*default_anchor(with_fee, 0, from)) == text_of(span_from()));
    BOOST_TEST(text_of(*default_anchor(with_fee, paid, from)) == "2026-01-01T00:00:00Z");
  }
}

BOOST_AUTO_TEST_CASE(usage_periods_keep_to_anchor_phase_and_end) {
  const Instant anchor = at("2026-01-10T00:00:00Z");
  const Cadence month = *parse_cadence("P1M");
  const PhaseSpan phase{0, at("2026-01-15T00:00:00Z"), at("2026-03-01T00:00:00Z")};
  struct Case {
    std::string_view at, active_to, from, to;
  };
  const Case cases[] = {
      {"2026-01-20T00:00:00Z", "", "2026-01-15T00:00:00Z", "2026-02-10T00:00:00Z"},
      {"2026-02-10T00:00:00Z", "", "2026-02-10T00:00:00Z", "2026-03-01T00:00:00Z"},
      {"2026-02-10T00:00:00Z", "2026-02-20T00:00:00Z", "2026-02-10T00:00:00Z", "2026-02-20T00:00:00Z"},
  };
  for (const Case& one : cases) {
    const auto end = one.active_to.empty() ? std::nullopt : std::optional(at(one.active_to));
    const auto period = usage_period(anchor, month, phase, end, at(one.at));
    BOOST_REQUIRE(period.ok());
    BOOST_TEST(text_of(period->from) == one.from);
    BOOST_TEST(text_of(period->to) == one.to);
  }
}

BOOST_AUTO_TEST_CASE(balances) {
  struct Case {
    std::optional<std::int64_t> grant;
    bool soft, preserve;
    std::vector<std::int64_t> usages;
    std::int64_t balance, overage;
    bool access;
  };
  const Case cases[] = {
      {10, false, false, {0}, 10, 0, true},        {10, false, false, {9}, 1, 0, true},
      {10, false, false, {10}, 0, 0, false},       {10, false, false, {12}, -2, 2, false},
      {10, true, false, {12}, -2, 2, true},        {std::nullopt, true, false, {5}, -5, 5, true},
      {10, false, false, {15, 4}, 6, 0, true},     {10, false, true, {15, 4}, 1, 0, true},
      {10, false, true, {15, 5}, 0, 0, false},     {10, false, true, {25, 2, 1}, 2, 0, true},
      {10, false, true, {35, 0, 0}, -5, 5, false}, {0, false, false, {0}, 0, 0, false},
  };
  for (const Case& one : cases) {
    catalog::EntitlementTemplate entitlement;
    entitlement.type = catalog::EntitlementType::metered;
    if (one.grant.has_value()) entitlement.issue_after_reset = units(*one.grant);
    entitlement.is_soft_limit = one.soft;
    entitlement.preserve_overage_at_reset = one.preserve;
    std::vector<Quantity> usages;
    for (std::int64_t usage : one.usages) usages.push_back(units(usage));
    const Balance balance = balance_of(entitlement, usages);
    BOOST_TEST((balance.balance == units(one.balance)));
    BOOST_TEST((balance.overage == units(one.overage)));
    BOOST_TEST((balance.usage == usages.back()));
    BOOST_TEST(balance.has_access == one.access);
  }
}

BOOST_AUTO_TEST_SUITE_END()
