#include "tests/unit/control/ledger/ledger_fixture.h"

#include <boost/test/data/test_case.hpp>

#include <map>

namespace tollgate::control {
namespace {

constexpr const char* kFrom = "2026-03-01T00:00:00Z";
constexpr const char* kTo = "2026-04-01T00:00:00Z";

BOOST_AUTO_TEST_CASE(events_are_counted_once_however_often_they_come) {
  TestLedger ledger;
  const std::string first = event_json("a", "2026-03-02T10:00:00Z", R"({"total":0.1})");
  const std::string second = event_json("b", "2026-03-02T10:00:30Z", R"({"total":0.2})");
  BOOST_TEST(ledger.post("/ledger/ingest", ingest_body({first, second, first}, {kSumMeter})).body ==
             R"({"accepted":2,"duplicates":1,"conflicts":[]})");
  const std::string before = ledger.dump();
  BOOST_TEST(ledger.post("/ledger/ingest", ingest_body({second, first}, {kSumMeter})).body ==
             R"({"accepted":0,"duplicates":2,"conflicts":[]})");
  BOOST_TEST(ledger.dump() == before);
  BOOST_TEST(usage(ledger, kSumMeter, kFrom, kTo) == "0.3");
}

BOOST_AUTO_TEST_CASE(one_payload_in_other_words_is_a_duplicate) {
  TestLedger ledger;
  ledger.post("/ledger/ingest",
              ingest_body({event_json("a", "2026-03-02T10:00:00Z", R"({"total":1.50,"model":"x"})")}, {kSumMeter}));
  const std::string before = ledger.dump();
  const std::string again =
      event_json("a", "2026-03-02T11:00:00.000+01:00", R"({ "model" : "\u0078", "total" : 15e-1 })");
  BOOST_TEST(ledger.post("/ledger/ingest", ingest_body({again}, {kSumMeter})).body ==
             R"({"accepted":0,"duplicates":1,"conflicts":[]})");
  BOOST_TEST(ledger.dump() == before);
}

BOOST_AUTO_TEST_CASE(the_source_is_part_of_the_name) {
  TestLedger ledger;
  std::string other = event_json("a", "2026-03-02T10:00:00Z", R"({"total":1})");
  other.replace(other.find("\"test\""), 6, "\"edge\"");
  BOOST_TEST(ledger
                 .post("/ledger/ingest",
                       ingest_body({event_json("a", "2026-03-02T10:00:00Z", R"({"total":1})"), other}, {kSumMeter}))
                 .body == R"({"accepted":2,"duplicates":0,"conflicts":[]})");
  BOOST_TEST(usage(ledger, kSumMeter, kFrom, kTo) == "2");
}

struct ConflictRow {
  const char* name;
  std::string other;
};
std::ostream& operator<<(std::ostream& out, const ConflictRow& row) { return out << row.name; }

const ConflictRow kConflicts[] = {
    {"data", event_json("a", "2026-03-02T10:00:00Z", R"({"total":2})")},
    {"more data", event_json("a", "2026-03-02T10:00:00Z", R"({"total":1,"x":1})")},
    {"time", event_json("a", "2026-03-02T10:00:00.001Z", R"({"total":1})")},
    {"no time", event_json("a", "", R"({"total":1})")},
    {"subject", event_json("a", "2026-03-02T10:00:00Z", R"({"total":1})", "generate", "bob")},
    {"type", event_json("a", "2026-03-02T10:00:00Z", R"({"total":1})", "other")},
};

BOOST_DATA_TEST_CASE(another_payload_under_the_same_name_is_kept_apart, kConflicts, row) {
  const std::string first = event_json("a", "2026-03-02T10:00:00Z", R"({"total":1})");
  const std::string reported = R"("conflicts":[{"source":"test","id":"a"}]})";

  TestLedger ledger;
  ledger.post("/ledger/ingest", ingest_body({first}, {kSumMeter}));
  for (int time = 0; time < 2; ++time) {
    BOOST_TEST(ledger.post("/ledger/ingest", ingest_body({row.other}, {kSumMeter})).body ==
               R"({"accepted":0,"duplicates":0,)" + reported);
    BOOST_TEST(ledger.number("SELECT COUNT(*) FROM conflicts") == 1);
  }
  BOOST_TEST(usage(ledger, kSumMeter, kFrom, kTo) == "1");

  TestLedger together;
  BOOST_TEST(together.post("/ledger/ingest", ingest_body({first, row.other}, {kSumMeter})).body ==
             R"({"accepted":1,"duplicates":0,)" + reported);
  BOOST_TEST(together.number("SELECT COUNT(*) FROM conflicts") == 1);
  BOOST_TEST(usage(together, kSumMeter, kFrom, kTo) == "1");
}

BOOST_AUTO_TEST_CASE(an_event_without_time_is_of_its_first_receipt) {
  TestLedger ledger;
  const std::string event = event_json("a", "", R"({"total":1})");
  ledger.post("/ledger/ingest", ingest_body({event}, {kSumMeter}));
  ledger.now = *parse_instant("2026-03-03T00:00:00Z");
  BOOST_TEST(ledger.post("/ledger/ingest", ingest_body({event}, {kSumMeter})).body ==
             R"({"accepted":0,"duplicates":1,"conflicts":[]})");
  BOOST_TEST(usage(ledger, kSumMeter, "2026-03-02T12:34:56.789Z", "2026-03-02T12:34:56.790Z") == "1");
}

struct RefusedRow {
  const char* name;
  std::string body;
  const char* field;
  const char* rule;
};
std::ostream& operator<<(std::ostream& out, const RefusedRow& row) { return out << row.name; }

const std::string kGood = event_json("good", "2026-03-02T10:00:00Z", R"({"total":1})");

std::string with_good(const std::string& event) { return ingest_body({kGood, event}, {kSumMeter}); }

const RefusedRow kRefused[] = {
    {"negative", with_good(event_json("x", "2026-03-02T10:00:00Z", R"({"total":-1})")), "events[1].data.total",
     "range"},
    {"too large", with_good(event_json("x", "2026-03-02T10:00:00Z", R"({"total":1e18})")), "events[1].data.total",
     "range"},
    {"ten digits", with_good(event_json("x", "2026-03-02T10:00:00Z", R"({"total":1e-10})")), "events[1].data.total",
     "decimal"},
    {"not a number", with_good(event_json("x", "2026-03-02T10:00:00Z", R"({"total":"NaN"})")), "events[1].data.total",
     "decimal"},
    {"no value", with_good(event_json("x", "2026-03-02T10:00:00Z", "{}")), "events[1].data.total", "required"},
    {"no data", with_good(event_json("x", "2026-03-02T10:00:00Z", "")), "events[1].data.total", "required"},
    {"too old", with_good(event_json("x", "2026-01-26T12:34:56.788Z", R"({"total":1})")), "events[1].time", "too_old"},
    {"in the future", with_good(event_json("x", "2026-03-03T12:34:56.790Z", R"({"total":1})")), "events[1].time",
     "in_future"},
    {"no id", with_good(event_json("", "2026-03-02T10:00:00Z", R"({"total":1})")), "events[1].id", "length"},
    {"of another subscription",
     R"({"events":[{"specversion":"1.0","id":"x","source":"s","type":"t","subject":"u","subscription":"01KNVXHQG356VA7T7W0V9N21GJ"}],"meters":[]})",
     "events[0].subscription", "wrong_ledger"},
    {"no events", ingest_body({}, {kSumMeter}), "events", "length"},
    {"events missing", R"({"meters":[]})", "events", "required"},
    {"meters missing", R"({"events":[)" + kGood + "]}", "meters", "required"},
    {"a bad meter", ingest_body({kGood}, {R"({"slug":"x","eventType":"generate","aggregation":"SUM"})"}),
     "meters[0].valueProperty", "required"},
    {"more members", R"({"events":[)" + kGood + R"(],"meters":[],"dryRun":true})", "dryRun", "unknown_field"},
    {"not an object", "[]", "", "type"},
    {"together too much",
     ingest_body({event_json("x", "2026-03-02T10:00:00Z", R"({"total":999999999999999999})"),
                  event_json("y", "2026-03-02T20:00:00Z", R"({"total":1})")},
                 {kSumMeter}),
     "events[0].data", "overflow"},
};

BOOST_DATA_TEST_CASE(what_is_refused_leaves_nothing_behind, kRefused, row) {
  TestLedger ledger;
  ledger.post("/ledger/ingest", ingest_body({event_json("old", "2026-03-02T09:00:00Z", R"({"total":5})")}, {}));
  const std::string before = ledger.dump();
  const Response response = ledger.post("/ledger/ingest", row.body);
  BOOST_TEST(response.status == 400);
  BOOST_TEST(response.body.find(std::string("{\"field\":\"") + row.field + "\",\"rule\":\"" + row.rule + "\"") !=
                 std::string::npos,
             response.body);
  BOOST_TEST(ledger.dump() == before);
}

BOOST_AUTO_TEST_CASE(a_sum_that_would_overflow_with_what_is_there_is_refused) {
  TestLedger ledger;
  ledger.post("/ledger/ingest",
              ingest_body({event_json("a", "2026-03-02T10:00:00Z", R"({"total":999999999999999999})")}, {kSumMeter}));
  const std::string before = ledger.dump();
  BOOST_TEST(
      ledger
          .post("/ledger/ingest", ingest_body({event_json("b", "2026-03-02T11:00:00Z", R"({"total":1})")}, {kSumMeter}))
          .status == 400);
  BOOST_TEST(ledger.dump() == before);
  BOOST_TEST(ledger
                 .post("/ledger/ingest",
                       ingest_body({event_json("c", "2026-03-02T11:00:00Z", R"({"total":0.5})")}, {kSumMeter}))
                 .status == 200);
  BOOST_TEST(usage(ledger, kSumMeter, kFrom, kTo) == "999999999999999999.5");
}

// M9: whoever sent the batch can send the others without those that are named.
BOOST_AUTO_TEST_CASE(every_event_that_a_sum_cannot_take_is_named_and_the_others_fit) {
  const std::string half = R"({"total":500000000000000000})";
  const auto day = [](int day) { return "2026-03-0" + std::to_string(day) + "T10:00:00Z"; };
  const std::vector<std::string> events = {
      event_json("a", day(1), half),
      event_json("b", day(2), half),
      event_json("c", day(1), half),
      event_json("d", day(2), half),
      event_json("e", day(1), R"({"total":1})"),
      event_json("f", day(2), half),
  };
  TestLedger ledger;
  const std::string before = ledger.dump();
  const Response refused = ledger.post("/ledger/ingest", ingest_body(events, {kSumMeter}));
  BOOST_TEST(refused.status == 400);
  std::string named;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const std::string field = "\"events[" + std::to_string(i) + "].data\",\"rule\":\"overflow\"";
    if (refused.body.find(field) != std::string::npos) named += std::to_string(i);
  }
  BOOST_TEST(named == "235");
  BOOST_TEST(ledger.dump() == before);
  BOOST_TEST(ledger.post("/ledger/ingest", ingest_body({events[0], events[1], events[4]}, {kSumMeter})).body ==
             R"({"accepted":3,"duplicates":0,"conflicts":[]})");
}

BOOST_AUTO_TEST_CASE(large_batches_are_taken_whole) {
  TestLedger ledger;
  std::vector<std::string> events;
  const std::string padding(3000, 'x');
  for (int i = 0; i < 1000; ++i) {
    events.push_back(
        event_json("e" + std::to_string(i), "2026-03-02T10:00:00Z", R"({"total":1,"text":")" + padding + "\"}"));
  }
  BOOST_TEST(ledger.post("/ledger/ingest", ingest_body(events, {kSumMeter})).body ==
             R"({"accepted":1000,"duplicates":0,"conflicts":[]})");
  BOOST_TEST(usage(ledger, kSumMeter, kFrom, kTo) == "1000");
  events.push_back(event_json("one more", "2026-03-02T10:00:00Z", R"({"total":1})"));
  BOOST_TEST(ledger.post("/ledger/ingest", ingest_body(events, {kSumMeter})).status == 400);
}

