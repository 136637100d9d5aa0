#include "tests/unit/control/world/invoice_world.h"

#include <boost/test/unit_test.hpp>

namespace {

using namespace tollgate;
using namespace tollgate::test;

/// Gateways that have not heard of a subscription's end go on with what they knew of it: what they let in is billed to
/// it, once (M7).
struct EndedWorld : InvoiceWorld {
  void cancel(std::string_view subscription, std::string_view timing) {
    const Reply reply =
        post("subscriptions/" + std::string(subscription) + "/cancel", R"({"timing":")" + std::string(timing) + "\"}");
    BOOST_REQUIRE_MESSAGE(reply.status() == 200, reply.response.body);
    host.run_timers(bucket, now);
  }
  /// What an event of the subscription is refused for, at the present time.
  Texts refused(std::string_view subscription) { return ingest(subscription, "late", "tokens", "1").violations(); }
};

BOOST_FIXTURE_TEST_SUITE(usage_after_the_end, EndedWorld)

BOOST_AUTO_TEST_CASE(of_an_immediate_change_is_late_usage_of_the_old_subscription) {
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("pro");
  now = at("2026-06-16T00:00:00Z");
  use(id, "tokens", "50", "2026-06-10T00:00:00Z");
  const std::string next = change(id, "pro", "immediate")["next.id"];
  BOOST_TEST(lines(id, 1) == Texts{"usage 0.50"}, boost::test_tools::per_element());
  go("2026-06-16T00:01:00Z");
  use(id, "tokens", "25", "2026-06-16T00:00:00Z");
  use(id, "tokens", "5", "2026-06-16T00:00:59Z");
  use(next, "tokens", "7", "2026-06-16T00:00:59Z");
  go("2026-07-21T00:00:00Z");
  BOOST_TEST(invoices(id).size() == 3U);
  BOOST_TEST(invoices(id).back().ends_with(" open 2026-07-21T00:00:00Z 0.30"));
  BOOST_TEST(lines(id, 2) == Texts{"late_usage 0.30"}, boost::test_tools::per_element());
  BOOST_TEST(lines(next, 1) == (Texts{"fee 29.00", "usage 0.07"}), boost::test_tools::per_element());
  go("2027-01-01T00:00:00Z");
  BOOST_TEST(invoices(id).size() == 3U);
}

BOOST_AUTO_TEST_CASE(that_is_known_by_then_is_billed_with_the_last_period) {
  post("billing/profiles", R"({"name":"p","invoicing":{"draftPeriod":"PT1H"}})");
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("pro");
  go("2026-06-16T00:00:00Z");
  use(id, "tokens", "50", "2026-06-10T00:00:00Z");
  cancel(id, "immediate");
  BOOST_TEST(lines(id, 1) == Texts{"usage 0.50"}, boost::test_tools::per_element());
  go("2026-06-16T00:10:00Z");
  use(id, "tokens", "25", "2026-06-16T00:00:30Z");
  go("2026-06-16T01:00:00Z");
  BOOST_TEST(lines(id, 1) == Texts{"usage 0.75"}, boost::test_tools::per_element());
  go("2026-08-01T00:00:00Z");
  BOOST_TEST(invoices(id).size() == 2U);
}

BOOST_AUTO_TEST_CASE(shows_on_the_line_up_to_when_it_was_counted) {
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("pro");
  cancel(id, "2026-07-16T00:00:00Z");
  go("2026-07-16T00:00:00Z");
  BOOST_TEST(invoice(id, 1)["lines.1.usageUntil"] == "");
  BOOST_TEST(invoice(id, 2)["lines.0.period.to"] == "2026-07-16T00:00:00Z");
  BOOST_TEST(invoice(id, 2)["lines.0.usageUntil"] == "2026-08-21T00:00:00Z");
}

