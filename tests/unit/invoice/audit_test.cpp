#include "invoice/audit.h"

#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace tollgate;
using namespace tollgate::invoice;

namespace {

using Texts = std::vector<std::string>;

constexpr const char* kUsage =
    R"({"kind":"usage","description":"Calls","amount":"60.00","phase":"d","card":"calls","paymentTerm":"in_arrears",)"
    R"("period":{"from":"2026-01-01T00:00:00Z","to":"2026-02-01T00:00:00Z"},"feature":"calls","meter":"calls",)"
    R"("price":{"type":"unit","amount":"1"},"usage":"60"})";
constexpr const char* kLateUsage =
    R"({"kind":"late_usage","description":"Calls","amount":"5.00","phase":"d","card":"calls",)"
    R"("paymentTerm":"in_arrears","period":{"from":"2026-01-01T00:00:00Z","to":"2026-02-01T00:00:00Z"},)"
    R"("feature":"calls","meter":"calls","price":{"type":"unit","amount":"1"},"usage":"65","billedUsage":"60"})";

ToldInvoice told(std::string_view id, std::string_view total, std::string_view lines) {
  const std::string text = std::string(R"({"id":")")
                               .append(id)
                               .append(R"(","number":"INV-000001","status":"open","subscriptionId":"s",)")
                               .append(R"("customerId":"c","currency":"USD","total":")")
                               .append(total)
                               .append(R"(","lines":[)")
                               .append(lines)
                               .append("]}");
  json::Document document;
  BOOST_REQUIRE(document.parse(text).ok());
  return read_invoice(document.root()).value();
}

/// A ledger with so many calls, and the customer's invoices.
class World : public AuditSource {
 public:
  Result<Quantity, std::string> usage(const LedgerSpan& span) override {
    if (!ledger.has_value()) return fail(std::string("no ledger"));
    asked.push_back(std::string(span.subscription) + " " + std::string(span.meter));
    return *ledger;
  }
  Result<const std::vector<ToldInvoice>*, std::string> invoices(std::string_view) override { return &others; }
  Result<std::optional<Instant>, std::string> end_of(std::string_view) override { return std::optional<Instant>(); }

  std::optional<Quantity> ledger = Quantity::units(60);
  std::vector<ToldInvoice> others;
  Texts asked;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(audits, World)

BOOST_AUTO_TEST_CASE(what_is_right_is_equal) {
  const auto audit = audit_invoice(told("a", "60.00", kUsage), *this);
  BOOST_REQUIRE(audit.ok());
  BOOST_TEST(audit->equal);
  BOOST_TEST(audit->lines[0].computed == "60.00");
  BOOST_TEST(audit->lines[0].ledger == "60");
  BOOST_TEST(asked == Texts{"s calls"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_total_that_is_not_the_sum_is_different) {
  const auto audit = audit_invoice(told("a", "61.00", kUsage), *this);
  BOOST_TEST(!audit->equal);
  BOOST_TEST(audit->lines[0].equal);
  BOOST_TEST(audit->computed == "60.00");
}

BOOST_AUTO_TEST_CASE(usage_that_came_late_has_to_be_billed) {
  ledger = Quantity::units(65);
  const auto missing = audit_invoice(told("a", "60.00", kUsage), *this);
  BOOST_TEST(!missing->equal);
  BOOST_TEST(missing->lines[0].detail == "usage came late and is not billed yet");
  others = {told("b", "5.00", kLateUsage)};
  const auto billed = audit_invoice(told("a", "60.00", kUsage), *this);
  BOOST_TEST(billed->equal);
  BOOST_TEST(billed->lines[0].detail == "usage came late and is on a later invoice");
  BOOST_TEST(audit_invoice(others[0], *this)->equal);
}

BOOST_AUTO_TEST_CASE(a_line_that_cannot_be_read_is_different) {
  std::string line = kUsage;
  line.replace(line.find(R"("type":"unit")"), 13, R"("type":"guess")");
  const auto audit = audit_invoice(told("a", "60.00", line), *this);
  BOOST_TEST(!audit->equal);
  BOOST_TEST(audit->lines[0].amount == "60.00");
  BOOST_TEST(audit->lines[0].detail == "the price on the line cannot be read");
}

BOOST_AUTO_TEST_CASE(a_ledger_that_does_not_answer_leaves_it_untold) {
  ledger.reset();
  const auto audit = audit_invoice(told("a", "60.00", kUsage), *this);
  BOOST_REQUIRE(!audit.ok());
  BOOST_TEST(audit.error() == "no ledger");
}

BOOST_AUTO_TEST_CASE(what_is_no_invoice_is_not_read) {
  json::Document document;
  BOOST_REQUIRE(document.parse(R"({"id":"a","currency":"XXQ"})").ok());
  BOOST_TEST(!read_invoice(document.root()).has_value());
  BOOST_REQUIRE(document.parse(R"({"currency":"USD"})").ok());
  BOOST_TEST(!read_invoice(document.root()).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
