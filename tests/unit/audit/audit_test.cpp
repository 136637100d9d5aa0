#include "invoice/audit.h"

#include "host-bindings/wasmtime/cli/audit_text.h"
#include "json/instant.h"
#include "tests/unit/control/world/invoice_world.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace tollgate;
using namespace tollgate::test;
using invoice::Audit;
using invoice::AuditedLine;
using invoice::ToldInvoice;

/// The control plane of the tests, as the command sees one over HTTP.
class PlaneSource final : public invoice::AuditSource {
 public:
  explicit PlaneSource(Plane& plane) : plane_(plane) {}

  Result<Quantity, std::string> usage(const invoice::LedgerSpan& span) override {
    json::Text text;
    json::Writer<json::Text> to(text);
    to.begin_object();
    to.raw_member("filterSubscription", "[\"" + std::string(span.subscription) + "\"]");
    json::write_period_members(to, span.period);
    to.end_object();
    const Reply answer = plane_.post("meters/" + std::string(span.meter) + "/query", text.view());
    if (answer.status() != 200) return fail(answer.response.body);
    return *Quantity::parse(answer["data.0.value"]);
  }
  Result<const std::vector<ToldInvoice>*, std::string> invoices(std::string_view customer) override {
    if (!invoices_.empty()) return &invoices_;
    const Reply list = plane_.get("invoices?pageSize=100&customerId=" + std::string(customer));
    for (json::Value one : list.value("items")) {
      const Reply whole = plane_.get("invoices/" + std::string(one.member("id").text()));
      invoices_.push_back(invoice::read_invoice(whole.document->root()).value());
    }
    return &invoices_;
  }
  Result<std::optional<Instant>, std::string> end_of(std::string_view subscription) override {
    const Reply answer = plane_.get("subscriptions/" + std::string(subscription));
    if (answer.status() != 200) return fail(answer.response.body);
    const auto end = parse_instant(answer["activeTo"]);
    return end.ok() ? std::optional(*end) : std::nullopt;
  }

 private:
  Plane& plane_;
  std::vector<ToldInvoice> invoices_;
};

/// Puts every `from` of the text right to `to`.
struct Tampering {
  std::string_view from;
  std::string_view to;
};

