#include "json/policies.h"
#include "world.h"

#include <boost/test/unit_test.hpp>

using namespace tollgate;
using namespace tollgate::test;

namespace {

/// The sentence about a configuration, empty when it is accepted.
std::string fault_of(std::string_view text) {
  json::Reader reader;
  BOOST_REQUIRE(reader.start(limits::kMaxConfigurationBytes));
  const auto names = std::make_unique<NameTable>();
  const auto configuration = std::make_unique<Configuration>();
  char memory[1'024];
  TextBuffer problem(memory);
  const Padded padded(text);
  const bool ok = json::read_policies(reader, padded.data(), padded.size(), *names, *configuration, problem);
  BOOST_TEST(ok == problem.view().empty());
  return std::string(problem.view());
}

std::string entry(std::string_view options) {
  return R"([{"name": "m", "policyType": "monetization-inbound", "handler": {"export": "MonetizationInboundPolicy", "options": )" +
         std::string(options) + "}}]";
}

}  // namespace

BOOST_AUTO_TEST_CASE(options_accepts_what_the_specification_allows) {
  for (std::string_view options : {
           R"({})",
           R"({"meters": {"api_requests": 1}, "cacheTtlSeconds": 60})",
           R"({"meters": {"a": 0, "b": 0.000000001, "c": 1e3}})",
           R"({"meterOnStatusCodes": [200, 201], "authHeader": "X-Api-Key", "authScheme": ""})",
           R"({"meterOnStatusCodes": "200, 300-304", "requiredEntitlements": []})",
           R"({"requiredEntitlements": ["x", "y"], "quota": "cached", "subject": "consumer", "quotaHeaders": true})",
           R"({"staleIfErrorSeconds": 0, "upgradeUrl": "https://example.com/pricing", "cacheTtlSeconds": 90.5})",
       }) {
    BOOST_TEST(fault_of(entry(options)) == "", options);
  }
  BOOST_TEST(fault_of("[]") == "");
  BOOST_TEST(fault_of(R"({"policies": []})") == "");
  BOOST_TEST(
      fault_of(
          R"([{"handler": {"module": "@hosted/runtime", "export": "MonetizationInboundPolicy"}, "policyType": "monetization-inbound", "name": "late"}])") ==
      "");
}

BOOST_AUTO_TEST_CASE(options_names_policy_option_value_and_rule) {
  const struct {
    std::string_view options;
    std::string_view sentence;
  } rows[] = {
      {R"({"meters": {}})",
       R"(policy "m": option "meters": must be an object of meter keys and numbers, with at least one member)"},
      {R"({"meters": null})",
       R"(policy "m": option "meters": null: must be an object of meter keys and numbers, with at least one member)"},
      {R"({"meters": {"a": -1}})",
       R"(policy "m": option "meters": "a": -1: each value must be a number, finite, at least 0, below 10^18, with up to 9 fractional digits)"},
      {R"({"meters": {"a": "1"}})", R"(policy "m": option "meters": "a": "1": each value must be)"},
      {R"({"meters": {"a": 0.0000000001}})", R"(policy "m": option "meters": "a": 0.0000000001: each value must be)"},
      {R"({"meters": {"a": 1e18}})", R"(policy "m": option "meters": "a": 1e18: each value must be)"},
      {R"({"meters": {"": 1}})", R"(policy "m": option "meters": "": 1: each key must have 1 to 64 bytes)"},
      {R"({"meters": {"a": 1, "a": 2}})", R"(policy "m": option "meters": "a": 2: is given twice)"},
      {R"({"meters": {"a": 1}, "meters": {"b": 1}})", R"(policy "m": option "meters": is given twice)"},
      {R"({"cacheTtlSeconds": 59})",
       R"(policy "m": option "cacheTtlSeconds": 59: must be a number of seconds, at least 60)"},
      {R"({"cacheTtlSeconds": "60"})", R"(policy "m": option "cacheTtlSeconds": "60": must be a number)"},
      {R"({"staleIfErrorSeconds": -1})",
       R"(policy "m": option "staleIfErrorSeconds": -1: must be a number of seconds, at least 0)"},
      {R"({"meterOnStatusCodes": "*"})", R"(policy "m": option "meterOnStatusCodes": "*": must be status codes)"},
      {R"({"meterOnStatusCodes": []})", R"(policy "m": option "meterOnStatusCodes": must be status codes)"},
      {R"({"meterOnStatusCodes": [200.5]})", R"(policy "m": option "meterOnStatusCodes": 200.5: must be status codes)"},
      {R"({"meterOnStatusCodes": 200})", R"(policy "m": option "meterOnStatusCodes": 200: must be status codes)"},
      {R"({"requiredEntitlements": [""]})", R"(policy "m": option "requiredEntitlements": "": each key must have)"},
      {R"({"requiredEntitlements": "x"})", R"(policy "m": option "requiredEntitlements": "x": must be an array)"},
      {R"({"authHeader": "a b"})", R"(policy "m": option "authHeader": "a b": must be the name of a header)"},
      {R"({"authScheme": "a b"})", R"(policy "m": option "authScheme": "a b": must be an authentication scheme)"},
      {R"({"quota": "exact"})", R"(policy "m": option "quota": "exact": needs leases)"},
      {R"({"quota": "loose"})", R"(policy "m": option "quota": "loose": must be "exact" or "cached")"},
      {R"({"subject": "me"})", R"(policy "m": option "subject": "me": must be "subscription" or "consumer")"},
      {R"({"quotaHeaders": 1})", R"(policy "m": option "quotaHeaders": 1: must be true or false)"},
      {R"({"upgradeUrl": "javascript:x"})",
       R"(policy "m": option "upgradeUrl": "javascript:x": must be an http or https URL)"},
      {R"({"cacheTTL": 60})", R"(policy "m": option "cacheTTL": is not an option of this policy)"},
      {R"([])", R"(policy "m": "handler.options" must be an object)"},
  };
  for (const auto& row : rows) {
    const std::string sentence = fault_of(entry(row.options));
    BOOST_TEST(sentence.substr(0, row.sentence.size()) == row.sentence, sentence);
  }
}

BOOST_AUTO_TEST_CASE(options_refuses_broken_entries) {
  const struct {
    std::string_view text;
    std::string_view sentence;
  } rows[] = {
      {"", "the configuration is not valid JSON"},
      {"[", "the configuration is not valid JSON"},
      {"[]x", "the configuration is not valid JSON"},
      {"3", "the configuration must be an array"},
      {R"({"policy": []})", "the configuration must be an array of policies, or an object"},
      {R"({"policies": 1})", "\"policies\" must be an array"},
      {"[1]", "each policy must be an object"},
      {R"([{"policyType": "monetization-inbound"}])", "each policy must have a \"name\""},
      {R"([{"name": "m", "handler": {}}])", "policy \"m\": \"policyType\" must be"},
      {R"([{"name": "m", "policyType": "rate-limit-inbound", "handler": {}}])", "policy \"m\": \"policyType\" must be"},
      {R"([{"name": "m", "policyType": "monetization-inbound"}])", "policy \"m\": \"handler\" is missing"},
      {R"([{"name": "m", "policyType": "monetization-inbound", "handler": {"export": "X"}}])",
       "policy \"m\": \"handler.export\""},
      {R"([{"name": "m", "policyType": "monetization-inbound", "handler": {"option": {}}}])",
       "policy \"m\": option \"option\": is not a member"},
      {R"([{"name": "m", "policyType": "monetization-inbound", "handler": {}}, {"name": "m", "policyType": "monetization-inbound", "handler": {}}])",
       "policy \"m\": the name must be unique"},
  };
  for (const auto& row : rows) {
    const std::string sentence = fault_of(row.text);
    BOOST_TEST(sentence.substr(0, row.sentence.size()) == row.sentence, sentence);
  }
}

BOOST_AUTO_TEST_CASE(options_are_bounded) {
  std::string meters;
  for (int i = 0; i < 17; ++i) meters += (i > 0 ? ",\"m" : "\"m") + std::to_string(i) + "\": 1";
  BOOST_TEST(fault_of(entry("{\"meters\": {" + meters + "}}")).find("at most 16 meters") != std::string::npos);
  std::string entries;
  for (int i = 0; i < 65; ++i) {
    entries += (i > 0 ? "," : "") + std::string(R"({"name": "p)") + std::to_string(i) +
               R"(", "policyType": "monetization-inbound", "handler": {}})";
  }
  BOOST_TEST(fault_of("[" + entries + "]").find("at most 64 policies") != std::string::npos);
}
