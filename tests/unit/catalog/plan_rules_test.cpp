#include "catalog/plan_rules.h"

#include "catalog/pack.h"
#include "json/plan.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

using namespace tollgate;

namespace {

using List = std::vector<std::string>;

List violations_of(std::string_view body) {
  json::Document document;
  BOOST_REQUIRE_MESSAGE(document.parse(body).ok(), body);
  Violations violations;
  const catalog::Plan plan = json::read_plan(document.root(), violations);
  catalog::check_plan(plan, violations);
  List list;
  for (const Violation& violation : violations.all()) list.push_back(violation.field + " " + violation.rule);
  std::sort(list.begin(), list.end());
  return list;
}

std::string plan_of(std::string_view phases) {
  return std::string(R"({"key":"p","name":"P","currency":"USD","billingCadence":"P1M","phases":)")
      .append(phases)
      .append("}");
}

/// A plan of one phase with one card.
std::string plan_with(std::string_view card) {
  return plan_of(std::string(R"([{"key":"d","name":"D","rateCards":[)").append(card).append("]}]"));
}

std::string usage_card(std::string_view price) {
  return plan_with(
      std::string(R"({"type":"usage_based","key":"a","name":"A","featureKey":"a","billingCadence":"P1M","price":)")
          .append(price)
          .append("}"));
}

catalog::Plan plan_from(std::string_view body) {
  json::Document document;
  BOOST_REQUIRE(document.parse(body).ok());
  Violations violations;
  const catalog::Plan plan = json::read_plan(document.root(), violations);
  BOOST_REQUIRE_MESSAGE(violations.empty(), body);
  return plan;
}

struct Case {
  std::string body;
  List violations;  ///< without the place that all cases share
};

/// `violations` of a case stand below `place`.
void check(const std::vector<Case>& cases, std::string_view place) {
  for (const Case& one : cases) {
    List expected;
    for (const std::string& violation : one.violations) expected.push_back(std::string(place) + violation);
    BOOST_TEST_INFO(one.body);
    BOOST_TEST(violations_of(one.body) == expected, boost::test_tools::per_element());
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(plan_rules)

BOOST_AUTO_TEST_CASE(members_of_a_plan) {
  check({{"{}", {"billingCadence required", "currency required", "key required", "name required", "phases required"}},
         {R"({"key":"P","name":"","currency":"usd","billingCadence":"P2M","phases":[],"price":1})",
          {"billingCadence cadence", "currency currency", "key key_format", "name length", "phases length",
           "price unknown_field"}},
         {R"({"key":"p","name":"P","currency":"XXX","billingCadence":"P1M","phases":{},"metadata":{"a":null},
            "proRatingConfig":{"mode":"x"},"paymentMethodRequired":"no"})",
          {"currency currency", "metadata.a type", "paymentMethodRequired type", "phases type",
           "proRatingConfig.enabled required", "proRatingConfig.mode one_of"}}},
        "");
}

BOOST_AUTO_TEST_CASE(phases_in_order) {
  check({{plan_of(
              R"([{"key":"a","name":"A","duration":"P1W","rateCards":[]},{"key":"b","name":"B",
                "duration":null,"rateCards":[]}])"),
          {}},
         {plan_of(R"([{"key":"a","name":"A","rateCards":[]},{"key":"a","name":"B","duration":"P1M","rateCards":[]}])"),
          {"phases[0].duration required", "phases[1].duration last_phase_open", "phases[1].key unique"}},
         {plan_of(R"([{"key":"a","duration":"P1M2D","x":1},7])"),
          {"phases[0].duration cadence", "phases[0].name required", "phases[0].rateCards required",
           "phases[0].x unknown_field", "phases[1] type"}}},
        "");
}

