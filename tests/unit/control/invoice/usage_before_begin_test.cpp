#include "tests/unit/control/world/invoice_world.h"

#include <boost/test/unit_test.hpp>

namespace {

using namespace tollgate;
using namespace tollgate::test;

// Clocks of gateways are behind by minutes: what they have let in when a subscription had begun may be dated before it
// (M7).

BOOST_FIXTURE_TEST_SUITE(usage_before_the_beginning, InvoiceWorld)

BOOST_AUTO_TEST_CASE(is_billed_with_the_first_period) {
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("pro");
  use(id, "tokens", "10", "2026-05-31T23:50:00Z");
  use(id, "tokens", "20", "2026-06-01T00:00:00Z");
  go("2026-08-01T00:00:00Z");
  BOOST_TEST(lines(id, 1) == (Texts{"fee 29.00", "usage 0.30"}), boost::test_tools::per_element());
  BOOST_TEST(invoice(id, 1)["lines.1.period.from"] == "2026-06-01T00:00:00Z");
  BOOST_TEST(invoice(id, 1)["lines.1.usageFrom"] == "2026-05-31T23:50:00Z");
  BOOST_TEST(lines(id, 2) == (Texts{"fee 29.00", "usage 0.00"}), boost::test_tools::per_element());
  BOOST_TEST(invoice(id, 2)["lines.1.usageFrom"] == "");
}

BOOST_AUTO_TEST_CASE(that_comes_late_is_late_usage) {
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("pro");
  go("2026-07-01T00:00:00Z");
  use(id, "tokens", "10", "2026-05-31T23:55:00Z");
  go("2026-09-01T00:00:00Z");
  BOOST_TEST(lines(id, 1) == (Texts{"fee 29.00", "usage 0.00"}), boost::test_tools::per_element());
  BOOST_TEST(lines(id, 2) == (Texts{"fee 29.00", "usage 0.00", "late_usage 0.10"}), boost::test_tools::per_element());
  BOOST_TEST(invoice(id, 2)["lines.2.usageFrom"] == "2026-05-31T23:50:00Z");
  BOOST_TEST(lines(id, 3) == (Texts{"fee 29.00", "usage 0.00"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(of_a_successor_is_no_usage_of_the_one_before) {
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("pro");
  now = at("2026-06-16T00:00:00Z");
  const std::string next = change(id, "pro", "immediate")["next.id"];
  use(next, "tokens", "10", "2026-06-15T23:57:00Z");
  go("2026-09-01T00:00:00Z");
  BOOST_TEST(lines(id, 1) == Texts{"usage 0.00"}, boost::test_tools::per_element());
  BOOST_TEST(invoices(id).size() == 2U);
  BOOST_TEST(lines(next, 1) == (Texts{"fee 29.00", "usage 0.10"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(of_a_subscription_that_ends_in_its_first_period_counts_on_both_sides) {
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("pro");
  now = at("2026-06-16T00:00:00Z");
  use(id, "tokens", "10", "2026-05-31T23:57:00Z");
  post("subscriptions/" + id + "/cancel", R"({"timing":"immediate"})");
  use(id, "tokens", "20", "2026-06-16T00:00:00Z");
  go("2026-09-01T00:00:00Z");
  BOOST_TEST(lines(id, 1) == Texts{"usage 0.10"}, boost::test_tools::per_element());
  BOOST_TEST(lines(id, 2) == Texts{"late_usage 0.20"}, boost::test_tools::per_element());
  BOOST_TEST(invoice(id, 2)["lines.0.usageFrom"] == "2026-05-31T23:50:00Z");
  BOOST_TEST(invoice(id, 2)["lines.0.usageUntil"] == "2026-07-22T00:00:00Z");
}

/// An import of history is metered and not billed by surprise.
BOOST_AUTO_TEST_CASE(by_more_than_ten_minutes_is_history) {
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("pro");
  use(id, "tokens", "10", "2026-05-31T23:49:59.999Z");
  go("2026-09-01T00:00:00Z");
  BOOST_TEST(lines(id, 1) == (Texts{"fee 29.00", "usage 0.00"}), boost::test_tools::per_element());
  BOOST_TEST(lines(id, 2) == (Texts{"fee 29.00", "usage 0.00"}), boost::test_tools::per_element());
  const std::string before = R"({"filterSubscription":[")" + id + R"("],"to":"2026-06-01T00:00:00Z"})";
  BOOST_TEST(post("meters/tokens/query", before)["data.0.value"] == "10");
}

BOOST_AUTO_TEST_CASE(is_no_usage_of_a_simulated_span) {
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("pro");
  use(id, "tokens", "10", "2026-05-31T23:57:00Z");
  go("2026-06-20T00:00:00Z");
  const Reply simulated =
      post("plans/" + get("plans?key=pro")["items.0.id"] + "/simulate",
           R"({"subscriptionId":")" + id + R"(","from":"2026-06-01T00:00:00Z","to":"2026-06-16T00:00:00Z"})");
  BOOST_TEST(simulated["total"] == "29.00");
  BOOST_TEST(simulated["lines.1.usageFrom"] == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
