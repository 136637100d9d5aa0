#include "tests/unit/control/invoice_world.h"

#include <boost/test/unit_test.hpp>

namespace {

using namespace tollgate;
using namespace tollgate::test;

/// Clocks of gateways are behind by minutes: what they have let in when a subscription had begun may be dated before it (M7).
struct BegunWorld : InvoiceWorld {
  /// What usage at `when` is refused for.
  Texts refused(std::string_view subscription, std::string_view when) {
    const std::string event = std::string(R"({"specversion":"1.0","source":"test","id":"early","type":"tokens",)") +
                              R"("subject":"s","data":{"total":1},"subscription":")" + std::string(subscription) +
                              R"(","time":")" + std::string(when) + "\"}";
    return call("POST", "events", event, {.content_type = "application/cloudevents+json"}).violations();
  }
};

BOOST_FIXTURE_TEST_SUITE(usage_before_the_beginning, BegunWorld)

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

/// An import of history is not billed by surprise, nor kept where no invoice would count it.
BOOST_AUTO_TEST_CASE(by_more_than_ten_minutes_is_not_taken) {
  const Texts not_begun{"time not_begun"};
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("pro");
  BOOST_TEST(refused(id, "2026-05-31T23:49:59.999Z") == not_begun, boost::test_tools::per_element());
  const std::string next = change(id, "pro", "2026-06-16T00:00:00Z")["next.id"];
  BOOST_TEST(refused(next, "2026-06-01T00:00:00Z") == not_begun, boost::test_tools::per_element());
  now = at("2026-06-15T23:49:59Z");
  BOOST_TEST(ingest(next, "undated", "tokens", "1").violations() == not_begun, boost::test_tools::per_element());
  now = at("2026-06-15T23:50:00Z");
  BOOST_TEST(ingest(next, "undated", "tokens", "1").status() == 204);
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
