#include "tests/unit/control/ledger/ledger_fixture.h"
#include "tests/unit/control/ledger/random_events.h"

#include <algorithm>

namespace tollgate::control {
namespace {

std::vector<std::string> meter_list(const std::vector<TestMeter>& meters, std::size_t count) {
  std::vector<std::string> list;
  for (std::size_t i = 0; i < count; ++i) list.push_back(meters[i].json);
  return list;
}

/// M2: the ledger is a function of the set of events: order, repetition, batching, and the moment at which a meter
/// comes up, leave no trace.
BOOST_AUTO_TEST_CASE(order_repetition_and_batching_leave_no_trace) {
  const std::vector<TestMeter> meters = all_meters();
  std::mt19937_64 random(20);
  TestLedger expected;
  std::vector<std::string> events;
  for (const auto& event : random_events(random, 400, kSubscription, expected.now.ms)) events.push_back(json_of(event));
  for (int i = 0; i < 100; ++i) events.push_back(policy_event_json(random() % 3, i, random() % 50, "other"));
  BOOST_REQUIRE(expected.post("/ledger/ingest", ingest_body(events, meter_list(meters, meters.size()))).status == 200);
  const std::string dump = expected.dump();
  BOOST_TEST(dump.size() > 100'000U);

  for (unsigned seed = 1; seed <= 12; ++seed) {
    random.seed(seed);
    std::vector<std::string> sent = events;
    for (std::size_t i = random() % 300; i > 0; --i) sent.push_back(events[random() % events.size()]);
    std::shuffle(sent.begin(), sent.end(), random);
    TestLedger ledger;
    std::size_t known = random() % (meters.size() + 1);
    for (std::size_t at = 0; at < sent.size();) {
      const std::size_t size = std::min<std::size_t>(1 + random() % (seed % 3 == 0 ? 3 : 120), sent.size() - at);
      const std::vector<std::string> batch(sent.begin() + static_cast<std::ptrdiff_t>(at),
                                           sent.begin() + static_cast<std::ptrdiff_t>(at + size));
      BOOST_REQUIRE(ledger.post("/ledger/ingest", ingest_body(batch, meter_list(meters, known))).status == 200);
      known = std::min(meters.size(), known + random() % 2);
      at += size;
    }
    // Meters that no batch named yet come up when they are asked for.
    for (const TestMeter& meter : meters) usage(ledger, meter.json, "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z");
    BOOST_REQUIRE_MESSAGE(ledger.dump() == dump, "seed " << seed);
  }
}

/// M3: a statement that fails, whichever it is, leaves the ledger as it was, and the same request then succeeds.
BOOST_AUTO_TEST_CASE(a_failure_at_any_statement_leaves_nothing_behind) {
  const std::vector<TestMeter> meters = all_meters();
  std::mt19937_64 random(21);
  TestLedger ledger;
  std::vector<std::string> old_events;
  std::vector<std::string> new_events;
  for (const auto& event : random_events(random, 60, kSubscription, ledger.now.ms)) {
    (old_events.size() < 30 ? old_events : new_events).push_back(json_of(event));
  }
  BOOST_REQUIRE(ledger.post("/ledger/ingest", ingest_body(old_events, meter_list(meters, 1))).status == 200);
  const std::string before = ledger.dump();
  const std::string body = ingest_body(new_events, meter_list(meters, meters.size()));
  int failures = 0;
  for (int statement = 1;; ++statement, ++failures) {
    ledger.fail_at(statement);
    const Response response = ledger.post("/ledger/ingest", body);
    if (response.status == 200) break;
    BOOST_REQUIRE_EQUAL(response.status, 500);
    ledger.fail_at(0);
    BOOST_REQUIRE(ledger.dump() == before);
  }
  BOOST_TEST(failures >= 10);
  TestLedger whole;
  std::vector<std::string> all = old_events;
  all.insert(all.end(), new_events.begin(), new_events.end());
  BOOST_REQUIRE(whole.post("/ledger/ingest", ingest_body(all, meter_list(meters, meters.size()))).status == 200);
  ledger.fail_at(0);
  BOOST_TEST(ledger.dump() == whole.dump());
}

BOOST_AUTO_TEST_CASE(a_batch_costs_few_statements) {
  const std::vector<TestMeter> meters = all_meters();
  std::mt19937_64 random(22);
  TestLedger ledger;
  std::vector<std::string> events;
  for (const auto& event : random_events(random, 300, kSubscription, ledger.now.ms)) events.push_back(json_of(event));
  const auto batch = [&](std::size_t from) {
    return ingest_body(
        {events.begin() + static_cast<std::ptrdiff_t>(from), events.begin() + static_cast<std::ptrdiff_t>(from + 100)},
        meter_list(meters, meters.size()));
  };
  ledger.post("/ledger/ingest", batch(0));
  const int before = ledger.statements();
  ledger.post("/ledger/ingest", batch(100));
  // Measures; names that are known; events; rollups read and written; distinct values.
  BOOST_TEST(ledger.statements() - before == 6);

  // Those of the edge: also what is known of their senders, read and written, however many they are.
  const auto sent = [&](int first) {
    std::vector<std::string> edge_events;
    for (int i = 0; i < 100; ++i)
      edge_events.push_back(policy_event_json(static_cast<std::uint64_t>(i) % 7, first + i, 1));
    const int statements = ledger.statements();
    BOOST_REQUIRE(ledger.post("/ledger/ingest", ingest_body(edge_events, {kSumMeter})).status == 200);
    return ledger.statements() - statements;
  };
  sent(0);
  BOOST_TEST(sent(100) == 7);
}

}  // namespace
}  // namespace tollgate::control