/// Names and keys so long that one statement cannot take all of them.
BOOST_AUTO_TEST_CASE(batches_of_long_names_are_taken_in_several_statements) {
  const std::string meter =
      R"({"slug":"m","eventType":"generate","aggregation":"SUM","valueProperty":"$.total","groupBy":{"model":"$.model"}})";
  std::string backslashes;  // in JSON: one for two
  for (int i = 0; i < 250; ++i) backslashes += "\\\\";
  const auto event = [&](int i, int total) {
    const std::string number = std::to_string(1000 + i);
    std::string text =
        event_json(number + backslashes.substr(0, 2 * 120), "2026-03-02T10:00:00Z",
                   R"({"total":)" + std::to_string(total) + R"(,"model":")" + number + std::string(120, 'm') + "\"}",
                   "generate", number + std::string(120, 's'));
    text.replace(text.find("\"test\""), 6, "\"" + backslashes + "\"");
    return text;
  };
  std::vector<std::string> events;
  for (int i = 0; i < 1000; ++i) events.push_back(event(i, 1));
  TestLedger ledger;
  BOOST_TEST(ledger.post("/ledger/ingest", ingest_body(events, {meter})).body ==
             R"({"accepted":1000,"duplicates":0,"conflicts":[]})");
  std::vector<std::string> again;
  for (int i = 0; i < 1000; ++i) again.push_back(event(i, i < 990 ? 1 : 2));
  const std::string body = ledger.post("/ledger/ingest", ingest_body(again, {meter})).body;
  BOOST_TEST(body.starts_with(R"({"accepted":0,"duplicates":990,"conflicts":[{"source")"));
  for (int i = 0; i < 1000; ++i)
    again[static_cast<std::size_t>(i)] = event(i, 1).replace(event(i, 1).find("\"id\":\""), 6, "\"id\":\"x");
  BOOST_TEST(ledger.post("/ledger/ingest", ingest_body(again, {meter})).status == 200);
  BOOST_TEST(usage(ledger, meter, kFrom, kTo) == "2000");
  BOOST_TEST(ledger.number("SELECT COUNT(*) FROM rollups WHERE count = 2 AND sum = '2'") == 3000);
}

