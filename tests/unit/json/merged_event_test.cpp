#include "json/merged_event.h"

#include "json/event.h"
#include "json/measurement.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

namespace tollgate::json {
namespace {

using catalog::Aggregation;

std::string written(Quantity quantity) {
  char text[Quantity::kMaxText];
  return {text, quantity.write(text)};
}

/// `count sum min max last` of what the event with this data adds to a meter.
std::string measured(const char* source, const char* data, Aggregation aggregation, const char* path) {
  Document document;
  BOOST_REQUIRE(document.parse(data).ok());
  Violations violations;
  const metering::Measure what = measure_of({"m", "api_requests", aggregation, path, {}});
  const auto added = measure(source, document.root(), what, "", violations);
  BOOST_REQUIRE(added.has_value());
  const auto& [sum, min, max] = added->totals;
  return std::to_string(added->count) + " " + written(sum) + " " + written(min) + " " + written(max) + " " +
         written(added->last);
}

constexpr const char* kMerged = R"({"total":5,"count":3,"min":1,"max":2.5,"last":1.5})";

struct CountedRow {
  const char* source;
  const char* data;
  Aggregation aggregation;
  const char* path;
  const char* measured;
};
std::ostream& operator<<(std::ostream& out, const CountedRow& row) { return out << row.source << " " << row.data; }

const CountedRow kCounted[] = {
    {"monetization-policy", kMerged, Aggregation::sum, "$.total", "3 5 1 2.5 1.5"},
    {"monetization-policy", kMerged, Aggregation::latest, "$.total", "3 5 1 2.5 1.5"},
    {"monetization-policy", kMerged, Aggregation::count, "", "3 5 1 2.5 1.5"},
    {"monetization-policy", R"({"total":"5","count":"3","min":"1","max":"2.5","last":"1.5"})", Aggregation::sum,
     "$.total", "3 5 1 2.5 1.5"},
    // Another value of it is one value.
    {"monetization-policy", kMerged, Aggregation::sum, "$.max", "1 2.5 2.5 2.5 2.5"},
    {"monetization-policy", kMerged, Aggregation::unique_count, "$.total", "1 0 0 0 0"},
    // One request.
    {"monetization-policy", R"({"total":5})", Aggregation::sum, "$.total", "1 5 5 5 5"},
    {"monetization-policy", R"({"total":5})", Aggregation::count, "", "1 0 0 0 0"},
    // What merely looks alike.
    {"monetization", kMerged, Aggregation::sum, "$.total", "1 5 5 5 5"},
    {"monetization-policy", R"({"total":5,"count":3,"min":1,"max":2.5})", Aggregation::sum, "$.total", "1 5 5 5 5"},
    {"monetization-policy", R"({"total":5,"count":3,"min":1,"max":2.5,"last":1,"more":1})", Aggregation::sum, "$.total",
     "1 5 5 5 5"},
    {"monetization-policy", R"({"total":5,"count":3,"min":1,"max":2.5,"first":1})", Aggregation::count, "",
     "1 0 0 0 0"},
};

// S3.1, M11
BOOST_DATA_TEST_CASE(a_merged_event_adds_what_its_requests_would_have_added, kCounted, row) {
  BOOST_TEST(measured(row.source, row.data, row.aggregation, row.path) == row.measured);
}

struct RefusedRow {
  const char* data;
  const char* violations;
};
std::ostream& operator<<(std::ostream& out, const RefusedRow& row) { return out << row.data; }

const RefusedRow kRefused[] = {
    {kMerged, ""},
    {R"({"total":4,"count":1,"min":4,"max":4,"last":4})", ""},
    {R"({"total":0,"count":1000000000,"min":0,"max":0,"last":0})", ""},
    {R"({"total":5,"count":0,"min":1,"max":2.5,"last":1})", "e[3].data.count range\n"},
    {R"({"total":5,"count":2.5,"min":1,"max":2.5,"last":1})", "e[3].data.count range\n"},
    {R"({"total":5,"count":1000000001,"min":0,"max":2.5,"last":1})", "e[3].data.count range\n"},
    {R"({"total":5,"count":-1,"min":1,"max":2.5,"last":1})", "e[3].data.count range\n"},
    {R"({"total":5,"count":true,"min":1,"max":2.5,"last":1})", "e[3].data.count type\n"},
    {R"({"total":5,"count":3,"min":2,"max":1,"last":1})",
     "e[3].data.min merged\ne[3].data.last merged\ne[3].data.total merged\n"},
    {R"({"total":5,"count":3,"min":1,"max":2.5,"last":0.5})", "e[3].data.last merged\n"},
    {R"({"total":5,"count":3,"min":1,"max":2.5,"last":2.6})", "e[3].data.last merged\n"},
    {R"({"total":2.999999999,"count":3,"min":1,"max":2.5,"last":1})", "e[3].data.total merged\n"},
    {R"({"total":7.500000001,"count":3,"min":1,"max":2.5,"last":1})", "e[3].data.total merged\n"},
    {R"({"total":5,"count":3,"min":-1,"max":2.5,"last":1})", "e[3].data.min range\n"},
    {R"({"total":5,"count":3,"min":1,"max":1e18,"last":1})", "e[3].data.max range\n"},
    {R"({"total":5,"count":3,"min":1,"max":2.5,"last":1.0000000001})", "e[3].data.last decimal\n"},
    {R"({"total":"NaN","count":3,"min":1,"max":null,"last":1})", "e[3].data.total decimal\ne[3].data.max type\n"},
};

// S3.1, M9
BOOST_DATA_TEST_CASE(a_merged_event_that_cannot_be_true_is_refused_by_name, kRefused, row) {
  Document document;
  BOOST_REQUIRE(document
                    .parse(std::string(R"({"specversion":"1.0","id":"e1","source":"monetization-policy","type":"t",)"
                                       R"("subject":"s","subscription":"x","data":)") +
                           row.data + "}")
                    .ok());
  Violations violations;
  static_cast<void>(read_event(document.root(), "e[3]", violations));
  std::string list;
  for (const Violation& violation : violations.all()) list += violation.field + " " + violation.rule + "\n";
  BOOST_TEST(list == row.violations);
}

}  // namespace
}  // namespace tollgate::json
