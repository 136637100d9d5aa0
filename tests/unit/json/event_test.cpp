#include "json/event.h"

#include "base/limits.h"
#include "json/canonical.h"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

namespace tollgate::json {
namespace {

/// Reads the event in `text` and describes what was wrong: `path rule`, one a line.
std::string wrong(std::string_view text, metering::Event* event = nullptr) {
  Document document;
  BOOST_REQUIRE(document.parse(text).ok());
  Violations violations;
  const metering::Event read = read_event(document.root(), "events[0]", violations);
  if (event != nullptr) *event = read;
  std::string list;
  for (const Violation& violation : violations.all()) list += violation.field + " " + violation.rule + "\n";
  return list;
}

std::string written(const metering::Event& event) {
  Text text;
  Writer<Text> to(text);
  write_event(to, event);
  return text.take();
}

/// A whole event in which one member is replaced or added; `replacement` is `"name": value`, or `-name` to leave it
/// out.
std::string event_with(const std::string& replacement) {
  const std::pair<std::string, std::string> members[] = {
      {"specversion", "\"1.0\""},   {"id", "\"e1\""},         {"source", "\"monetization-policy\""},
      {"type", "\"api_requests\""}, {"subject", "\"alice\""}, {"subscription", "\"01KNVXHQG356VA7T7W0V9N21GH\""},
  };
  std::string text = "{";
  for (const auto& [name, value] : members) {
    if (replacement == "-" + name || replacement.starts_with("\"" + name + "\":")) continue;
    text += "\"" + name + "\":" + value + ",";
  }
  text += replacement.starts_with("-") || replacement.empty() ? "\"extra\":1" : replacement;
  return text + "}";
}

std::string quoted(std::size_t length) { return "\"" + std::string(length, 'x') + "\""; }

BOOST_AUTO_TEST_CASE(the_example_of_the_specification_is_read_and_written_back) {
  metering::Event event;
  BOOST_TEST(wrong(R"({ "id": "7f", "specversion": "1.0", "type": "api_requests", "source": "monetization-policy",
      "subject": "01KNVXHQG356VA7T7W0V9N21GH", "subscription": "01KNVXHQG356VA7T7W0V9N21GH",
      "time": "2026-01-15T10:00:00.123Z", "data": { "total": 1 } })",
                   &event) == "");
  BOOST_TEST(event.id == "7f");
  BOOST_TEST(event.source == "monetization-policy");
  BOOST_TEST(event.type == "api_requests");
  BOOST_TEST(event.subject == "01KNVXHQG356VA7T7W0V9N21GH");
  BOOST_TEST(event.subscription == "01KNVXHQG356VA7T7W0V9N21GH");
  BOOST_TEST(event.time->ms == 1'768'471'200'123);
  BOOST_TEST(event.data == R"({"total":1})");
  const std::string text = written(event);
  BOOST_TEST(text == R"({"specversion":"1.0","id":"7f","source":"monetization-policy","type":"api_requests",)"
                     R"("subject":"01KNVXHQG356VA7T7W0V9N21GH","subscription":"01KNVXHQG356VA7T7W0V9N21GH",)"
                     R"("time":"2026-01-15T10:00:00.123Z","data":{"total":1}})");
  metering::Event again;
  BOOST_TEST(wrong(text, &again) == "");
  BOOST_TEST(written(again) == text);
}

BOOST_AUTO_TEST_CASE(time_and_data_are_optional) {
  metering::Event event;
  BOOST_TEST(wrong(event_with(""), &event) == "");
  BOOST_TEST(!event.time.has_value());
  BOOST_TEST(event.data.empty());
  BOOST_TEST(wrong(event_with(R"("time":null,"data":null,"datacontenttype":null)"), &event) == "");
  BOOST_TEST(written(event).find("time") == std::string::npos);
}

struct EventRow {
  std::string replacement;
  const char* wrong;
};
std::ostream& operator<<(std::ostream& out, const EventRow& row) { return out << row.replacement.substr(0, 60); }

