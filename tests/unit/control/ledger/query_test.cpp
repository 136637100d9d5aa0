#include "control/ledger/meter_answer.h"
#include "tests/unit/control/ledger/ledger_fixture.h"
#include "tests/unit/control/ledger/random_events.h"

#include <boost/test/data/test_case.hpp>

#include <deque>

namespace tollgate::control {
namespace {

using metering::WindowSize;

std::string query_body(const MeterQuery& query, const catalog::Meter& meter) {
  json::Text text;
  json::Writer<json::Text> to(text);
  write_meter_query(to, query, meter);
  return text.take();
}

/// Three ledgers with their events, and all events together.
struct Ledgers {
  std::deque<TestLedger> list;
  std::vector<reference::UsageEvent> events;

  explicit Ledgers(std::uint64_t seed, Instant now = TestLedger().now) {
    std::mt19937_64 random(seed);
    std::vector<std::string> meters;
    for (const TestMeter& meter : all_meters()) meters.push_back(meter.json);
    for (const char* subscription : {kSubscription, "01KNVXHQG356VA7T7W0V9N21GJ", "01KNVXHQG356VA7T7W0V9N21GK"}) {
      TestLedger& ledger = list.emplace_back(subscription);
      ledger.now = now;
      const auto own = random_events(random, 250, subscription, ledger.now.ms);
      std::vector<std::string> texts;
      for (const auto& event : own) texts.push_back(json_of(event));
      BOOST_REQUIRE(ledger.post("/ledger/ingest", ingest_body(texts, meters)).status == 200);
      events.insert(events.end(), own.begin(), own.end());
    }
  }

