#include "tests/unit/control/world/invoice_world.h"

#include <boost/test/unit_test.hpp>

namespace {

using namespace tollgate;
using namespace tollgate::test;

BOOST_FIXTURE_TEST_SUITE(invoices_are_corrected, InvoiceWorld)

BOOST_AUTO_TEST_CASE(late_events_count_until_the_draft_period_is_over) {
  BOOST_TEST(post("billing/profiles", R"({"name":"p","invoicing":{"draftPeriod":"P3D"}})").status() == 201);
  const std::string id = subscribe_to("pro");
  now = at("2026-02-01T00:00:00Z");
  BOOST_TEST(invoices(id) == Texts{"INV-000001 open 2026-01-15T10:00:00Z 29.00"}, boost::test_tools::per_element());
  use(id, "tokens", "100", "2026-02-01T00:00:00Z");
  go("2026-02-16T00:00:00Z");
  BOOST_TEST(invoices(id).back() == "- draft 2026-02-15T10:00:00Z 30.00");
  BOOST_TEST(invoice(id, 1)["finalizeAt"] == "2026-02-18T10:00:00Z");
  use(id, "tokens", "900", "2026-02-14T00:00:00Z");
  BOOST_TEST(invoices(id).back() == "- draft 2026-02-15T10:00:00Z 30.00");
  go("2026-02-18T10:00:00Z");
  BOOST_TEST(invoices(id).back() == "INV-000002 open 2026-02-15T10:00:00Z 39.00");
  BOOST_TEST(invoice(id, 1)["finalizedAt"] == "2026-02-18T10:00:00Z");
  use(id, "tokens", "1", "2026-02-14T00:00:00Z");
  go("2026-03-18T10:00:00Z");
  BOOST_TEST(lines(id, 2) == (Texts{"fee 29.00", "usage 0.00", "late_usage 0.01"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(late_usage_is_billed_once_and_only_by_what_it_adds) {
  publish_plan(plan_json("packs", R"(
    {"type":"usage_based","key":"tokens","name":"Tokens","featureKey":"tokens","billingCadence":"P1M",
     "price":{"type":"package","amount":"10","quantityPerPackage":1000}})"));
  const std::string id = subscribe_to("packs");
  now = at("2026-02-01T00:00:00Z");
  use(id, "tokens", "900", "2026-02-01T00:00:00Z");
  go("2026-02-20T00:00:00Z");
  use(id, "tokens", "50", "2026-02-10T00:00:00Z");  // within the package that was billed
  go("2026-03-16T00:00:00Z");
  use(id, "tokens", "100", "2026-02-14T00:00:00Z");
  go("2026-05-16T00:00:00Z");
  BOOST_TEST(lines(id, 0) == Texts{"usage 10.00"}, boost::test_tools::per_element());
  BOOST_TEST(lines(id, 1) == (Texts{"usage 0.00", "late_usage 0.00"}), boost::test_tools::per_element());
  BOOST_TEST(lines(id, 2) == (Texts{"usage 0.00", "late_usage 10.00"}), boost::test_tools::per_element());
  BOOST_TEST(lines(id, 3) == Texts{"usage 0.00"}, boost::test_tools::per_element());
}

/// More usage at a lower price for all of it: the bill falls, and what it falls by is not lost.
BOOST_AUTO_TEST_CASE(what_comes_to_less_than_nothing_is_carried_on) {
  publish_plan(plan_json("volume", R"(
    {"type":"usage_based","key":"tokens","name":"Tokens","featureKey":"tokens","billingCadence":"P1M",
     "price":{"type":"tiered","mode":"volume","tiers":[{"upToAmount":100,"unitPrice":{"type":"unit","amount":"1"}},
       {"unitPrice":{"type":"unit","amount":"0.5"}}]}})"));
  const std::string id = subscribe_to("volume");
  now = at("2026-02-01T00:00:00Z");
  use(id, "tokens", "100", "2026-02-01T00:00:00Z");
  go("2026-02-20T00:00:00Z");
  use(id, "tokens", "20", "2026-02-10T00:00:00Z");
  use(id, "tokens", "10", "2026-02-20T00:00:00Z");
  go("2026-03-20T00:00:00Z");
  BOOST_TEST(lines(id, 1) == (Texts{"usage 10.00", "late_usage -40.00", "carried 30.00"}),
             boost::test_tools::per_element());
  BOOST_TEST(invoices(id).back() == "INV-000002 paid 2026-03-15T10:00:00Z 0.00");
  use(id, "tokens", "50", "2026-03-20T00:00:00Z");
  go("2026-04-20T00:00:00Z");
  BOOST_TEST(lines(id, 2) == (Texts{"usage 50.00", "credit -30.00"}), boost::test_tools::per_element());
  const std::string carrying = invoice(id, 1)["id"];
  BOOST_TEST(post("invoices/" + carrying + "/void", R"({"reason":"r"})")["code"] == "credit_used");
}

BOOST_AUTO_TEST_CASE(a_void_invoice_and_the_one_in_its_place_are_both_kept) {
  const std::string id = subscribe_to("pro");
  now = at("2026-02-01T00:00:00Z");
  use(id, "tokens", "100", "2026-02-01T00:00:00Z");
  go("2026-02-20T00:00:00Z");
  const std::string wrong = invoice(id, 1)["id"];
  BOOST_TEST(post("invoices/" + wrong + "/reissue")["code"] == "not_void");
  BOOST_TEST(post("invoices/" + wrong + "/void", "{}").violations() == Texts{"reason required"},
             boost::test_tools::per_element());
  use(id, "tokens", "200", "2026-02-02T00:00:00Z");
  BOOST_TEST(post("invoices/" + wrong + "/void", R"({"reason":"usage was missing"})").status() == 200);
  BOOST_TEST(post("invoices/" + wrong + "/void", R"({"reason":"again"})")["code"] == "invoice_void");
  const Reply again = post("invoices/" + wrong + "/reissue");
  BOOST_TEST(again.status() == 201);
  BOOST_TEST(again["number"] == "INV-000003");
  BOOST_TEST(again["total"] == "32.00");
  BOOST_TEST(again["replaces"] == wrong);
  BOOST_TEST(again["date"] == "2026-02-15T10:00:00Z");
  const Reply old = get("invoices/" + wrong);
  BOOST_TEST(old["status"] == "void");
  BOOST_TEST(old["total"] == "30.00");
  BOOST_TEST(old["void.reason"] == "usage was missing");
  BOOST_TEST(old["replacedBy"] == again["id"]);
  BOOST_TEST(post("invoices/" + wrong + "/reissue")["code"] == "reissued");
  go("2026-03-20T00:00:00Z");
  BOOST_TEST(lines(id, 3) == (Texts{"fee 29.00", "usage 0.00"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_a_later_invoice_has_corrected_is_not_billed_again_when_the_first_one_is_reissued) {
  const std::string id = subscribe_to("pro");
  now = at("2026-02-01T00:00:00Z");
  use(id, "tokens", "100", "2026-02-01T00:00:00Z");
  go("2026-02-20T00:00:00Z");
  use(id, "tokens", "200", "2026-02-10T00:00:00Z");
  go("2026-03-16T00:00:00Z");
  BOOST_TEST(lines(id, 2) == (Texts{"fee 29.00", "usage 0.00", "late_usage 2.00"}), boost::test_tools::per_element());
  const std::string first = invoice(id, 1)["id"];
  BOOST_TEST(post("invoices/" + first + "/void", R"({"reason":"address"})").status() == 200);
  BOOST_TEST(post("invoices/" + first + "/reissue")["total"] == "30.00");
  go("2026-05-16T00:00:00Z");
  for (std::size_t i = 4; i < invoices(id).size(); ++i) {
    BOOST_TEST(lines(id, i) == (Texts{"fee 29.00", "usage 0.00"}), boost::test_tools::per_element());
  }
}

/// More periods than are looked at at once: they take turns, and in the end nothing is missed.
BOOST_AUTO_TEST_CASE(hours_are_corrected_too) {
  publish_plan(R"({"key":"hourly","name":"Hourly","currency":"USD","billingCadence":"PT1H","phases":[
    {"key":"default","name":"Default","rateCards":[{"type":"usage_based","key":"tokens","name":"Tokens",
     "featureKey":"tokens","billingCadence":"PT1H","price":{"type":"unit","amount":"1"}}]}]})");
  now = at("2026-01-01T00:00:00Z");
  const std::string id = subscribe_to("hourly");
  go("2026-01-11T00:30:00Z");
  use(id, "tokens", "1", "2026-01-02T00:30:00Z");
  use(id, "tokens", "2", "2026-01-09T23:30:00Z");
  use(id, "tokens", "4", "2026-01-11T00:30:00Z");
  post("subscriptions/" + id + "/cancel", R"({"timing":"2026-01-11T02:00:00Z"})");
  go("2026-03-01T00:00:00Z");
  std::int64_t late = 0;
  std::int64_t usage = 0;
  const Reply list = get("invoices?pageSize=100&page=3");
  BOOST_TEST(list["totalCount"] == "242");
  for (json::Value one : list.value("items")) {
    const Reply whole = get("invoices/" + std::string(one.member("id").text()));
    for (json::Value line : whole.value("lines")) {
      const std::int64_t amount = std::stoll(std::string(line.member("amount").text()));
      (line.member("kind").text() == "usage" ? usage : late) += amount;
    }
  }
  BOOST_TEST(usage == 4);
  BOOST_TEST(late == 3);
}

/// Nobody looks at usage while it stands on a void invoice, and a subscription that has ended wakes up for nothing
/// else.
BOOST_AUTO_TEST_CASE(what_came_late_while_an_invoice_was_void_is_billed_after_the_one_in_its_place) {
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("pro");
  go("2026-07-05T00:00:00Z");
  use(id, "tokens", "50", "2026-06-20T00:00:00Z");
  now = at("2026-07-10T00:00:00Z");
  BOOST_TEST(post("subscriptions/" + id + "/cancel").status() == 200);
  go("2026-07-11T00:00:00Z");
  BOOST_TEST(lines(id, 2) == (Texts{"usage 0.00", "late_usage 0.50"}), boost::test_tools::per_element());
  const std::string june = invoice(id, 1)["id"];
  BOOST_TEST(post("invoices/" + june + "/void", R"({"reason":"r"})").status() == 200);
  use(id, "tokens", "30", "2026-06-21T00:00:00Z");
  go("2026-08-20T00:00:00Z");
  BOOST_TEST(invoices(id).size() == 3U);
  BOOST_TEST(post("invoices/" + june + "/reissue").status() == 201);
  go("2026-08-20T00:00:00Z");
  BOOST_TEST(lines(id, 4) == Texts{"late_usage 0.30"}, boost::test_tools::per_element());
}

/// The last check of what stays comes when it would have come without the void one.
BOOST_AUTO_TEST_CASE(what_came_late_for_an_earlier_invoice_does_not_wait_for_a_void_one) {
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("pro");
  now = at("2026-07-10T00:00:00Z");
  BOOST_TEST(post("subscriptions/" + id + "/cancel").status() == 200);
  go("2026-07-12T00:00:00Z");
  const std::string july = invoice(id, 2)["id"];
  BOOST_TEST(post("invoices/" + july + "/void", R"({"reason":"r"})").status() == 200);
  use(id, "tokens", "30", "2026-06-21T00:00:00Z");
  go("2026-08-05T00:00:00Z");
  BOOST_TEST(lines(id, 3) == Texts{"late_usage 0.30"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_voided_draft_has_no_number_and_makes_no_gap) {
  post("billing/profiles", R"({"name":"p","invoicing":{"draftPeriod":"PT1H"}})");
  const std::string id = subscribe_to("big");
  const std::string draft = invoice(id, 0)["id"];
  BOOST_TEST(post("invoices/" + draft + "/void", R"({"reason":"r"})").status() == 200);
  go("2026-01-16T00:00:00Z");
  BOOST_TEST(invoices(id) == Texts{"- void 2026-01-15T10:00:00Z 99.00"}, boost::test_tools::per_element());
  BOOST_TEST(post("invoices/" + draft + "/reissue")["number"] == "INV-000001");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