BOOST_AUTO_TEST_CASE(rate_cards) {
  check(
      {{plan_with(R"({"type":"flat_fee","key":"setup","name":"Setup","price":{"type":"flat","amount":"5"}})"), {}},
       {plan_with(R"({"type":"flat_fee","key":"a","name":"A","featureKey":"b"})"), {".key equals_feature_key"}},
       {plan_with(R"({"type":"flat_fee","key":"a","name":"A","price":{"type":"unit","amount":1}})"),
        {".price.type flat_only"}},
       {plan_with(R"({"type":"flat_fee","key":"a","name":"A","billingCadence":"P1W"})"),
        {".billingCadence cadence_alignment"}},
       {plan_with(R"({"type":"flat_fee","key":"a","name":"A","billingCadence":"P3M"})"), {}},
       {plan_with(R"({"type":"flat_fee","key":"a","name":"A","discounts":{"percentage":101,"usage":{"quantity":1}}})"),
        {".discounts.percentage range", ".discounts.usage not_allowed"}},
       {plan_with(R"({"type":"usage_based","key":"a","name":"A"})"),
        {".billingCadence required", ".featureKey required"}},
       {plan_with(R"({"type":"usage_based","key":"a","name":"A","featureKey":"a","billingCadence":"P1M",
           "price":{"type":"flat","amount":1,"paymentTerm":"in_advance"}})"),
        {".price.paymentTerm in_arrears_only"}},
       {plan_with(R"({"type":"fee","key":"a","name":"A","colour":1})"), {".colour unknown_field", ".type one_of"}},
       {plan_with(R"({"type":"flat_fee","key":"a","name":"A","entitlementTemplate":{"type":"boolean"}})"),
        {".entitlementTemplate feature_required"}},
       {plan_with(
            R"({"type":"flat_fee","key":"a","name":"A","featureKey":"a","entitlementTemplate":{"type":"metered"}})"),
        {".entitlementTemplate.issueAfterReset required"}},
       {plan_with(
            R"({"type":"flat_fee","key":"a","name":"A","featureKey":"a",
                "entitlementTemplate":{"type":"metered","isSoftLimit":true}})"),
        {}},
       {plan_with(
            R"({"type":"flat_fee","key":"a","name":"A","featureKey":"a","entitlementTemplate":{"type":"static"}})"),
        {".entitlementTemplate.config required"}},
       {plan_with(
            R"({"type":"flat_fee","key":"a","name":"A","featureKey":"a",
                "entitlementTemplate":{"type":"boolean","config":1,"issueAfterReset":1}})"),
        {".entitlementTemplate.config unknown_field", ".entitlementTemplate.issueAfterReset unknown_field"}},
       {plan_with(R"({"type":"flat_fee","key":"a","name":"A","featureKey":"a","entitlementTemplate":
           {"type":"metered","issueAfterReset":-1,"usagePeriod":"monthly","isSoftLimit":0}})"),
        {".entitlementTemplate.isSoftLimit type", ".entitlementTemplate.issueAfterReset range",
         ".entitlementTemplate.usagePeriod cadence"}}},
      "phases[0].rateCards[0]");
  const std::string twice =
      plan_with(R"({"type":"flat_fee","key":"a","name":"A"},{"type":"flat_fee","key":"a","name":"A"})");
  BOOST_TEST(violations_of(twice) == List{"phases[0].rateCards[1].key unique"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(prices) {
  check(
      {{usage_card(R"({"type":"unit","amount":"0.0005"})"), {}},
       {usage_card(R"({"type":"dynamic"})"), {}},
       {usage_card(R"({"type":"unit"})"), {".amount required"}},
       {usage_card(R"({"type":"unit","amount":"1e"})"), {".amount decimal"}},
       {usage_card(R"({"type":"unit","amount":"-1"})"), {".amount range"}},
       {usage_card(R"({"type":"unit","amount":"0.000000000000000001"})"), {}},
       {usage_card(R"({"type":"unit","amount":"0.0000000000000000001"})"), {".amount decimal"}},
       {usage_card(R"({"type":"unit","amount":true})"), {".amount type"}},
       {usage_card(R"({"type":"per_seat","amount":1})"), {".type one_of"}},
       {usage_card(R"({"type":"package","amount":1,"quantityPerPackage":0})"), {".quantityPerPackage range"}},
       {usage_card(R"({"type":"package","amount":1})"), {".quantityPerPackage required"}},
       {usage_card(R"({"type":"unit","amount":1,"paymentTerm":"in_arrears"})"), {".paymentTerm unknown_field"}},
       {usage_card(R"({"type":"unit","amount":1,"commitments":{"minimumAmount":2,"maximumAmount":1}})"),
        {".commitments.minimumAmount range"}},
       {usage_card(R"({"type":"tiered","mode":"graduated","tiers":[]})"), {".tiers length"}},
       {usage_card(R"({"type":"tiered","tiers":[{"unitPrice":{"type":"unit","amount":1}}]})"), {".mode required"}},
       {usage_card(
            R"({"type":"tiered","mode":"volume","tiers":[{"upToAmount":10,"unitPrice":{"type":"unit","amount":1}}]})"),
        {".tiers[0].upToAmount last_tier_open"}},
       {usage_card(R"({"type":"tiered","mode":"volume","tiers":[
           {"upToAmount":10,"unitPrice":{"type":"unit","amount":1}},
           {"upToAmount":5,"unitPrice":{"type":"flat","amount":1}},
           {"unitPrice":{"type":"unit","amount":1}},{}]})"),
        {".tiers[1].unitPrice.type one_of", ".tiers[1].upToAmount ascending", ".tiers[2].upToAmount required",
         ".tiers[3].unitPrice required"}}},
      "phases[0].rateCards[0].price");
}

