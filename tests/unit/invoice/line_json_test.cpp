#include "invoice/line_json.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>
#include <string>
#include <string_view>

using namespace tollgate;
using namespace tollgate::invoice;

namespace {

const money::Currency kCurrency = money::Currency::usd();

Result<Line, LineFault> read(std::string_view text) {
  json::Document document;
  BOOST_REQUIRE(document.parse(text).ok());
  return read_line(document.root(), kCurrency);
}

constexpr const char* kFee =
    R"({"kind":"fee","description":"Base","amount":"29.00","phase":"default","card":"base",)"
    R"("paymentTerm":"in_advance","period":{"from":"2026-06-01T00:00:00Z","to":"2026-07-01T00:00:00Z"},)"
    R"("feature":"seats","price":{"type":"flat","amount":"29","paymentTerm":"in_advance"},)"
    R"("rating":{"usage":"0","steps":[{"tier":0,"flatPrice":"29","subtotal":"29"}],"price":"29",)"
    R"("beforeRounding":"29","total":"29.00"}})";

constexpr const char* kOneTimeFee =
    R"({"kind":"fee","description":"Set-up \"A\"","amount":"0.01","phase":"p","card":"setup",)"
    R"("paymentTerm":"in_arrears","price":{"type":"flat","amount":"0.005","paymentTerm":"in_arrears"},)"
    R"("rating":{"usage":"0","steps":[{"tier":0,"flatPrice":"0.005","subtotal":"0.005"}],"price":"0.005",)"
    R"("beforeRounding":"0.005","total":"0.01"}})";

constexpr const char* kUsage =
    R"({"kind":"usage","description":"Calls","amount":"40.00","phase":"default","card":"calls",)"
    R"("paymentTerm":"in_arrears","period":{"from":"2026-06-01T00:00:00Z","to":"2026-07-01T00:00:00Z"},)"
    R"("feature":"calls","meter":"api_calls","usageFrom":"2026-05-31T23:50:00Z",)"
    R"("usageUntil":"2026-08-05T00:00:00.001Z","price":{"type":"tiered","mode":"graduated","tiers":[)"
    R"({"upToAmount":"1000","flatPrice":null,"unitPrice":{"type":"unit","amount":"0.1"}},)"
    R"({"upToAmount":null,"flatPrice":{"type":"flat","amount":"5"},"unitPrice":{"type":"unit","amount":"0.000000000000000001"}}],)"
    R"("commitments":{"minimumAmount":"40","maximumAmount":"90"}},)"
    R"("discounts":{"percentage":"12.000000001","usage":{"quantity":"100"}},"usage":"1200.000000001",)"
    R"("rating":{"usage":"1200.000000001","freeQuantity":"100","steps":[)"
    R"({"tier":0,"quantity":"1000","unitPrice":"0.1","subtotal":"100"},)"
    R"({"tier":1,"quantity":"100.000000001","unitPrice":"0.000000000000000001","flatPrice":"5",)"
    R"("subtotal":"5.0000000000000001000000001"}],"price":"105.0000000000000001000000001",)"
    R"("discount":"12.600000001050000012000000013000000001","commitment":"minimum",)"
    R"("beforeRounding":"40","total":"40.00"}})";

constexpr const char* kLateUsage =
    R"({"kind":"late_usage","description":"Data","amount":"-2.00","phase":"default","card":"data",)"
    R"("paymentTerm":"in_arrears","period":{"from":"2026-06-01T00:00:00Z","to":"2026-07-01T00:00:00Z"},)"
    R"("feature":"data","meter":"bytes","price":{"type":"package","amount":"2","quantityPerPackage":"10"},)"
    R"("usage":"9","billedUsage":"11",)"
    R"("rating":{"usage":"9","steps":[{"tier":0,"quantity":"1","unitPrice":"2","packageSize":"10",)"
    R"("subtotal":"2"}],"price":"2","beforeRounding":"2","total":"2.00"},)"
    R"("billedRating":{"usage":"11","steps":[{"tier":0,"quantity":"2","unitPrice":"2","packageSize":"10",)"
    R"("subtotal":"4"}],"price":"4","beforeRounding":"4","total":"4.00"}})";

constexpr const char* kCreditOfFee =
    R"({"kind":"credit","description":"Credit","amount":"-8.70","phase":"default","card":"base",)"
    R"("paymentTerm":"in_advance","period":{"from":"2026-06-16T00:00:00Z","to":"2026-07-16T00:00:00Z"},"sources":[)"
    R"({"creditId":"01K","granted":"9.00","used":"5.70","change":{"subscriptionId":"01J","fees":[]}},)"
    R"({"creditId":"01L","granted":"3.00","used":"3.00","change":{"subscriptionId":"01M","fees":[]}}]})";