BOOST_AUTO_TEST_CASE(of_a_change_at_the_end_of_a_period_is_counted_in_one_subscription) {
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("pro");
  const std::string next = change(id, "pro", "next_billing_cycle")["next.id"];
  go("2026-07-01T00:00:00Z");
  use(id, "tokens", "10", "2026-06-30T23:59:59Z");
  use(id, "tokens", "20", "2026-07-01T00:00:00Z");
  use(next, "tokens", "40", "2026-07-01T00:00:00Z");
  go("2026-12-01T00:00:00Z");
  BOOST_TEST(invoices(id).size() == 3U);
  BOOST_TEST(lines(id, 2) == Texts{"late_usage 0.30"}, boost::test_tools::per_element());
  BOOST_TEST(lines(next, 1) == (Texts{"fee 29.00", "usage 0.40"}), boost::test_tools::per_element());
  for (std::size_t i = 2; i < invoices(next).size(); ++i) {
    BOOST_TEST(lines(next, i) == (Texts{"fee 29.00", "usage 0.00"}), boost::test_tools::per_element());
  }
}

/// The period that ended with it was billed as any other.
BOOST_AUTO_TEST_CASE(at_a_bound_that_was_billed_already_belongs_to_the_period_before) {
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("pro");
  use(id, "tokens", "10", "2026-06-01T00:00:00Z");
  go("2026-07-01T00:00:00Z");
  BOOST_TEST(lines(id, 1) == (Texts{"fee 29.00", "usage 0.10"}), boost::test_tools::per_element());
  use(id, "tokens", "20", "2026-07-01T00:00:00Z");
  cancel(id, "immediate");
  go("2026-09-01T00:00:00Z");
  BOOST_TEST(invoices(id).size() == 3U);
  BOOST_TEST(lines(id, 2) == Texts{"late_usage 0.20"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(of_a_cancelation_that_was_withdrawn_is_that_of_the_periods_as_ever) {
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("pro");
  cancel(id, "next_billing_cycle");
  use(id, "tokens", "10", "2026-06-01T00:00:00Z");
  go("2026-06-30T23:59:59Z");
  BOOST_TEST(post("subscriptions/" + id + "/unschedule-cancelation").status() == 200);
  go("2026-07-01T00:00:00Z");
  use(id, "tokens", "20", "2026-07-01T00:00:00Z");
  go("2026-09-01T00:00:00Z");
  BOOST_TEST(lines(id, 1) == (Texts{"fee 29.00", "usage 0.10"}), boost::test_tools::per_element());
  BOOST_TEST(lines(id, 2) == (Texts{"fee 29.00", "usage 0.20"}), boost::test_tools::per_element());
  BOOST_TEST(lines(id, 3) == (Texts{"fee 29.00", "usage 0.00"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(is_not_taken_any_more_when_no_invoice_would_count_it) {
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("pro");
  cancel(id, "2026-06-16T00:00:00Z");
  go("2026-07-20T23:59:59Z");
  use(id, "tokens", "50", "2026-07-20T00:00:00Z");
  go("2026-07-21T00:00:00Z");
  BOOST_TEST(refused(id) == Texts{"subscription closed"}, boost::test_tools::per_element());
  BOOST_TEST(lines(id, 2) == Texts{"late_usage 0.50"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(of_a_subscription_that_never_began_is_not_taken) {
  const std::string id = subscribe_to("pro", R"(,"timing":"2026-02-01T00:00:00Z")");
  cancel(id, "immediate");
  BOOST_TEST(refused(id) == Texts{"subscription never_began"}, boost::test_tools::per_element());
  go("2026-04-01T00:00:00Z");
  BOOST_TEST(invoices(id).empty());
}

BOOST_AUTO_TEST_CASE(is_no_usage_of_a_simulated_span) {
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("pro");
  use(id, "tokens", "10", "2026-06-01T00:00:00Z");
  go("2026-06-20T00:00:00Z");
  use(id, "tokens", "20", "2026-06-16T00:00:00Z");
  const std::string plan = get("plans?key=pro")["items.0.id"];
  const Reply simulated =
      post("plans/" + plan + "/simulate",
           R"({"subscriptionId":")" + id + R"(","from":"2026-06-01T00:00:00Z",)" + R"("to":"2026-06-16T00:00:00Z"})");
  BOOST_TEST(simulated["total"] == "29.10");
  BOOST_TEST(simulated["lines.1.usageUntil"] == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
