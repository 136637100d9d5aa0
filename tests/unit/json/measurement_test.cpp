#include "json/measurement.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

namespace tollgate::json {
namespace {

using catalog::Aggregation;

catalog::Meter meter_of(Aggregation aggregation, const char* path) {
  return {"tokens", "generate", aggregation, path, {{"region", "$.where.region"}, {"model", "$.model"}}};
}

/// What the event with this data adds, as text, or what is wrong with it.
std::string measured(const catalog::Meter& meter, const std::string& data) {
  Document document;
  BOOST_REQUIRE(document.parse(data).ok());
  Violations violations;
  const auto measurement = measure("test", document.root(), measure_of(meter), "[3]", violations);
  BOOST_TEST(measurement.has_value() == violations.empty());
  if (!measurement.has_value()) return violations.all()[0].field + " " + violations.all()[0].rule;
  char text[Quantity::kMaxText];
  return std::string(text, measurement->last.write(text)) + " " + measurement->dimensions;
}

struct ValueRow {
  const char* data;
  const char* measured;
};
std::ostream& operator<<(std::ostream& out, const ValueRow& row) { return out << row.data; }

const ValueRow kValues[] = {
    {R"({"total":12.5,"model":"small","where":{"region":"eu"}})", R"(12.5 ["small","eu"])"},
    {R"({"total":"0.1"})", "0.1 [null,null]"},
    {R"({"total":0})", "0 [null,null]"},
    {R"({"total":1,"model":7.50,"where":{"region":true}})", R"(1 ["7.5","true"])"},
    {R"({"total":1,"model":["a"],"where":"eu"})", "1 [null,null]"},
    {R"({"total":1,"model":"a\"b"})", R"(1 ["a\"b",null])"},
    {R"({})", "[3].data.total required"},
    {R"([1])", "[3].data.total required"},
    {R"({"total":null})", "[3].data.total required"},
    {R"({"total":true})", "[3].data.total type"},
    {R"({"total":{}})", "[3].data.total type"},
    {R"({"total":-1})", "[3].data.total range"},
    {R"({"total":-0.000000001})", "[3].data.total range"},
    {R"({"total":1e18})", "[3].data.total range"},
    {R"({"total":0.0000000001})", "[3].data.total decimal"},
    {R"({"total":"NaN"})", "[3].data.total decimal"},
    {R"({"total":"Infinity"})", "[3].data.total decimal"},
    {R"({"total":""})", "[3].data.total decimal"},
    {R"({"total":"1,5"})", "[3].data.total decimal"},
};

BOOST_DATA_TEST_CASE(values_are_decimals_that_are_not_negative, kValues, row) {
  BOOST_TEST(measured(meter_of(Aggregation::sum, "$.total"), row.data) == row.measured);
  BOOST_TEST(measured(meter_of(Aggregation::latest, "$.total"), row.data) == row.measured);
}

BOOST_AUTO_TEST_CASE(count_needs_no_value) {
  BOOST_TEST(measured(meter_of(Aggregation::count, ""), R"({"model":"a"})") == R"(0 ["a",null])");
  Violations violations;
  BOOST_TEST(measure("test", {}, measure_of(meter_of(Aggregation::count, "")), "", violations)->dimensions ==
             "[null,null]");
  BOOST_TEST(!measure("test", {}, measure_of(meter_of(Aggregation::sum, "$.total")), "", violations).has_value());
}

BOOST_AUTO_TEST_CASE(dimensions_are_bounded) {
  const catalog::Meter meter = meter_of(Aggregation::count, "");
  const std::string longest(128, 'x');
  BOOST_TEST(measured(meter, R"({"model":")" + longest + R"("})") == "0 [\"" + longest + "\",null]");
  BOOST_TEST(measured(meter, R"({"model":")" + longest + R"(x"})") == "[3].data.model length");
}

BOOST_AUTO_TEST_CASE(distinct_values_differ_by_kind_and_meaning) {
  const metering::Measure unique = measure_of(meter_of(Aggregation::unique_count, "$.who"));
  const auto digest = [&](const std::string& value) {
    Document document;
    BOOST_REQUIRE(document.parse("{\"who\":" + value + "}").ok());
    Violations violations;
    return measure("test", document.root(), unique, "", violations)->distinct;
  };
  BOOST_TEST((digest("1") == digest("1.0")));
  BOOST_TEST((digest("\"a\"") == digest("\"\\u0061\"")));
  BOOST_TEST(!(digest("1") == digest("\"1\"")));
  BOOST_TEST(!(digest("true") == digest("\"true\"")));
  BOOST_TEST(!(digest("\"a\"") == digest("\"b\"")));
  BOOST_TEST(measured(meter_of(Aggregation::unique_count, "$.who"), R"({"who":[]})") == "[3].data.who type");
  BOOST_TEST(measured(meter_of(Aggregation::unique_count, "$.who"), R"({})") == "[3].data.who required");
}

BOOST_AUTO_TEST_CASE(meters_that_accumulate_the_same_share_a_measure) {
  const auto definition = [](Aggregation aggregation, const char* path) {
    return write_measure(measure_of(meter_of(aggregation, path)));
  };
  BOOST_TEST(definition(Aggregation::sum, "$.total") ==
             R"({"dimensions":{"model":"$.model","region":"$.where.region"},"eventType":"generate","kind":"number",)"
             R"("valuePath":"$.total"})");
  for (const Aggregation other : {Aggregation::min, Aggregation::max, Aggregation::avg}) {
    BOOST_TEST(definition(other, "$.total") == definition(Aggregation::sum, "$.total"));
  }
  for (const Aggregation other : {Aggregation::latest, Aggregation::unique_count, Aggregation::count}) {
    BOOST_TEST(definition(other, "$.total") != definition(Aggregation::sum, "$.total"));
    Document document;
    BOOST_REQUIRE(document.parse(definition(other, "$.total")).ok());
    BOOST_TEST(write_measure(read_measure(document.root())) == definition(other, "$.total"));
  }
  BOOST_TEST(definition(Aggregation::sum, "$.total") != definition(Aggregation::sum, "$.other"));
}

BOOST_AUTO_TEST_CASE(a_meter_is_asked_about_events_of_its_type_only) {
  Document document;
  BOOST_REQUIRE(
      document.parse(R"([{"type":"generate"},{"type":"other"},{"type":"generate","data":{"total":1}}])").ok());
  Violations violations;
  for (std::size_t i = 0; i < 3; ++i) {
    check_measurable(document.root().element(i), meter_of(Aggregation::sum, "$.total"), field_path("", i), violations);
  }
  BOOST_REQUIRE(violations.size() == 1U);
  BOOST_TEST(violations.all()[0].field == "[0].data.total");
}

}  // namespace
}  // namespace tollgate::json