constexpr const char* kCreditOfAll =
    R"({"kind":"credit","description":"Credit","amount":"-40.00","sources":[)"
    R"({"creditId":"01K","granted":"40.00","used":"40.00","carried":{"invoiceId":"01I","number":"INV-000002"}}]})";

constexpr const char* kCarried = R"({"kind":"carried","description":"Carried to the next invoice","amount":"40.00"})";

constexpr const char* kLines[] = {kFee, kOneTimeFee, kUsage, kLateUsage, kCreditOfFee, kCreditOfAll, kCarried};

/// A line, changed in one place, and what cannot be read of it then.
struct Broken {
  const char* line;
  std::string_view from;
  std::string_view to;
  LineFault fault;
};
std::ostream& operator<<(std::ostream& out, const Broken& broken) { return out << broken.from << " → " << broken.to; }

const Broken kBroken[] = {
    {kFee, R"("kind":"fee")", R"("kind":"tip")", LineFault::head},
    {kFee, R"("amount":"29.00")", R"("amount":"x")", LineFault::head},
    {kFee, R"("card":)", R"("kard":)", LineFault::head},
    {kFee, R"("paymentTerm":"in_advance","period")", R"("paymentTerm":"never","period")", LineFault::head},
    {kFee, "2026-07-01", "2026-06-01", LineFault::head},
    {kUsage, R"("period":)", R"("perioc":)", LineFault::head},
    {kFee, R"("price":{"type":"flat")", R"("price":{"type":"round")", LineFault::price},
    {kUsage, R"("percentage":"12.000000001")", R"("percentage":"-1")", LineFault::price},
    {kUsage, R"("usage":"1200.000000001","rating")", R"("usage":"","rating")", LineFault::usage},
    {kLateUsage, R"("billedUsage")", R"("billedUsages")", LineFault::usage},
    {kCreditOfAll, R"("sources")", R"("origins")", LineFault::sources},
    {kCreditOfAll, R"("used":"40.00")", R"("used":"0.00")", LineFault::sources},
    {kCreditOfFee, R"("granted":"9.00")", R"("granted":"nine")", LineFault::granted},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(lines_as_json)

BOOST_DATA_TEST_CASE(what_was_read_is_written_as_it_was, kLines, text) {
  const auto line = read(text);
  BOOST_REQUIRE(line.ok());
  BOOST_TEST(line_text(*line) == text);
}

BOOST_AUTO_TEST_CASE(every_part_is_read) {
  const Line line = *read(kUsage);
  BOOST_TEST((line.kind == LineKind::usage));
  BOOST_TEST((line.amount == money::Amount::minor(4000, kCurrency)));
  BOOST_TEST(line.card->card == "calls");
  BOOST_TEST(!line.card->in_advance);
  BOOST_TEST((line.card->period->from == *parse_instant("2026-06-01T00:00:00Z")));
  BOOST_TEST(*line.terms->meter == "api_calls");
  BOOST_TEST((*line.terms->usage_until == *parse_instant("2026-08-05T00:00:00.001Z")));
  BOOST_TEST(line.terms->price.tiers.size() == 2u);
  BOOST_TEST((*line.usage == *Quantity::parse("1200.000000001")));
  BOOST_TEST((line.rating->commitment == billing::Commitment::minimum));
  BOOST_TEST(line.rating->steps[1].tier == 1u);
}

BOOST_AUTO_TEST_CASE(a_rating_that_cannot_be_read_is_left_out) {
  std::string text = kFee;
  text.replace(text.find(R"("subtotal":"29")"), 15, R"("subtotal":"xx")");
  const auto line = read(text);
  BOOST_REQUIRE(line.ok());
  BOOST_TEST(!line->rating.has_value());
}

BOOST_DATA_TEST_CASE(what_cannot_be_read_is_named, kBroken, broken) {
  std::string text = broken.line;
  const std::size_t at = text.find(broken.from);
  BOOST_REQUIRE(at != std::string::npos);
  const auto line = read(text.replace(at, broken.from.size(), broken.to));
  BOOST_REQUIRE(!line.ok());
  BOOST_TEST((line.error() == broken.fault));
}

BOOST_AUTO_TEST_SUITE_END()