std::string entitled(std::string_view entitlement) {
  return plan_with(std::string(R"({"type":"flat_fee","key":"a","name":"A","featureKey":"a","entitlementTemplate":)")
                       .append(entitlement)
                       .append("}"));
}

BOOST_AUTO_TEST_CASE(what_does_not_reset) {
  check(
      {
          {entitled(R"({"type":"metered","issueAfterReset":10,"resets":false})"), {}},
          {entitled(R"({"type":"metered","issueAfterReset":0,"resets":false})"), {}},
          {entitled(R"({"type":"metered","issueAfterReset":10,"resets":true,"usagePeriod":"P1D"})"), {}},
          {entitled(R"({"type":"metered","resets":false})"), {".issueAfterReset required"}},
          {entitled(R"({"type":"metered","issueAfterReset":10,"resets":0})"), {".resets type"}},
          {entitled(R"({"type":"metered","issueAfterReset":10,"resets":false,"isSoftLimit":true,
               "preserveOverageAtReset":true,"usagePeriod":"P1D"})"),
           {".isSoftLimit hard_limit_only", ".preserveOverageAtReset not_allowed", ".usagePeriod not_allowed"}},
          {entitled(R"({"type":"boolean","resets":false})"), {".resets unknown_field"}},
      },
      "phases[0].rateCards[0].entitlementTemplate");
}

BOOST_AUTO_TEST_CASE(what_is_a_pack) {
  constexpr std::string_view kGives = R"("featureKey":"a","entitlementTemplate":)"
                                      R"({"type":"metered","issueAfterReset":10,"resets":false})";
  const std::string fee = R"({"type":"flat_fee","key":"a","name":"A",)";
  const std::string price = R"(,"price":{"type":"flat","amount":5)";
  const struct {
    std::string phases;
    bool pack;
  } kCases[] = {
      {plan_with(fee + std::string(kGives) + "}"), true},
      {plan_with(fee + std::string(kGives) + price + "}}"), true},
      {plan_with(fee + std::string(kGives) + price + R"(,"paymentTerm":"in_advance"}})"), true},
      {plan_with(fee + std::string(kGives) + price + R"(,"paymentTerm":"in_arrears"}})"), false},
      {plan_with(fee + std::string(kGives) + price + R"(},"billingCadence":"P1M"})"), false},
      {plan_with(fee + R"("featureKey":"a")" + price + "}}"), false},
      {plan_with(fee + R"("featureKey":"a","entitlementTemplate":{"type":"metered","issueAfterReset":10}})"), false},
      {plan_with(fee + R"("featureKey":"a","entitlementTemplate":{"type":"boolean"}})"), false},
      {plan_with(R"({"type":"usage_based","key":"a","name":"A","billingCadence":"P1M",)" + std::string(kGives) + "}"),
       false},
      {plan_of(R"([{"key":"t","name":"T","duration":"P1M","rateCards":[]},{"key":"d","name":"D","rateCards":[)" + fee +
               std::string(kGives) + "}]}]"),
       false},
  };
  for (const auto& [body, pack] : kCases) {
    BOOST_TEST(violations_of(body).empty(), body);
    json::Document document;
    BOOST_REQUIRE(document.parse(body).ok());
    Violations violations;
    BOOST_TEST(catalog::why_no_pack(json::read_plan(document.root(), violations)).has_value() != pack, body);
  }
}

