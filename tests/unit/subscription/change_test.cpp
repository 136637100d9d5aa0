#include "subscription/change.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <vector>

using namespace tollgate;
using namespace tollgate::subscription;

namespace {

Instant at(std::string_view text) { return *parse_instant(text); }

}  // namespace

BOOST_AUTO_TEST_SUITE(change_rules)

BOOST_AUTO_TEST_CASE(the_order_of_plans_tells_up_from_down) {
  const std::vector<std::string> order = {"free", "starter", "pro"};
  struct Case {
    std::string_view from, to;
    Direction direction;
  };
  const Case cases[] = {
      {"free", "starter", Direction::upgrade},    {"free", "pro", Direction::upgrade},
      {"starter", "starter", Direction::upgrade}, {"pro", "starter", Direction::downgrade},
      {"pro", "free", Direction::downgrade},      {"starter", "free", Direction::downgrade},
      {"pro", "unlisted", Direction::upgrade},    {"unlisted", "free", Direction::upgrade},
      {"unlisted", "other", Direction::upgrade},
  };
  for (const Case& one : cases) {
    BOOST_TEST((direction_of(order, one.from, one.to) == one.direction), one.from << " to " << one.to);
    BOOST_TEST((direction_of({}, one.from, one.to) == Direction::upgrade));
  }
}

BOOST_AUTO_TEST_CASE(the_anchor_is_kept_where_the_new_plan_bills_on_it) {
  struct Case {
    std::string_view anchor, cadence, begin, kept;
  };
  const Case cases[] = {
      {"2026-01-31T00:00:00Z", "P1M", "2026-02-28T00:00:00Z", "2026-01-31T00:00:00Z"},
      {"2026-01-31T00:00:00Z", "P1M", "2026-02-27T00:00:00Z", "2026-02-27T00:00:00Z"},
      {"2026-01-31T00:00:00Z", "P1Y", "2026-02-28T00:00:00Z", "2026-02-28T00:00:00Z"},
      {"2026-01-31T00:00:00Z", "P1Y", "2027-01-31T00:00:00Z", "2026-01-31T00:00:00Z"},
      {"2026-01-31T00:00:00Z", "P1W", "2026-02-28T00:00:00Z", "2026-01-31T00:00:00Z"},
      {"2026-01-31T00:00:00Z", "P1W", "2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z"},
      {"2026-03-01T00:00:00Z", "P1M", "2026-01-31T00:00:00Z", "2026-01-31T00:00:00Z"},
  };
  for (const Case& one : cases) {
    const Instant anchor = anchor_after_change(at(one.anchor), *parse_cadence(one.cadence), at(one.begin));
    BOOST_TEST((anchor == at(one.kept)), one.anchor << " " << one.cadence << " " << one.begin);
  }
}

BOOST_AUTO_TEST_SUITE_END()