BOOST_AUTO_TEST_CASE(texts_of_clients_stay_texts) {
  TestLedger ledger;
  const std::string meter =
      R"({"slug":"m","eventType":"generate","aggregation":"SUM","valueProperty":"$.total","groupBy":{"model":"$.model"}})";
  const char* const kTexts[] = {"'; DROP TABLE events; --", "12", "null", "\\u20ac \\\"x\\\"", "\\u0000", "[]"};
  std::vector<std::string> events;
  for (const char* text : kTexts) {
    events.push_back(event_json("id " + std::to_string(events.size()), "2026-03-02T10:00:00Z",
                                std::string(R"({"total":1,"model":")") + text + "\"}"));
  }
  BOOST_TEST(ledger.post("/ledger/ingest", ingest_body(events, {meter})).status == 200);
  const Response response = ledger.post("/ledger/query", "{\"meter\":" + meter + R"(,"groupBy":["model"]})");
  BOOST_TEST(response.status == 200);
  std::size_t rows = 0;
  for (std::size_t at = 0; (at = response.body.find("windowMs", at)) != std::string::npos; ++at) ++rows;
  BOOST_TEST(rows == std::size(kTexts));
}

BOOST_AUTO_TEST_CASE(thousands_of_distinct_values_of_one_minute_are_counted) {
  const std::string meter =
      R"({"slug":"m","eventType":"generate","aggregation":"UNIQUE_COUNT","valueProperty":"$.who"})";
  TestLedger ledger;
  for (int batch = 0; batch < 3; ++batch) {
    std::vector<std::string> events;
    for (int i = 0; i < 900; ++i) {
      const std::string who = std::to_string(batch * 800 + i);
      events.push_back(event_json(std::to_string(batch) + "/" + who, "2026-03-02T10:00:00Z", R"({"who":)" + who + "}"));
    }
    BOOST_TEST(ledger.post("/ledger/ingest", ingest_body(events, {meter})).status == 200);
  }
  BOOST_TEST(usage(ledger, meter, kFrom, kTo) == "2500");
  BOOST_TEST(usage(ledger, meter, "2026-03-02T10:00:00Z", "2026-03-02T10:01:00Z") == "2500");
}

BOOST_AUTO_TEST_CASE(other_resources_methods_and_bodies_are_refused) {
  TestLedger ledger;
  BOOST_TEST(ledger.post("/ledger/other", "{}").status == 404);
  BOOST_TEST(ledger.post("/ledger/ingest/", "{}").status == 404);
  BOOST_TEST(ledger.request("GET", "/ledger/usage", "").status == 405);
  BOOST_TEST(ledger.post("/ledger/usage", "{").status == 400);
  BOOST_TEST(ledger.post("/ledger/usage", "").status == 400);
}

}  // namespace
}  // namespace tollgate::control
