#include "control/schedule/timers.h"

#include "control/bucket/schema.h"
#include "host-bindings/native/sqlite/database.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace tollgate;
using namespace tollgate::control;

namespace {

struct Timers {
  Timers() { BOOST_REQUIRE(migrate(sql, bucket_migrations())); }

  /// `kind subject due failures` of each, in the order in which they are run.
  std::vector<std::string> all() {
    std::vector<std::string> list;
    const Rows rows = sql.query(
        "SELECT kind || ' ' || subject || ' ' || CAST(due_at AS INTEGER) || ' ' || CAST(failures AS INTEGER)"
        " FROM timers ORDER BY due_at, kind, subject");
    for (Row row : rows) list.emplace_back(row.text(0));
    return list;
  }

  native::SqliteDatabase database;
  Sql sql{database};
};

using List = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(timers)

BOOST_FIXTURE_TEST_CASE(a_subject_has_one_timer_of_each_kind, Timers) {
  set_timer(sql, TimerKind::billing, "a", {5});
  set_timer(sql, TimerKind::grant, "a", {5});
  set_timer(sql, TimerKind::billing, "b", {4});
  set_timer(sql, TimerKind::billing, "a", {6});
  const List expected{"billing b 4 0", "grant a 5 0", "billing a 6 0"};
  BOOST_TEST(all() == expected, boost::test_tools::per_element());
  BOOST_TEST((first_timer(sql) == Instant{4}));
}

BOOST_FIXTURE_TEST_CASE(only_the_timer_that_is_meant_is_cleared, Timers) {
  BOOST_TEST(!first_timer(sql).has_value());
  set_timer(sql, TimerKind::invoice, "a", {5});
  set_timer(sql, TimerKind::settlement, "a", {5});
  clear_timer(sql, TimerKind::invoice, "a");
  clear_timer(sql, TimerKind::invoice, "b");
  const List expected{"settlement a 5 0"};
  BOOST_TEST(all() == expected, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_timer_that_is_set_anew_has_not_failed_yet, Timers) {
  set_timer(sql, TimerKind::subscription, "a", {5});
  sql.exec("UPDATE timers SET failures = 3");
  set_timer(sql, TimerKind::subscription, "a", {5});
  const List expected{"subscription a 5 0"};
  BOOST_TEST(all() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
