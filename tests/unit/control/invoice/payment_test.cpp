#include "tests/unit/control/world/invoice_world.h"

#include <boost/test/unit_test.hpp>

namespace {

using namespace tollgate;
using namespace tollgate::test;

struct WithInvoice : InvoiceWorld {
  std::string id = subscribe_to("big");
  std::string first = invoice(id, 0)["id"];

  std::string payment() {
    const Reply subscription = get("subscriptions/" + id);
    return subscription["paymentStatus.status"] +
           (subscription["paymentStatus.isFirstPayment"] == "true" ? " first" : "");
  }
  Reply mark(const std::string& invoice_id, const std::string& how, std::string_view body = {}) {
    return post("invoices/" + invoice_id + "/mark-" + how, body);
  }
};

BOOST_FIXTURE_TEST_SUITE(payments_of_invoices, WithInvoice)

BOOST_AUTO_TEST_CASE(a_paid_invoice_makes_the_subscription_paid_until_the_next_one) {
  BOOST_TEST(payment() == "pending first");
  now = at("2026-01-16T00:00:00Z");
  const Reply paid = mark(first, "paid", R"({"at":"2026-01-15T12:00:00Z"})");
  BOOST_TEST(paid.status() == 200);
  BOOST_TEST(paid["status"] == "paid");
  BOOST_TEST(paid["payment.paidAt"] == "2026-01-15T12:00:00Z");
  BOOST_TEST(payment() == "paid");
  BOOST_TEST(get("subscriptions/" + id)["paymentStatus.lastPaymentSucceededAt"] == "2026-01-15T12:00:00Z");
  BOOST_TEST(mark(first, "paid")["code"] == "not_open");
  go("2026-02-15T10:00:00Z");
  BOOST_TEST(payment() == "pending");
}

BOOST_AUTO_TEST_CASE(a_failed_payment_starts_grace_and_a_later_one_ends_it) {
  now = at("2026-01-16T00:00:00Z");
  BOOST_TEST(mark(first, "failed")["status"] == "open");
  BOOST_TEST(payment() == "failed first");
  BOOST_TEST(get("subscriptions/" + id)["paymentStatus.lastPaymentFailedAt"] == "2026-01-16T00:00:00Z");
  now = at("2026-01-17T00:00:00Z");
  BOOST_TEST(mark(first, "paid").status() == 200);
  BOOST_TEST(payment() == "paid");
  BOOST_TEST(get("subscriptions/" + id)["paymentStatus.lastPaymentFailedAt"].empty());
}

BOOST_AUTO_TEST_CASE(the_last_try_that_failed_can_still_be_paid) {
  BOOST_TEST(mark(first, "failed", R"({"final":true})")["status"] == "uncollectible");
  BOOST_TEST(payment() == "uncollectible first");
  go("2026-02-15T10:00:00Z");
  BOOST_TEST(payment() == "uncollectible first");
  BOOST_TEST(mark(first, "paid").status() == 200);
  BOOST_TEST(payment() == "pending");  // the second one is open
  BOOST_TEST(mark(invoice(id, 1)["id"], "paid").status() == 200);
  BOOST_TEST(payment() == "paid");
}

BOOST_AUTO_TEST_CASE(a_change_of_plan_does_not_settle_an_invoice) {
  mark(first, "failed");
  const std::string next = change(id, "pro", "immediate")["next.id"];
  BOOST_TEST(get("subscriptions/" + next)["paymentStatus.status"] == "failed");
  mark(first, "paid");
  id = next;
  BOOST_TEST(payment() == "paid");  // the credit is worth more than the new fee
}

BOOST_AUTO_TEST_CASE(a_void_invoice_is_owed_by_nobody) {
  mark(first, "failed");
  BOOST_TEST(post("invoices/" + first + "/void", R"({"reason":"r"})").status() == 200);
  BOOST_TEST(payment() == "not_required first");
  BOOST_TEST(mark(first, "paid")["code"] == "not_open");
}

BOOST_AUTO_TEST_CASE(what_is_paid_is_not_made_void) {
  mark(first, "paid");
  BOOST_TEST(post("invoices/" + first + "/void", R"({"reason":"r"})")["code"] == "invoice_paid");
}

BOOST_AUTO_TEST_CASE(bad_reports_are_refused_by_name) {
  BOOST_TEST(mark(first, "paid", R"({"at":"2027-01-01T00:00:00Z","x":1})").violations() ==
                 (Texts{"at not_future", "x unknown_field"}),
             boost::test_tools::per_element());
  BOOST_TEST(mark(first, "failed", R"({"final":1})").violations() == Texts{"final type"},
             boost::test_tools::per_element());
  BOOST_TEST(mark(first, "failed", R"({"at":"2001-01-01T00:00:00Z"})").violations() == Texts{"at range"},
             boost::test_tools::per_element());
  BOOST_TEST(mark(first, "paid", R"({"at":"2001-01-01T00:00:00Z"})").status() == 200, "it was paid ahead of time");
  BOOST_TEST(mark("01KNVXHQG356VA7T7W0V9N21GH", "paid").status() == 404);
}

BOOST_AUTO_TEST_CASE(the_edge_hears_of_it) {
  const std::string before = get("subscriptions/" + id)["revision"];
  mark(first, "paid");
  BOOST_TEST(std::stoll(get("subscriptions/" + id)["revision"]) > std::stoll(before));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
