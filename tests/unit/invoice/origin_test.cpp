#include "invoice/origin.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

using namespace tollgate;
using namespace tollgate::invoice;

namespace {

const money::Currency kCurrency = money::Currency::usd();

constexpr std::string_view kChange =
    R"({"subscriptionId":"01J","at":"2026-06-16T00:00:00Z","fees":[{"phase":"default","card":"base",)"
    R"("amount":"29.00","period":{"from":"2026-06-01T00:00:00Z","to":"2026-07-01T00:00:00Z"},)"
    R"("consumed":{"time":"0.5","quota":"0.333333"},"credit":"14.50"}],"quota":{"feature":"calls","meter":"api_calls",)"
    R"("limit":"10000","used":"3333.33","periods":[{"from":"2026-06-01T00:00:00Z","to":"2026-07-01T00:00:00Z",)"
    R"("usage":"3333.33"}]}})";
constexpr std::string_view kChangeByTime =
    R"({"subscriptionId":"01J","at":"2026-06-16T00:00:00Z","fees":[{"phase":"default","card":"base",)"
    R"("amount":"29.00","period":{"from":"2026-06-01T00:00:00Z","to":"2026-07-01T00:00:00Z"},)"
    R"("consumed":{"time":"0.5"},"credit":"14.50"}]})";

std::string changed(std::string_view from, std::string_view to) {
  std::string text(kChange);
  return text.replace(text.find(from), from.size(), to);
}

bool fails(std::string_view text, OriginFault fault) {
  const auto read = read_change_origin(text, kCurrency);
  return !read.ok() && read.error() == fault;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(origins_of_credits)

BOOST_AUTO_TEST_CASE(what_was_read_is_written_as_it_was) {
  for (const std::string_view text : {kChange, kChangeByTime}) {
    BOOST_TEST(origin_text(read_change_origin(text, kCurrency).value()) == text);
  }
  constexpr std::string_view kCarried = R"({"invoiceId":"01I","number":"INV-000002"})";
  BOOST_TEST(origin_text(read_carried_origin(kCarried)) == kCarried);
}

BOOST_AUTO_TEST_CASE(what_is_consumed_is_told_with_six_digits) {
  const billing::Consumed third{money::Fraction::of(1, 3), money::Fraction::of(1, 1), 0};
  json::Text text;
  json::Writer<json::Text> to(text);
  write_consumed(to, ToldConsumed::of(third));
  BOOST_TEST(text.view() == R"({"time":"0.333333","quota":"1"})");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_is_named) {
  BOOST_TEST(fails("{", OriginFault::change));
  BOOST_TEST(fails(changed(R"("at":)", R"("on":)"), OriginFault::change));
  BOOST_TEST(fails(changed(R"("limit":"10000")", R"("limit":"0")"), OriginFault::change));
  BOOST_TEST(fails(changed(R"("usage":"3333.33")", R"("usage":"")"), OriginFault::change));
  BOOST_TEST(fails(changed(R"("amount":"29.00")", R"("amount":"29.001")"), OriginFault::fee));
  BOOST_TEST(read_carried_origin("{}").invoice_id.empty());
}

BOOST_AUTO_TEST_SUITE_END()