struct AuditWorld : InvoiceWorld {
  Audit audit(std::string_view subscription, std::size_t index, const std::vector<Tampering>& changes = {}) {
    std::string text = invoice(subscription, index).response.body;
    for (const auto& [from, to] : changes) {
      std::size_t at = text.find(from);
      BOOST_REQUIRE_MESSAGE(at != std::string::npos, "nothing to tamper with: " << from << " in " << text);
      for (; at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
    }
    json::Document document;
    BOOST_REQUIRE(document.parse(text).ok());
    PlaneSource source(*this);
    const auto audited = invoice::audit_invoice(invoice::read_invoice(document.root()).value(), source);
    BOOST_REQUIRE_MESSAGE(audited.ok(), (audited.ok() ? std::string() : audited.error()));
    return *audited;
  }

  /// S7.8: half the period gone, 7 000 of 10 000 used, 8.70 left of 29.00: on `big`, and the id of that.
  std::string change_halfway(std::string_view to = "big") {
    now = at("2026-06-01T00:00:00Z");
    first = subscribe_to("pro");
    now = at("2026-06-16T00:00:00Z");
    use(first, "api_requests", "7000", "2026-06-10T00:00:00Z");
    return change(first, to, "immediate")["next.id"];
  }

  std::string first;  ///< the subscription that was changed
};

/// `equal credit -8.70`, `later …` or `DIFFERENT …`, then the detail.
std::string told(const AuditedLine& line) {
  const std::string_view verdict = !line.equal ? "DIFFERENT" : line.later ? "later" : "equal";
  std::string text = std::string(verdict) + " " + line.kind + " " + line.amount;
  if (line.computed != line.amount) text += " computed " + line.computed;
  return line.detail.empty() ? text : text + ": " + line.detail;
}

Texts told(const Audit& audit) {
  Texts texts;
  for (const AuditedLine& line : audit.lines) texts.push_back(told(line));
  return texts;
}

BOOST_FIXTURE_TEST_SUITE(audits_of_credits, AuditWorld)

BOOST_AUTO_TEST_CASE(a_credit_of_a_change_is_computed_again) {
  const std::string next = change_halfway();
  const Reply line = invoice(next, 0);
  BOOST_TEST(line["lines.1.sources.0.granted"] == "8.70");
  BOOST_TEST(line["lines.1.sources.0.used"] == "8.70");
  BOOST_TEST(line["lines.1.sources.0.change.subscriptionId"] == first);
  BOOST_TEST(line["lines.1.sources.0.change.at"] == "2026-06-16T00:00:00Z");
  BOOST_TEST(line["lines.1.sources.0.change.fees.0.amount"] == "29.00");
  BOOST_TEST(line["lines.1.sources.0.change.fees.0.consumed.time"] == "0.5");
  BOOST_TEST(line["lines.1.sources.0.change.fees.0.consumed.quota"] == "0.7");
  BOOST_TEST(line["lines.1.sources.0.change.quota.feature"] == "api_requests");
  BOOST_TEST(line["lines.1.sources.0.change.quota.used"] == "7000");
  BOOST_TEST(line["lines.1.sources.0.change.quota.limit"] == "10000");
  const Audit audited = audit(next, 0);
  BOOST_TEST(audited.equal);
  BOOST_TEST(told(audited) == (Texts{"equal fee 99.00", "equal credit -8.70"}), boost::test_tools::per_element());
}

/// What is left of one credit, and another one behind it.
BOOST_AUTO_TEST_CASE(a_line_names_all_its_sources_oldest_first) {
  const std::string small = change_halfway("small");
  now = at("2026-06-17T00:00:00Z");
  const std::string tiny = change(small, "small", "immediate")["next.id"];
  go("2026-07-17T00:00:00Z");
  const Reply line = invoice(tiny, 0);
  BOOST_TEST(lines(small, 0) == (Texts{"fee 9.00", "credit -8.70"}), boost::test_tools::per_element());
  BOOST_TEST(lines(tiny, 0) == (Texts{"fee 9.00", "credit -8.70"}), boost::test_tools::per_element());
  BOOST_TEST(line["lines.1.sources.0.change.subscriptionId"] == small);
  for (const std::string& id : {small, tiny}) BOOST_TEST(audit(id, 0).equal);
}

BOOST_AUTO_TEST_CASE(a_credit_that_goes_on_to_later_invoices_is_used_up_and_no_further) {
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("pro");
  now = at("2026-06-02T00:00:00Z");  // 28.03 are left of 29.00
  const std::string small = change(id, "small", "immediate")["next.id"];
  go("2026-09-02T00:00:00Z");
  const Texts used{"9.00", "9.00", "9.00", "1.03"};
  for (std::size_t i = 0; i < used.size(); ++i) {
    BOOST_TEST(invoice(small, i)["lines.1.sources.0.granted"] == "28.03");
    BOOST_TEST(invoice(small, i)["lines.1.sources.0.used"] == used[i]);
    BOOST_TEST(audit(small, i).equal);
  }
  const Audit more = audit(small, 3, {{"1.03", "1.04"}, {"7.97", "7.96"}});
  BOOST_TEST(told(more.lines[1]) == "DIFFERENT credit -1.04: 28.04 are used of a credit of 28.03");
}

BOOST_AUTO_TEST_CASE(a_void_invoice_uses_nothing) {
  const std::string next = change_halfway();
  const std::string one = invoice(next, 0)["id"];
  BOOST_TEST(post("invoices/" + one + "/void", R"({"reason":"r"})").status() == 200);
  BOOST_TEST(post("invoices/" + one + "/reissue").status() == 201);
  BOOST_TEST(audit(next, 0).equal);
  BOOST_TEST(audit(next, 1).equal);
}

BOOST_AUTO_TEST_CASE(a_fee_that_was_given_back_has_to_be_on_an_invoice_that_counts) {
  const std::string next = change_halfway();
  BOOST_TEST(told(audit(next, 0, {{R"("card":"api_requests")", R"("card":"another")"}}).lines[1]) ==
             "DIFFERENT credit -8.70: no invoice that counts has billed the fee that is given back");
}

BOOST_AUTO_TEST_CASE(a_credit_of_a_fee_that_is_billed_again_is_one_of_its_own) {
  const std::string next = change_halfway();
  const std::string fee = invoice(first, 0)["id"];
  const std::string user = invoice(next, 0)["id"];
  for (const std::string& id : {user, fee}) {
    BOOST_TEST(post("invoices/" + id + "/void", R"({"reason":"r"})").status() == 200);
  }
  for (const std::string& id : {fee, user}) BOOST_TEST(post("invoices/" + id + "/reissue").status() == 201);
  BOOST_TEST(lines(next, 1) == (Texts{"fee 99.00", "credit -8.70"}), boost::test_tools::per_element());
  BOOST_TEST(audit(next, 1).equal);
}

BOOST_AUTO_TEST_CASE(several_fees_are_told_one_by_one) {
  publish_plan(plan_json("fees", std::string(kBigCards) + "," + std::string(kSmallCards)));
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("fees");
  now = at("2026-06-16T00:00:00Z");
  const std::string next = change(id, "big", "immediate")["next.id"];
  BOOST_TEST(invoice(next, 0)["lines.1.sources.0.change.fees.1.credit"] == "4.50");
  BOOST_TEST(invoice(next, 0)["lines.1.sources.0.change.quota"] == "");
  BOOST_TEST(told(audit(next, 0))[1] == "equal credit -54.00");
  BOOST_TEST(told(audit(next, 0, {{R"("credit":"4.50")", R"("credit":"4.60")"}}).lines[1]) ==
             "DIFFERENT credit -54.00: a share of the credit is another one");
}

/// 4 000 too many in the first period, 4 000 in the second: 8 000 of 10 000.
BOOST_AUTO_TEST_CASE(overage_that_was_carried_into_the_period_is_told) {
  publish_plan(plan_json("carrying", R"(
    {"type":"flat_fee","key":"api_requests","name":"R","featureKey":"api_requests","billingCadence":"P1M",
     "price":{"type":"flat","amount":"29.00"},"entitlementTemplate":{"type":"metered","issueAfterReset":10000,
     "isSoftLimit":true,"preserveOverageAtReset":true}})"));
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("carrying");
  use(id, "api_requests", "14000", "2026-06-01T00:00:00Z");
  go("2026-07-02T00:00:00Z");
  use(id, "api_requests", "4000", "2026-07-01T00:00:00Z");
  const std::string next = change(id, "big", "immediate")["next.id"];
  const Reply line = invoice(next, 0);
  BOOST_TEST(line["lines.1.sources.0.change.quota.used"] == "8000");
  BOOST_TEST(line["lines.1.sources.0.change.quota.periods.0.usage"] == "14000");
  BOOST_TEST(line["lines.1.sources.0.change.quota.periods.1.usage"] == "4000");
  BOOST_TEST(told(audit(next, 0))[1] == "equal credit -5.80");
}

BOOST_AUTO_TEST_CASE(usage_that_came_after_the_change_is_told_and_changes_no_credit) {
  const std::string next = change_halfway();
  now = at("2026-06-17T00:00:00Z");
  use(first, "api_requests", "500", "2026-06-15T00:00:00Z");
  const Audit audited = audit(next, 0);
  BOOST_TEST(audited.equal);
  BOOST_TEST(
      told(audited.lines[1]) ==
      "later credit -8.70: 7000 of the quota counted as used, and the ledger has 7500: 500 came after the change, "
      "else 7.25 were given back");
  BOOST_TEST(cli::audit_text(audited).find("what the ledger said when it was drawn up") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_came_later_makes_no_difference_where_time_had_consumed_more) {
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("pro");
  now = at("2026-06-30T00:00:00Z");
  const std::string next = change(id, "big", "immediate")["next.id"];
  use(id, "api_requests", "500", "2026-06-29T00:00:00Z");
  BOOST_TEST(told(audit(next, 0).lines[1]) ==
             "equal credit -0.97: 0 of the quota counted as used, and the ledger has 500: 500 came after the change, "
             "which makes no difference");
}

BOOST_AUTO_TEST_CASE(usage_that_was_billed_late_says_where) {
  publish_plan(plan_json("both", R"(
    {"type":"flat_fee","key":"base","name":"B","billingCadence":"P1M","price":{"type":"flat","amount":"29.00"}},
    {"type":"usage_based","key":"tokens","name":"T","featureKey":"tokens","billingCadence":"P1M",
     "price":{"type":"unit","amount":"0.01"},
     "entitlementTemplate":{"type":"metered","issueAfterReset":100,"isSoftLimit":true}})"));
  now = at("2026-06-01T00:00:00Z");
  const std::string id = subscribe_to("both");
  now = at("2026-06-16T00:00:00Z");
  use(id, "tokens", "70", "2026-06-10T00:00:00Z");
  const std::string next = change(id, "big", "immediate")["next.id"];
  use(id, "tokens", "10", "2026-06-10T00:00:00Z");
  go("2026-07-21T00:00:00Z");
  const std::string number = invoice(id, 2)["number"];
  BOOST_TEST(
      told(audit(next, 0).lines[1]) ==
      "later credit -8.70: 70 of the quota counted as used, and the ledger has 80: 10 came after the change, else "
      "5.80 were given back; billed on " +
          number);
}

/// What is tampered with, and what is told of it.
struct Forgery {
  std::vector<Tampering> changes;
  std::string_view told;
};
std::ostream& operator<<(std::ostream& out, const Forgery& forgery) { return out << forgery.told; }

const Forgery kForgeries[] = {
    {{{R"("amount":"-8.70")", R"("amount":"-9.70")"}}, "DIFFERENT credit -9.70 computed -8.70"},
    {{{"8.70", "9.70"}}, "DIFFERENT credit -9.70: the change gives back 8.70, not 9.70"},
    {{{R"("granted":"8.70")", R"("granted":"9.70")"}}, "DIFFERENT credit -8.70: the change gives back 8.70, not 9.70"},
    {{{"29.00", "59.00"}, {"8.70", "17.70"}},
     "DIFFERENT credit -17.70: no invoice that counts has billed the fee that is given back"},
    {{{R"("limit":"10000")", R"("limit":"20000")"}}, "DIFFERENT credit -8.70: the change gives back 14.50, not 8.70"},
    {{{R"("used":"7000")", R"("used":"6000")"}, {"8.70", "11.60"}},
     "DIFFERENT credit -11.60: what is used of the quota does not add up"},
    {{{"7000", "9000"}, {"8.70", "2.90"}},
     "DIFFERENT credit -2.90: 9000 of the quota counted as used, and the ledger has 7000"},
    {{{R"("at":"2026-06-16)", R"("at":"2026-06-17)"}},
     "DIFFERENT credit -8.70: the subscription did not end when the change is said to have been"},
    {{{R"("to":"2026-07-01)", R"("to":"2026-06-20)"}}, "DIFFERENT credit -8.70: the change gives back 6.11, not 8.70"},
    {{{R"("sources":)", R"("origins":)"}},
     "DIFFERENT credit -8.70 computed 0.00: the line does not tell where the credit comes from"},
    {{{R"("change":)", R"("carried":)"}}, "DIFFERENT credit -8.70: no invoice carried that amount on"},
    {{{R"("feature":)", R"("feature_":)"}, {R"("quota":{)", R"("quota":{"limit_":"1",)"}, {R"("limit":)", R"("x":)"}},
     "DIFFERENT credit -8.70: the change of plan cannot be read"},
};

BOOST_DATA_TEST_CASE_F(AuditWorld, a_line_that_was_tampered_with_is_told, kForgeries, forgery) {
  const std::string next = change_halfway();
  const Audit audited = audit(next, 0, forgery.changes);
  BOOST_TEST(!audited.equal);
  BOOST_TEST(told(audited.lines[1]) == forgery.told);
}

/// A story that holds by itself, of a credit that another line tells in another way.
BOOST_AUTO_TEST_CASE(lines_that_use_one_credit_have_to_agree) {
  const std::string small = change_halfway("small");
  BOOST_TEST(lines(small, 0)[1] == "credit -8.70");
  now = at("2026-08-01T00:00:00Z");
  go("2026-08-01T00:00:00Z");
  now = at("2026-08-16T00:00:00Z");
  const std::string pro = change(small, "pro", "immediate")["next.id"];
  now = at("2026-08-17T00:00:00Z");
  const std::string last = change(pro, "small", "immediate")["next.id"];
  go("2026-09-17T00:00:00Z");
  BOOST_TEST(invoice(last, 1)["lines.1.sources.0.granted"] == invoice(last, 0)["lines.1.sources.0.granted"]);
  BOOST_TEST(audit(last, 1).equal);
  const Audit forged = audit(last, 1, {{R"("usage":"0")", R"("usage":"0.0")"}});
  BOOST_TEST(forged.lines[1].detail == "another line tells the same credit in another way");
}

BOOST_AUTO_TEST_CASE(what_was_carried_on_is_held_against_the_invoice_that_carried_it) {
  publish_plan(plan_json("volume", R"(
    {"type":"usage_based","key":"tokens","name":"Tokens","featureKey":"tokens","billingCadence":"P1M",
     "price":{"type":"tiered","mode":"volume","tiers":[{"upToAmount":100,"unitPrice":{"type":"unit","amount":"1"}},
       {"unitPrice":{"type":"unit","amount":"0.5"}}]}})"));
  const std::string id = subscribe_to("volume");
  now = at("2026-02-01T00:00:00Z");
  use(id, "tokens", "100", "2026-02-01T00:00:00Z");
  go("2026-02-20T00:00:00Z");
  use(id, "tokens", "20", "2026-02-10T00:00:00Z");
  go("2026-03-20T00:00:00Z");
  use(id, "tokens", "50", "2026-03-20T00:00:00Z");
  go("2026-04-20T00:00:00Z");
  BOOST_TEST(told(audit(id, 1)) == (Texts{"equal usage 0.00", "equal late_usage -40.00", "equal carried 40.00"}),
             boost::test_tools::per_element());
  BOOST_TEST(told(audit(id, 2)) == (Texts{"equal usage 50.00", "equal credit -40.00"}),
             boost::test_tools::per_element());
  BOOST_TEST(invoice(id, 2)["lines.1.sources.0.carried.number"] == "INV-000002");
  BOOST_TEST(told(audit(id, 1, {{R"("amount":"40.00")", R"("amount":"41.00")"}}).lines[2]) ==
             "DIFFERENT carried 41.00 computed 40.00");
  BOOST_TEST(told(audit(id, 2, {{"40.00", "41.00"}}).lines[1]) ==
             "DIFFERENT credit -41.00: no invoice carried that amount on");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
