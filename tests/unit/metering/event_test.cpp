#include "metering/event.h"

#include "metering/property_path.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

namespace tollgate::metering {
namespace {

struct TimeRow {
  const char* time;
  const char* rule;  ///< empty: taken
};
std::ostream& operator<<(std::ostream& out, const TimeRow& row) { return out << row.time; }

const TimeRow kTimes[] = {
    {"2026-03-01T12:00:00Z", ""},
    {"2026-01-25T12:00:00Z", ""},
    {"2026-01-25T11:59:59.999Z", "too_old"},
    {"2026-03-02T12:00:00Z", ""},
    {"2026-03-02T12:00:00.001Z", "in_future"},
    {"0000-01-01T00:00:00Z", "too_old"},
    {"9999-12-31T23:59:59Z", "in_future"},
};

BOOST_DATA_TEST_CASE(events_come_within_35_days_and_not_from_the_day_after_tomorrow, kTimes, row) {
  Event event;
  event.time = *parse_instant(row.time);
  Violations violations;
  check_event(event, *parse_instant("2026-03-01T12:00:00Z"), "events[3]", violations);
  BOOST_REQUIRE(violations.size() == (*row.rule == '\0' ? 0U : 1U));
  if (violations.empty()) return;
  BOOST_TEST(violations.all()[0].field == "events[3].time");
  BOOST_TEST(violations.all()[0].rule == row.rule);
}

BOOST_AUTO_TEST_CASE(an_event_without_time_is_of_now) {
  Violations violations;
  check_event({}, {0}, "", violations);
  BOOST_TEST(violations.empty());
}

struct PathRow {
  const char* path;
  const char* steps;  ///< null: no path
};
std::ostream& operator<<(std::ostream& out, const PathRow& row) { return out << row.path; }

const PathRow kPaths[] = {
    {"$", ""},
    {"$.total", ".total"},
    {"$.usage.total_tokens", ".usage.total_tokens"},
    {"$.a-b.C9[0].d[12][9999]", ".a-b.C9[0].d[12][9999]"},
    {"", nullptr},
    {"total", nullptr},
    {".total", nullptr},
    {"$total", nullptr},
    {"$.", nullptr},
    {"$..total", nullptr},
    {"$.total.", nullptr},
    {"$.to tal", nullptr},
    {"$.*", nullptr},
    {"$[*]", nullptr},
    {"$[]", nullptr},
    {"$[-1]", nullptr},
    {"$[01]", nullptr},
    {"$[10000]", nullptr},
    {"$[99999999999999999999999]", nullptr},
    {"$[0", nullptr},
    {"$['total']", nullptr},
    {"$.a[?(@.b)]", nullptr},
    {"$.t\xc3\xb6", nullptr},
    {"$.a ", nullptr},
};

BOOST_DATA_TEST_CASE(paths_are_names_and_indices, kPaths, row) {
  BOOST_REQUIRE(is_property_path(row.path) == (row.steps != nullptr));
  if (row.steps == nullptr) return;
  std::string steps;
  PathSteps reader(row.path);
  while (const auto step = reader.next()) {
    steps += step->name.empty() ? "[" + std::to_string(step->index) + "]" : "." + std::string(step->name);
  }
  BOOST_TEST(steps == row.steps);
}

}  // namespace
}  // namespace tollgate::metering