  std::string answer(const MeterQuery& query, const catalog::Meter& meter) {
    std::vector<std::string> bodies;
    for (TestLedger& ledger : list) {
      const Response response = ledger.post("/ledger/query", query_body(query, meter));
      BOOST_REQUIRE_MESSAGE(response.status == 200, response.body);
      bodies.push_back(response.body);
    }
    const std::vector<std::string_view> views(bodies.begin(), bodies.end());
    const auto merged = merge_meter_answers(query, meter, views);
    BOOST_REQUIRE(merged.has_value());
    return *merged;
  }
};

/// A span with ends on bounds of one width; a width of 1 is any millisecond.
Period random_period(std::mt19937_64& random, std::int64_t now_ms, std::int64_t longest) {
  const std::int64_t kWidths[] = {1, 1'000, 60'000, 3'600'000, 86'400'000};
  const std::int64_t width = kWidths[random() % 5];
  const std::int64_t from = now_ms - static_cast<std::int64_t>(random() % (36 * 86'400'000ULL));
  const std::int64_t start = from - from % width;
  return {{start},
          {start + width * (1 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(std::max<std::int64_t>(
                                                                         1, longest / width))))}};
}

MeterQuery random_query(std::mt19937_64& random, std::int64_t now_ms) {
  MeterQuery query;
  std::int64_t longest = 40LL * 86'400'000;
  if (random() % 3 != 0) query.window_size = static_cast<WindowSize>(random() % 4);
  if (query.window_size == WindowSize::minute) longest = 86'400'000;
  query.period = random_period(random, now_ms, longest);
  query.by_subject = random() % 3 == 0;
  query.by_subscription = random() % 3 == 0;
  if (random() % 3 == 0) query.dimensions.push_back("model");
  if (random() % 3 == 0) query.dimensions.push_back("region");
  if (random() % 4 == 0) query.subjects = {"subject a", "subject c"};
  return query;
}

BOOST_AUTO_TEST_CASE(answers_agree_with_looking_at_every_event) {
  Ledgers ledgers(30);
  const std::vector<TestMeter> meters = all_meters();
  std::mt19937_64 random(31);
  std::size_t rows = 0;
  for (int i = 0; i < 1'500; ++i) {
    const MeterQuery query = random_query(random, ledgers.list[0].now.ms);
    const TestMeter& meter = meters[static_cast<std::size_t>(i) % meters.size()];
    const std::string expected = reference::answer(meter.meter, query, ledgers.events);
    const std::string got = ledgers.answer(query, meter.meter);
    BOOST_REQUIRE_MESSAGE(got == expected, "query " << i << ": " << query_body(query, meter.meter) << "\nexpected "
                                                    << expected << "\ngot      " << got);
    for (std::size_t at = 0; (at = got.find("windowStart", at)) != std::string::npos; ++at) ++rows;
  }
  BOOST_TEST(rows > 20'000U);
}

/// Five weeks in which clocks change in both hemispheres, and offsets that are no whole hours.
BOOST_AUTO_TEST_CASE(answers_by_the_clocks_of_a_zone_agree_with_looking_at_every_event) {
  const char* kZones[] = {"Europe/Berlin",    "America/New_York",    "Asia/Kolkata",    "Asia/Kathmandu",
                          "America/St_Johns", "Australia/Lord_Howe", "Pacific/Chatham", "Pacific/Kiritimati"};
  Ledgers ledgers(36, *parse_instant("2026-04-10T12:34:56.789Z"));
  const std::vector<TestMeter> meters = all_meters();
  std::mt19937_64 random(37);
  std::size_t rows = 0;
  for (int i = 0; i < 800; ++i) {
    MeterQuery query = random_query(random, ledgers.list[0].now.ms);
    query.window_size = static_cast<WindowSize>(query.window_size == WindowSize::minute ? 0 : 1 + random() % 3);
    query.time_zone = *TimeZone::find(kZones[random() % std::size(kZones)]);
    const TestMeter& meter = meters[static_cast<std::size_t>(i) % meters.size()];
    const std::string expected = reference::answer(meter.meter, query, ledgers.events);
    const std::string got = ledgers.answer(query, meter.meter);
    BOOST_REQUIRE_MESSAGE(got == expected, "query " << i << ": " << query_body(query, meter.meter) << "\nexpected "
                                                    << expected << "\ngot      " << got);
    for (std::size_t at = 0; (at = got.find("windowStart", at)) != std::string::npos; ++at) ++rows;
  }
  BOOST_TEST(rows > 10'000U);
}

/// Windows that divide rollups cost no statement for each day.
BOOST_AUTO_TEST_CASE(windows_of_a_zone_are_read_in_few_statements) {
  TestLedger ledger;
  const std::int64_t today = ledger.now.ms - ledger.now.ms % 86'400'000;
  std::vector<std::string> texts;
  for (int day = 1; day <= 30; ++day) {
    for (const int hour : {2, 20}) {
      const std::string time = reference::instant_text(today - day * 86'400'000LL + hour * 3'600'000);
      texts.push_back(event_json(time, time, R"({"total":1})"));
    }
  }
  BOOST_REQUIRE(ledger.post("/ledger/ingest", ingest_body(texts, {kSumMeter})).status == 200);
  const auto statements = [&](const char* zone) {
    const int before = ledger.statements();
    const Response response =
        ledger.post("/ledger/query", std::string("{\"meter\":") + kSumMeter +
                                         R"(,"from":"2026-01-01T00:00:00Z","to":"2026-04-01T00:00:00Z",)" +
                                         R"("windowSize":"DAY","windowTimeZone":")" + zone + "\"}");
    BOOST_REQUIRE(response.status == 200);
    return ledger.statements() - before;
  };
  const int utc = statements("UTC");
  // One more for the hours; in Kathmandu, days divide hours without usage only.
  BOOST_TEST(statements("Europe/Berlin") == utc + 1);
  BOOST_TEST(statements("Asia/Kathmandu") == utc + 1);
}

BOOST_AUTO_TEST_CASE(usage_of_any_period_agrees_with_looking_at_every_event) {
  Ledgers ledgers(32);
  TestLedger& ledger = ledgers.list[0];
  std::erase_if(ledgers.events, [](const auto& event) { return event.subscription != kSubscription; });
  std::mt19937_64 random(33);
  for (int i = 0; i < 1'500; ++i) {
    const auto meters = all_meters();
    const TestMeter& meter = meters[static_cast<std::size_t>(i) % meters.size()];
    MeterQuery query;
    query.period = random_period(random, ledger.now.ms, 40LL * 86'400'000);
    std::vector<const reference::UsageEvent*> inside;
    for (const auto& event : ledgers.events) {
      if (event.type == "generate" && query.period.contains({event.time_ms})) inside.push_back(&event);
    }
    std::string expected = reference::value_of(meter.meter.aggregation, inside);
    if (expected == "null") expected = "0";
    BOOST_REQUIRE_EQUAL(usage(ledger, meter.json, reference::instant_text(query.period.from.ms),
                              reference::instant_text(query.period.to.ms)),
                        expected);
  }
}

/// More rows and events than one page of any statement has, and meters that come up after all of them.
BOOST_AUTO_TEST_CASE(long_answers_are_read_in_pages) {
  TestLedger ledger;
  std::mt19937_64 random(35);
  std::vector<reference::UsageEvent> events = random_events(random, 3'000, kSubscription, ledger.now.ms);
  const std::int64_t midnight = ledger.now.ms - ledger.now.ms % 86'400'000 - 3 * 86'400'000;
  for (std::size_t i = 0; i < events.size(); ++i) {
    // Two thirds in a row of minutes, one third within half a minute, several in each millisecond.
    const auto step = static_cast<std::int64_t>(i);
    events[i].time_ms = i % 3 == 0 ? midnight + 30'000 + step % 100 : midnight + step * 60'000;
    events[i].type = "generate";
  }
  for (std::size_t at = 0; at < events.size(); at += 1000) {
    std::vector<std::string> texts;
    for (std::size_t i = at; i < at + 1000; ++i) texts.push_back(json_of(events[i]));
    BOOST_REQUIRE(ledger.post("/ledger/ingest", ingest_body(texts, {})).status == 200);
  }
  for (const TestMeter& meter : all_meters()) {
    for (const std::int64_t from : {midnight, midnight + 30'001, midnight + 1}) {
      MeterQuery query;
      query.period = {{from}, {midnight + 50 * 3'600'000 - 1}};
      query.by_subject = true;
      query.dimensions = {"model", "region"};
      for (const auto size : {std::optional<WindowSize>(), std::optional(WindowSize::minute)}) {
        query.window_size = size;
        const Response response = ledger.post("/ledger/query", query_body(query, meter.meter));
        BOOST_REQUIRE_MESSAGE(response.status == 200, response.body);
        const std::string_view bodies[] = {response.body};
        BOOST_REQUIRE(merge_meter_answers(query, meter.meter, bodies) == reference::answer(meter.meter, query, events));
      }
    }
  }
}

/// T1, T3: neighbouring periods share no event and lose none.
BOOST_AUTO_TEST_CASE(adjoining_periods_add_up) {
  TestLedger ledger;
  std::mt19937_64 random(34);
  std::vector<std::string> texts;
  for (const auto& event : random_events(random, 300, kSubscription, ledger.now.ms)) texts.push_back(json_of(event));
  BOOST_REQUIRE(ledger.post("/ledger/ingest", ingest_body(texts, {})).status == 200);
  const std::string count = R"({"slug":"m","eventType":"generate","aggregation":"COUNT"})";
  const std::int64_t from = ledger.now.ms - 36LL * 86'400'000;
  const std::string whole = usage(ledger, count, reference::instant_text(from), reference::instant_text(ledger.now.ms));
  for (int i = 0; i < 200; ++i) {
    const std::int64_t middle = from + static_cast<std::int64_t>(random() % (36 * 86'400'000ULL));
    const int first = std::stoi(usage(ledger, count, reference::instant_text(from), reference::instant_text(middle)));
    const int second =
        std::stoi(usage(ledger, count, reference::instant_text(middle), reference::instant_text(ledger.now.ms)));
    BOOST_REQUIRE_EQUAL(first + second, std::stoi(whole));
  }
}

BOOST_AUTO_TEST_CASE(usage_answers_several_periods_by_key) {
  TestLedger ledger;
  ledger.post("/ledger/ingest", ingest_body({event_json("a", "2026-03-02T10:00:00Z", R"({"total":0.1})"),
                                             event_json("b", "2026-03-02T11:00:00Z", R"({"total":0.2})")},
                                            {kSumMeter}));
  const auto period = [](const char* key, const char* from, const char* to) {
    return std::string(R"({"key":")") + key + R"(","meter":)" + kSumMeter + R"(,"from":")" + from + R"(","to":")" + to +
           "\"}";
  };
  const Response response =
      ledger.post("/ledger/usage", "{\"periods\":[" + period("all", "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z") +
                                       "," + period("hour", "2026-03-02T11:00:00Z", "2026-03-02T12:00:00Z") + "," +
                                       period("none", "2026-03-03T11:00:00Z", "2026-03-03T11:00:00Z") + "]}");
  BOOST_TEST(response.body == R"({"usage":{"all":"0.3","hour":"0.2","none":"0"}})");
}

struct BadQuery {
  const char* name;
  const char* target;
  std::string members;  ///< beside the meter
  const char* field;
  const char* rule;
};
std::ostream& operator<<(std::ostream& out, const BadQuery& row) { return out << row.name; }

const BadQuery kBadQueries[] = {
    {"from after to", "/ledger/query", R"("from":"2026-03-02T00:00:00Z","to":"2026-03-01T00:00:00Z")", "to", "range"},
    {"an empty span", "/ledger/query", R"("from":"2026-03-02T00:00:00Z","to":"2026-03-02T00:00:00Z")", "to", "range"},
    {"not a time", "/ledger/query", R"("from":"2026-02-30T00:00:00Z")", "from", "date_time"},
    {"not a window", "/ledger/query", R"("windowSize":"WEEK")", "windowSize", "one_of"},
    {"an unknown time zone", "/ledger/query", R"("windowSize":"DAY","windowTimeZone":"Europe/Bonn")", "windowTimeZone",
     "time_zone"},
    {"an offset for a time zone", "/ledger/query", R"("windowTimeZone":"+02:00")", "windowTimeZone", "time_zone"},
    {"no name of a time zone", "/ledger/query", R"("windowTimeZone":"")", "windowTimeZone", "length"},
    {"a time zone that is no text", "/ledger/query", R"("windowTimeZone":2)", "windowTimeZone", "type"},
    {"all minutes since 1970", "/ledger/query", R"("windowSize":"MINUTE")", "windowSize", "too_many_windows"},
    {"a dimension it has not", "/ledger/query", R"("groupBy":["model"])", "groupBy", "one_of"},
    {"a group that is no text", "/ledger/query", R"("groupBy":[1])", "groupBy[0]", "type"},
    {"a filter that is no list", "/ledger/query", R"("filterSubject":"alice")", "filterSubject", "type"},
    {"an unknown member", "/ledger/query", R"("window":"DAY")", "window", "unknown_field"},
    {"usage without periods", "/ledger/usage", R"("a":1)", "periods", "required"},
};

BOOST_DATA_TEST_CASE(bad_queries_are_refused_by_name, kBadQueries, row) {
  TestLedger ledger;
  const Response response = ledger.post(row.target, std::string("{\"meter\":") + kSumMeter + "," + row.members + "}");
  BOOST_TEST(response.status == 400);
  BOOST_TEST(response.body.find(std::string("{\"field\":\"") + row.field + "\",\"rule\":\"" + row.rule + "\"") !=
                 std::string::npos,
             response.body);
}

BOOST_AUTO_TEST_CASE(the_whole_span_has_one_row_even_without_usage) {
  const MeterQuery query{{{0}, {60'000}}, {}, {}, false, false, {}, {}, {}};
  const auto row = [&](catalog::Aggregation aggregation) {
    return *merge_meter_answers(query, {"m", "t", aggregation, "$.x", {}}, {});
  };
  BOOST_TEST(
      row(catalog::Aggregation::sum) ==
      R"({"from":"1970-01-01T00:00:00Z","to":"1970-01-01T00:01:00Z","data":[{"value":0,"windowStart":"1970-01-01T00:00:00Z",)"
      R"("windowEnd":"1970-01-01T00:01:00Z","subject":null,"subscription":null,"groupBy":{}}]})");
  BOOST_TEST(row(catalog::Aggregation::avg).find("\"value\":null") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_no_answer_of_a_ledger_is_noticed) {
  const MeterQuery query{{{0}, {60'000}}, {}, {}, false, false, {}, {}, {}};
  const catalog::Meter meter{"m", "t", catalog::Aggregation::sum, "$.x", {}};
  for (const std::string_view body : {"", "null", "{}", "[]", R"({"rows":{}})", R"({"rows":[{}]})",
                                      R"({"rows":[{"windowMs":0,"dimensions":"[]","count":1,"sum":"x"}]})"}) {
    const std::string_view bodies[] = {R"({"rows":[]})", body};
    BOOST_TEST(!merge_meter_answers(query, meter, bodies).has_value(), body);
  }
}

}  // namespace
}  // namespace tollgate::control
