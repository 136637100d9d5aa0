#include "tests/unit/control/world/invoice_world.h"

#include <boost/test/unit_test.hpp>

namespace {

using namespace tollgate;
using namespace tollgate::test;

BOOST_FIXTURE_TEST_SUITE(routes_of_invoices, InvoiceWorld)

BOOST_AUTO_TEST_CASE(lists_are_filtered_and_have_no_lines) {
  const std::string id = subscribe_to("big");
  go("2026-03-15T10:00:00Z");
  const std::string customer = get("customers/acme")["id"];
  post("invoices/" + invoice(id, 0)["id"] + "/mark-paid");
  BOOST_TEST(get("invoices")["totalCount"] == "3");
  BOOST_TEST(get("invoices?status=open&customerId=" + customer)["totalCount"] == "2");
  BOOST_TEST(get("invoices?status=paid&subscriptionId=" + id)["items.0.number"] == "INV-000001");
  BOOST_TEST(get("invoices?customerId=nobody")["totalCount"] == "0");
  BOOST_TEST(get("invoices?page=2&pageSize=2")["items.0.number"] == "INV-000003");
  BOOST_TEST(get("invoices").value("items.0.lines").absent());
  BOOST_TEST(get("invoices?status=late&x=1").violations() == (Texts{"status one_of", "x unknown_parameter"}),
             boost::test_tools::per_element());
  BOOST_TEST(get("subscriptions/01KNVXHQG356VA7T7W0V9N21GH/invoices").status() == 404);
  BOOST_TEST(get("invoices/01KNVXHQG356VA7T7W0V9N21GH").status() == 404);
}

BOOST_AUTO_TEST_CASE(the_upcoming_invoice_can_be_seen_and_is_not_kept) {
  const std::string id = subscribe_to("pro");
  now = at("2026-02-01T00:00:00Z");
  use(id, "tokens", "300", "2026-02-01T00:00:00Z");
  const Reply preview = get("subscriptions/" + id + "/invoices/preview");
  BOOST_TEST(preview.status() == 200);
  BOOST_TEST(preview["date"] == "2026-02-15T10:00:00Z");
  BOOST_TEST(preview["total"] == "32.00");
  BOOST_TEST(preview["lines.1.usage"] == "300");
  BOOST_TEST(invoices(id).size() == 1U);
  post("subscriptions/" + id + "/cancel");
  host.run_timers(bucket, now);
  BOOST_TEST(get("subscriptions/" + id + "/invoices/preview")["code"] == "nothing_ahead");
  BOOST_TEST(get("subscriptions/nobody/invoices/preview")["code"] == "not_found");
}

BOOST_AUTO_TEST_CASE(a_plan_can_be_simulated_over_past_usage) {
  const std::string id = subscribe_to("pro");
  now = at("2026-02-01T00:00:00Z");
  use(id, "tokens", "1200", "2026-02-01T00:00:00Z");
  go("2026-02-20T00:00:00Z");
  const std::string other = publish_plan(plan_json("other", R"(
    {"type":"flat_fee","key":"setup","name":"Setup","price":{"type":"flat","amount":"5"}},
    {"type":"usage_based","key":"tokens","name":"Tokens","featureKey":"tokens","billingCadence":"P1M",
     "price":{"type":"package","amount":"10","quantityPerPackage":1000}})"));
  const std::string span = R"("from":"2026-01-15T10:00:00Z","to":"2026-02-15T10:00:00Z"})";
  const Reply simulated = post("plans/" + other + "/simulate", R"({"subscriptionId":")" + id + R"(",)" + span);
  BOOST_TEST(simulated.status() == 200, simulated.response.body);
  BOOST_TEST(simulated["total"] == "25.00");
  BOOST_TEST(simulated["lines.1.usage"] == "1200");
  BOOST_TEST(invoices(id).size() == 2U);
  BOOST_TEST(
      post("plans/" + other + "/simulate", R"({"subscriptionId":"01KNVXHQG356VA7T7W0V9N21GH",)" + span).violations() ==
          Texts{"subscriptionId exists"},
      boost::test_tools::per_element());
  BOOST_TEST(post("plans/" + other + "/simulate",
                  R"({"subscriptionId":")" + id + R"(","from":"2026-02-15T10:00:00Z","to":"2026-02-15T10:00:00Z"})")
                     .violations() == Texts{"to range"},
             boost::test_tools::per_element());
  BOOST_TEST(post("plans/" + other + "/simulate", "{}").violations() ==
                 (Texts{"from required", "subscriptionId required", "to required"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_table_and_a_page_show_the_same_and_take_no_markup_from_anybody) {
  BOOST_TEST(
      call("PUT", "customers/acme", R"({"key":"acme","name":"<b>Acme</b> & \"Co\"","primaryEmail":"a@example.com"})")
          .status() == 200);
  publish_plan(plan_json("evil", R"({"type":"flat_fee","key":"x","name":"=1+1,\"<script>\"","billingCadence":"P1M",
    "price":{"type":"flat","amount":"1.5"}})"));
  const std::string id = subscribe_to("evil");
  const std::string one = invoice(id, 0)["id"];
  const Reply csv = get("invoices/" + one + "?format=csv");
  BOOST_TEST(csv.header("content-type") == "text/csv; charset=utf-8");
  BOOST_TEST(csv.header("content-disposition") == "attachment; filename=\"INV-000001.csv\"");
  BOOST_TEST(csv.response.body ==
             "number,invoice,date,status,currency,line,kind,description,phase,card,feature,from,to,usage,billedUsage,"
             "amount,explanation\r\nINV-000001," +
                 one +
                 ",2026-01-15T10:00:00Z,open,USD,1,fee,\"'=1+1,\"\"<script>\"\"\",default,x,,2026-01-15T10:00:00Z,"
                 "2026-02-15T10:00:00Z,,,1.50,\r\n");
  const Reply page = get("invoices/" + one + "?format=html");
  BOOST_TEST(page.header("content-type") == "text/html; charset=utf-8");
  BOOST_TEST(page.header("content-security-policy").find("default-src 'none'") == 0U);
  BOOST_TEST(page.response.body.find("&lt;b&gt;Acme&lt;/b&gt; &amp; &quot;Co&quot;") != std::string::npos);
  BOOST_TEST(page.response.body.find("<script") == std::string::npos);
  BOOST_TEST(page.response.body.find("1.50 USD") != std::string::npos);
  BOOST_TEST(get("invoices/" + one + "?format=pdf").violations() == Texts{"format one_of"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_table_and_a_page_say_how_a_credit_came_about) {
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("pro");
  now = at("2026-06-02T00:00:00Z");
  use(id, "api_requests", "7000", "2026-06-01T00:00:00Z");
  const std::string small = change(id, "small", "immediate")["next.id"];
  const std::string path = "invoices/" + invoice(small, 0)["id"];
  go("2026-06-16T00:00:00Z");
  const std::string big = change(small, "big", "immediate")["next.id"];
  const std::string first = "29.00 × (1 − 0.7 quota) = 8.70";
  const std::string csv = get(path + "?format=csv").response.body;
  BOOST_TEST(csv.find(",-8.70," + first + "\r\n") != std::string::npos);
  const std::string page = get("invoices/" + invoice(big, 0)["id"] + "?format=html").response.body;
  BOOST_TEST(page.find("9.00 × (1 − 0.466666 time) = 4.80") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_credit_that_is_used_in_parts_says_how_much_is_used_here) {
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("big");
  now = at("2026-06-16T00:00:00Z");
  const std::string small = change(id, "small", "immediate")["next.id"];
  const std::string csv = get("invoices/" + invoice(small, 0)["id"] + "?format=csv").response.body;
  BOOST_TEST(csv.find(",-9.00,\"99.00 × (1 − 0.5 time) = 49.50, of which 9.00 here\"\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_invoice_keeps_the_customer_as_he_was) {
  const std::string id = subscribe_to("big");
  call("PUT", "customers/acme", R"({"key":"acme","name":"Renamed"})");
  BOOST_TEST(invoice(id, 0)["customer.name"] == "Acme");
}

BOOST_AUTO_TEST_CASE(roles_say_who_may_do_what) {
  const std::string id = subscribe_to("big");
  const std::string one = invoice(id, 0)["id"];
  const std::string portal = post("service-keys", R"({"name":"p","role":"portal"})")["key"];
  key = portal;
  BOOST_TEST(get("subscriptions/" + id + "/invoices").status() == 200);
  BOOST_TEST(get("invoices/" + one).status() == 200);
  BOOST_TEST(get("invoices").status() == 403);
  BOOST_TEST(post("invoices/" + one + "/mark-paid").status() == 403);
  BOOST_TEST(post("invoices/" + one + "/void", R"({"reason":"r"})").status() == 403);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
