#include "metering/aggregate.h"

#include <boost/multiprecision/cpp_int.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <random>
#include <set>

namespace tollgate::metering {
namespace {

Quantity quantity(std::string_view text) { return *Quantity::parse(text); }

std::string written(Quantity q) {
  char text[Quantity::kMaxText];
  return {text, q.write(text)};
}

Aggregate number(std::string_view text) {
  Aggregate one;
  one.count = 1;
  one.totals = Totals{quantity(text), quantity(text), quantity(text)};
  return one;
}

Aggregate latest(std::int64_t ms, const char* id, const char* source, std::string_view value) {
  Aggregate one;
  one.count = 1;
  one.latest = Latest{{ms}, id, source, quantity(value)};
  return one;
}

BOOST_AUTO_TEST_CASE(numbers_merge_into_sum_smallest_and_largest) {
  Aggregate all;
  for (const char* text : {"3", "0.1", "0.2", "7.5"}) BOOST_TEST(all.merge(number(text)));
  BOOST_TEST(all.count == 4);
  BOOST_TEST(written(all.totals->sum) == "10.8");
  BOOST_TEST(written(all.totals->min) == "0.1");
  BOOST_TEST(written(all.totals->max) == "7.5");
  BOOST_TEST(!all.latest.has_value());
}

BOOST_AUTO_TEST_CASE(a_sum_that_leaves_the_range_changes_nothing) {
  Aggregate all = number("999999999999999999.999999998");
  BOOST_TEST(!all.merge(number("0.000000002")));
  BOOST_TEST(all.count == 1);
  BOOST_TEST(written(all.totals->sum) == "999999999999999999.999999998");
  BOOST_TEST(all.merge(number("0.000000001")));
  BOOST_TEST(written(all.totals->sum) == "999999999999999999.999999999");
}

BOOST_AUTO_TEST_CASE(the_latest_wins_in_any_order) {
  std::vector<Aggregate> events = {latest(5, "b", "s", "1"), latest(5, "b", "t", "2"), latest(5, "a", "z", "3"),
                                   latest(4, "z", "z", "4")};
  std::vector<std::size_t> order = {0, 1, 2, 3};
  do {
    Aggregate all;
    for (std::size_t i : order) BOOST_TEST(all.merge(events[i]));
    BOOST_TEST(written(all.latest->value) == "2");
  } while (std::next_permutation(order.begin(), order.end()));
}

struct AverageRow {
  const char* sum;
  std::int64_t count;
  const char* average;
};
std::ostream& operator<<(std::ostream& out, const AverageRow& row) { return out << row.sum << '/' << row.count; }

const AverageRow kAverages[] = {
    {"0", 7, "0"},
    {"10", 4, "2.5"},
    {"1", 3, "0.333333333"},
    {"2", 3, "0.666666667"},
    {"0.000000001", 2, "0.000000001"},
    {"0.000000001", 3, "0"},
    {"0.000000003", 2, "0.000000002"},
    {"999999999999999999.999999999", 1, "999999999999999999.999999999"},
};

BOOST_DATA_TEST_CASE(averages_round_half_away_from_zero, kAverages, row) {
  BOOST_TEST(written(average(quantity(row.sum), row.count)) == row.average);
}

BOOST_AUTO_TEST_CASE(averages_agree_with_exact_arithmetic) {
  using boost::multiprecision::cpp_int;
  std::mt19937_64 random(13);
  for (int i = 0; i < 50'000; ++i) {
    const std::int64_t nanos = static_cast<std::int64_t>(random() >> (1 + random() % 62));
    const std::int64_t count = 1 + static_cast<std::int64_t>(random() >> (1 + random() % 62));
    const cpp_int exact = (2 * cpp_int(nanos) + count) / (2 * cpp_int(count));
    BOOST_REQUIRE_EQUAL(cpp_int(static_cast<std::int64_t>(average(Quantity::nanos(nanos), count).nanos())), exact);
  }
}

BOOST_AUTO_TEST_CASE(distinct_digests_are_counted_once) {
  std::mt19937_64 random(14);
  DistinctSet set;
  DistinctSet other;
  std::set<std::pair<std::uint64_t, std::uint64_t>> oracle;
  for (int i = 0; i < 5'000; ++i) {
    const Hash128 digest{random() % 40, random() % 50};
    oracle.emplace(digest.high, digest.low);
    (i % 2 == 0 ? set : other).insert(digest);
  }
  set.merge(other);
  BOOST_REQUIRE(set.digests().size() == oracle.size());
  std::size_t i = 0;
  for (const auto& [high, low] : oracle) BOOST_TEST((set.digests()[i++] == Hash128{low, high}));
}

}  // namespace
}  // namespace tollgate::metering
