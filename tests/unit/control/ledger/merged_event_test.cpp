#include "control/ledger/meter_answer.h"
#include "tests/unit/control/ledger/ledger_fixture.h"
#include "tests/unit/control/ledger/random_events.h"

#include <algorithm>

namespace tollgate::control {
namespace {

using reference::UsageEvent;

/// Requests of the edge: no two at one moment, so that the latest of them is one.
std::vector<UsageEvent> random_requests(std::mt19937_64& random, std::size_t count, std::int64_t now_ms) {
  std::vector<UsageEvent> requests;
  std::int64_t time = now_ms - 3 * 86'400'000LL;
  for (std::size_t i = 0; i < count; ++i) {
    time += 1 + static_cast<std::int64_t>(random() % (random() % 8 == 0 ? 3'600'000 : 9'000));
    UsageEvent request;
    request.source = "monetization-policy";
    request.type = "generate";
    request.subject = random() % 3 == 0 ? "subject a" : "subject b";
    request.subscription = kSubscription;
    request.time_ms = time;
    request.value_nanos =
        static_cast<std::int64_t>(random() % 3 == 0 ? random() % 5 * 1'000'000'000 : random() % 1'000'000'000'000);
    requests.push_back(request);
  }
  return requests;
}

std::string merged_json(const std::vector<const UsageEvent*>& requests, std::size_t number) {
  const auto less = [](const UsageEvent* a, const UsageEvent* b) { return a->value_nanos < b->value_nanos; };
  reference::cpp_int total = 0;
  for (const UsageEvent* request : requests) total += request->value_nanos;
  const UsageEvent& last = **std::max_element(requests.begin(), requests.end(),
                                              [](const auto* a, const auto* b) { return a->time_ms < b->time_ms; });
  std::string data = R"({"total":)" + reference::decimal(total);
  if (requests.size() > 1) {
    data += R"(,"count":)" + std::to_string(requests.size()) + R"(,"min":)" +
            reference::decimal((*std::min_element(requests.begin(), requests.end(), less))->value_nanos) +
            R"(,"max":)" +
            reference::decimal((*std::max_element(requests.begin(), requests.end(), less))->value_nanos) +
            R"(,"last":)" + reference::decimal(last.value_nanos);
  }
  std::string text = event_json("01KNVXHQG356VA7T7W0V9N21GJ-" + std::to_string(number),
                                reference::instant_text(last.time_ms), data + "}", "generate", last.subject);
  return text.replace(text.find("\"test\""), 6, "\"monetization-policy\"");
}

/// Some of the requests of one subject and minute share an event, in whatever way.
std::vector<std::string> merged_at_random(std::mt19937_64& random, const std::vector<UsageEvent>& requests) {
  std::map<std::tuple<std::string, std::int64_t, std::uint64_t>, std::vector<const UsageEvent*>> groups;
  const std::uint64_t places = 1 + random() % 4;
  for (const UsageEvent& request : requests) {
    groups[{request.subject, request.time_ms / 60'000, random() % places}].push_back(&request);
  }
  std::vector<std::string> events;
  for (const auto& [place, group] : groups) events.push_back(merged_json(group, events.size()));
  std::shuffle(events.begin(), events.end(), random);
  return events;
}

/// Of all aggregations but UNIQUE_COUNT, which needs `merge: false`.
std::vector<TestMeter> meters_of_requests() {
  std::vector<TestMeter> meters;
  for (TestMeter& meter : all_meters()) {
    if (meter.meter.aggregation != catalog::Aggregation::unique_count) meters.push_back(std::move(meter));
  }
  return meters;
}

/// Bounds at whole minutes: a minute is what an isolate merges.
MeterQuery random_query(std::mt19937_64& random, std::int64_t now_ms) {
  MeterQuery query;
  if (random() % 4 != 0) query.window_size = static_cast<metering::WindowSize>(random() % 4);
  const std::int64_t minutes = now_ms / 60'000 - 3 * 1440 + static_cast<std::int64_t>(random() % 4000);
  query.period = {{minutes * 60'000}, {(minutes + 1 + static_cast<std::int64_t>(random() % 1400)) * 60'000}};
  query.by_subject = random() % 2 == 0;
  return query;
}

// S3.1, M11
BOOST_AUTO_TEST_CASE(every_aggregation_says_the_same_of_merged_requests_as_of_single_ones) {
  const std::vector<TestMeter> meters = meters_of_requests();
  for (unsigned seed = 1; seed <= 8; ++seed) {
    std::mt19937_64 random(seed);
    TestLedger ledger;
    const std::vector<UsageEvent> requests = random_requests(random, 900, ledger.now.ms);
    std::vector<std::string> known;  // meters that are there from the beginning; the others are worked out later
    for (const TestMeter& meter : meters) {
      if (random() % 2 == 0) known.push_back(meter.json);
    }
    const std::vector<std::string> events = merged_at_random(random, requests);
    BOOST_TEST(events.size() < requests.size());
    BOOST_REQUIRE(ledger.post("/ledger/ingest", ingest_body(events, known)).status == 200);
    for (int i = 0; i < 300; ++i) {
      const MeterQuery query = random_query(random, ledger.now.ms);
      const TestMeter& meter = meters[static_cast<std::size_t>(i) % meters.size()];
      json::Text body;
      json::Writer<json::Text> to(body);
      write_meter_query(to, query, meter.meter);
      const Response response = ledger.post("/ledger/query", body.view());
      BOOST_REQUIRE_MESSAGE(response.status == 200, response.body);
      const std::string_view answers[] = {response.body};
      const auto got = merge_meter_answers(query, meter.meter, answers);
      const std::string expected = reference::answer(meter.meter, query, requests);
      BOOST_REQUIRE_MESSAGE(got == expected, "seed " << seed << ", " << body.view() << "\nexpected " << expected
                                                     << "\ngot      " << got.value_or("nothing"));
      if (query.window_size.has_value() || query.by_subject) continue;
      // What is billed goes by the usage of periods.
      const std::string value = usage(ledger, meter.json, reference::instant_text(query.period.from.ms),
                                      reference::instant_text(query.period.to.ms));
      BOOST_TEST((expected.find("\"value\":" + value + ",") != std::string::npos ||
                  (value == "0" && expected.find("\"value\":null") != std::string::npos)),
                 expected << " but " << value);
    }
  }
}

// S3.1: UNIQUE_COUNT needs `merge: false`; a merged event is one value to it.
BOOST_AUTO_TEST_CASE(a_merged_event_is_one_value_to_unique_count) {
  const std::string meter =
      R"({"slug":"m","eventType":"generate","aggregation":"UNIQUE_COUNT","valueProperty":"$.total"})";
  TestLedger ledger;
  std::mt19937_64 random(9);
  std::vector<UsageEvent> requests = random_requests(random, 2, ledger.now.ms);
  BOOST_REQUIRE(
      ledger.post("/ledger/ingest", ingest_body({merged_json({&requests[0], &requests[1]}, 1)}, {meter})).status ==
      200);
  BOOST_TEST(usage(ledger, meter, "2026-02-01T00:00:00Z", "2026-04-01T00:00:00Z") == "1");
}

}  // namespace
}  // namespace tollgate::control