BOOST_AUTO_TEST_CASE(what_is_free) {
  struct Free {
    std::string_view card;
    bool free;
  };
  const Free cases[] = {
      {R"({"type":"flat_fee","key":"a","name":"A"})", true},
      {R"({"type":"flat_fee","key":"a","name":"A","price":{"type":"flat","amount":"0.00"}})", true},
      {R"({"type":"flat_fee","key":"a","name":"A","price":{"type":"flat","amount":"0.01"}})", false},
      {R"({"type":"flat_fee","key":"a","name":"A","price":{"type":"flat","amount":9},
          "discounts":{"percentage":"100"}})",
       true},
      {R"({"type":"flat_fee","key":"a","name":"A","price":{"type":"flat","amount":9},
          "discounts":{"percentage":"99.9"}})",
       false},
      {R"({"type":"flat_fee","key":"a","name":"A","price":{"type":"flat","amount":9,"commitments":{"minimumAmount":1}},
          "discounts":{"percentage":"100"}})",
       false},
      {R"({"type":"usage_based","key":"a","name":"A","price":{"type":"unit","amount":0,
          "commitments":{"minimumAmount":1}}})",
       false},
      {R"({"type":"usage_based","key":"a","name":"A","price":{"type":"unit","amount":1,
          "commitments":{"maximumAmount":0}}})",
       true},
      {R"({"type":"usage_based","key":"a","name":"A","price":{"type":"dynamic"}})", false},
      {R"({"type":"usage_based","key":"a","name":"A","price":{"type":"dynamic","multiplier":0}})", true},
      {R"({"type":"usage_based","key":"a","name":"A","price":{"type":"tiered","mode":"volume",
          "tiers":[{"flatPrice":{"type":"flat","amount":0}}]}})",
       true},
      {R"({"type":"usage_based","key":"a","name":"A","price":{"type":"tiered","mode":"volume",
          "tiers":[{"unitPrice":{"type":"unit","amount":1}}]}})",
       false},
  };
  for (const Free& one : cases) {
    BOOST_TEST_INFO(one.card);
    BOOST_TEST(catalog::is_free(plan_from(plan_with(one.card))) == one.free);
  }
}

BOOST_AUTO_TEST_CASE(a_plan_survives_writing_and_reading) {
  const std::string body =
      R"({"key":"p","name":"P","description":"D","currency":"USD","billingCadence":"P1M",)"
      R"("phases":[{"key":"t","name":"T",)"
      R"("duration":"P2W","rateCards":[]},{"key":"d","name":"D","rateCards":[{"type":"usage_based",)"
      R"("key":"a","name":"A",)"
      R"("featureKey":"a","billingCadence":"P1M","price":{"type":"package","amount":"1.5",)"
      R"("quantityPerPackage":"1000"},)"
      R"("entitlementTemplate":{"type":"metered","issueAfterReset":5,"isSoftLimit":false,)"
      R"("preserveOverageAtReset":true,"usagePeriod":"P1D"}},{"type":"flat_fee","key":"s","name":"S",)"
      R"("featureKey":"s","entitlementTemplate":{"type":"static","config":{"regions":["eu",1.50,null]}}}]}],"metadata":{"popular":"true"},)"
      R"("proRatingConfig":{"enabled":false,"mode":"max_consumption_based"},"paymentMethodRequired":true})";
  json::Text text;
  json::Writer<json::Text> to(text);
  to.begin_object();
  json::write_plan_members(to, plan_from(body));
  to.end_object();
  BOOST_TEST(text.view() == body);
}

BOOST_AUTO_TEST_CASE(days_of_grace) {
  BOOST_TEST(catalog::overdue_days("0").value() == 0);
  BOOST_TEST(catalog::overdue_days("3650").value() == 3650);
  for (std::string_view text : {"", "-1", "1.5", "3651", "1e1", "ten", " 1", "99999999999"}) {
    BOOST_TEST(!catalog::overdue_days(text).has_value(), text);
  }
}

BOOST_AUTO_TEST_SUITE_END()