const EventRow kEvents[] = {
    {"-specversion", "events[0].specversion required\n"},
    {R"("specversion":"0.3")", "events[0].specversion one_of\n"},
    {R"("specversion":1.0)", "events[0].specversion one_of\n"},
    {"-id", "events[0].id required\n"},
    {R"("id":"")", "events[0].id length\n"},
    {R"("id":7)", "events[0].id type\n"},
    {R"("id":null)", "events[0].id required\n"},
    {"\"id\":" + quoted(128), ""},
    {"\"id\":" + quoted(129), "events[0].id length\n"},
    {R"("id":"a\u0000b")", "events[0].id no_control_characters\n"},
    {R"("id":"a\nb")", "events[0].id no_control_characters\n"},
    {"-source", "events[0].source required\n"},
    {"\"source\":" + quoted(256), ""},
    {"\"source\":" + quoted(257), "events[0].source length\n"},
    {"-type", "events[0].type required\n"},
    {"\"type\":" + quoted(limits::kMaxEventType), ""},
    {"\"type\":" + quoted(limits::kMaxEventType + 1), "events[0].type length\n"},
    {"-subject", "events[0].subject required\n"},
    {R"("subject":{})", "events[0].subject type\n"},
    {"\"subject\":" + quoted(128), ""},
    {"\"subject\":" + quoted(129), "events[0].subject length\n"},
    {"-subscription", "events[0].subscription required\n"},
    {R"("subscription":["a"])", "events[0].subscription type\n"},
    {"\"subscription\":" + quoted(41), "events[0].subscription length\n"},
    {R"("time":"yesterday")", "events[0].time date_time\n"},
    {R"("time":1768471200)", "events[0].time type\n"},
    {R"("datacontenttype":"application/json; charset=utf-8")", ""},
    {R"("datacontenttype":"application/vnd.usage+json")", ""},
    {R"("datacontenttype":"text/xml")", "events[0].datacontenttype media_type\n"},
    {R"("dataschema":"https://example.com/usage.json")", ""},
    {R"("data_base64":"AAAA")", "events[0].data_base64 not_allowed\n"},
    {R"("data":5)", ""},
    {R"("data":{"text":)" + quoted(8192 - 11) + "}", ""},
    {R"("data":{"text":)" + quoted(8192 - 10) + "}", "events[0].data length\n"},
    {R"("traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")", ""},
    {R"("sampled":true,"attempt":-3,"gone":null)", ""},
    {R"("traceParent":"x")", "events[0].traceParent attribute_name\n"},
    {R"("trace_parent":"x")", "events[0].trace_parent attribute_name\n"},
    {R"("":"x")", "events[0]. attribute_name\n"},
    {R"("share":0.5)", "events[0].share type\n"},
    {R"("tags":["a"])", "events[0].tags type\n"},
    {R"("nested":{})", "events[0].nested type\n"},
};

BOOST_DATA_TEST_CASE(every_rule_is_named_with_its_field, kEvents, row) {
  BOOST_TEST(wrong(event_with(row.replacement)) == row.wrong);
}

BOOST_AUTO_TEST_CASE(all_that_is_wrong_is_told_at_once) {
  BOOST_TEST(wrong(R"({"specversion":"2","id":1,"type":"","time":"x","Foo":1})") ==
             "events[0].specversion one_of\nevents[0].id type\nevents[0].source required\nevents[0].type length\n"
             "events[0].subject required\nevents[0].subscription required\nevents[0].time date_time\n"
             "events[0].Foo attribute_name\n");
  for (const char* text : {"[]", "null", "\"x\"", "1", "true"}) BOOST_TEST(wrong(text) == "events[0] type\n");
}

BOOST_AUTO_TEST_CASE(attributes_are_bounded) {
  std::string extra = "\"a0\":1";
  for (int i = 1; i < 40; ++i) extra += ",\"a" + std::to_string(i) + "\":1";
  BOOST_TEST(wrong(event_with(extra)) == "events[0] length\n");
}

struct CanonicalRow {
  const char* text;
  const char* canonical;
};
std::ostream& operator<<(std::ostream& out, const CanonicalRow& row) { return out << row.text; }

const CanonicalRow kCanonical[] = {
    {R"( { "b" : 1 , "a" : [ true , null , "x" ] } )", R"({"a":[true,null,"x"],"b":1})"},
    {R"({"a":{"d":1,"c":{}},"A":0})", R"({"A":0,"a":{"c":{},"d":1}})"},
    {R"([1.50,1e3,-0,0.10e1,10])", "[1.5,1000,0,1,10]"},
    {"[1e30,0.0000000001]", "[1e30,0.0000000001]"},
    {R"("\u0041\/\n\u20ac")", "\"A/\\u000a\xe2\x82\xac\""},
    {"[]", "[]"},
    {"false", "false"},
};

BOOST_DATA_TEST_CASE(values_have_one_canonical_text, kCanonical, row) {
  Document document;
  BOOST_REQUIRE(document.parse(row.text).ok());
  const std::string text = canonical(document.root());
  BOOST_TEST(text == row.canonical);
  Document again;
  BOOST_REQUIRE(again.parse(text).ok());
  BOOST_TEST(canonical(again.root()) == text);
}

}  // namespace
}  // namespace tollgate::json
