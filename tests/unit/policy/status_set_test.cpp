#include "policy/status_set.h"

#include <boost/test/unit_test.hpp>

using tollgate::StatusSet;

BOOST_AUTO_TEST_CASE(status_set_reads_the_forms_of_the_option) {
  const struct {
    const char* text;
    bool valid;
    int in;
    int out;
  } rows[] = {
      {"200", true, 200, 201},
      {"200-299", true, 299, 300},
      {"200, 201, 300-304", true, 303, 202},
      {" 404 ", true, 404, 403},
      {"100-599", true, 100, 99},
      {"100-599", true, 599, 600},
      {"*", false, 0, 0},
      {"", false, 0, 0},
      {"299-200", false, 0, 0},
      {"200,", false, 0, 0},
      {",200", false, 0, 0},
      {"200-", false, 0, 0},
      {"-200", false, 0, 0},
      {"99", false, 0, 0},
      {"600", false, 0, 0},
      {"0200", false, 0, 0},
      {"200-299-300", false, 0, 0},
      {"2xx", false, 0, 0},
  };
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT(row.text) {
      StatusSet set;
      BOOST_TEST(set.parse(row.text) == row.valid);
      if (!row.valid) continue;
      BOOST_TEST(set.contains(static_cast<std::uint32_t>(row.in)));
      BOOST_TEST(!set.contains(static_cast<std::uint32_t>(row.out)));
    }
  }
}

BOOST_AUTO_TEST_CASE(status_set_agrees_with_its_bounds_everywhere) {
  for (int low = 100; low <= 599; low += 13) {
    StatusSet set;
    const int high = low + 57 > 599 ? 599 : low + 57;
    BOOST_REQUIRE(set.add(low, high));
    for (std::uint32_t status = 0; status < 1'000; ++status) {
      BOOST_REQUIRE_EQUAL(set.contains(status), static_cast<int>(status) >= low && static_cast<int>(status) <= high);
    }
  }
  BOOST_TEST(!StatusSet().contains(UINT32_MAX));
  BOOST_TEST(StatusSet().empty());
}
