#include "base/limits.h"
#include "json/document.h"
#include "tests/unit/control/ledger/ledger_fixture.h"

#include <boost/test/data/test_case.hpp>

#include <algorithm>

namespace tollgate::control {
namespace {

constexpr std::int64_t kDay = 86'400'000;

/// A ledger that tells what it has of whom.
struct Senders : TestLedger {
  void take_in(const std::vector<std::string>& events, const std::string& received_at = "") {
    std::string body = ingest_body(events, {kSumMeter});
    if (!received_at.empty()) body.insert(body.size() - 1, R"(,"receivedAt":")" + received_at + "\"");
    const Response response = post("/ledger/ingest", body);
    BOOST_REQUIRE_MESSAGE(response.status == 200, response.body);
  }
  void take_in(const std::vector<std::string>& events, Instant received_at) {
    take_in(events, reference::instant_text(received_at.ms));
  }

  /// The members after the usage.
  std::string high_water() {
    const Response response = post("/ledger/usage", R"({"periods":[],"highWater":true})");
    BOOST_REQUIRE_MESSAGE(response.status == 200, response.body);
    const std::string head = R"({"usage":{},)";
    BOOST_REQUIRE_MESSAGE(response.body.starts_with(head), response.body);
    return response.body.substr(head.size(), response.body.size() - head.size() - 1);
  }
  /// `highWater` of one instance; nothing where it is left out.
  std::string of(std::uint64_t instance) {
    json::Document document;
    BOOST_REQUIRE(document.parse("{" + high_water() + "}").ok());
    const json::Value totals = document.root().member("highWater").member(edge_instance(instance));
    return totals.absent() ? "" : json::compact(totals);
  }
  std::int64_t known() { return number("SELECT count(*) FROM senders"); }
};

std::string marks(std::initializer_list<std::pair<int, const char*>> senders) {
  std::string text;
  for (const auto& [instance, totals] : senders) {
    text += (text.empty() ? "\"" : ",\"") + edge_instance(static_cast<std::uint64_t>(instance)) + "\":" + totals;
  }
  return R"("highWater":{)" + text + "}";
}

// S5
BOOST_AUTO_TEST_CASE(the_mark_of_an_instance_is_the_exact_sum_of_its_distinct_events) {
  Senders ledger;
  BOOST_TEST(ledger.high_water() == marks({}));
  const std::vector<std::string> first = {policy_event_json(1, 1, 3), policy_event_json(1, 2, 4),
                                          policy_event_json(1, 3, 5, "other"), policy_event_json(2, 1, 7)};
  ledger.take_in(first);
  BOOST_TEST(ledger.of(1) == R"({"generate":7,"other":5})");
  BOOST_TEST(ledger.of(2) == R"({"generate":7})");
  // Repeated, in the same request and in another; and with another payload (M4).
  ledger.take_in({first[0], policy_event_json(1, 9, 1), policy_event_json(1, 9, 1), policy_event_json(1, 2, 400)});
  BOOST_TEST(ledger.of(1) == R"({"generate":8,"other":5})");
  // Refused: nothing of the request is in.
  BOOST_TEST(ledger
                 .post("/ledger/ingest",
                       ingest_body({policy_event_json(1, 10, 1), event_json("x", "", R"({"total":-1})")}, {kSumMeter}))
                 .status == 400);
  BOOST_TEST(ledger.of(1) == R"({"generate":8,"other":5})");
  // Of a merged event its total (S3.1), in decimals.
  std::string merged = policy_event_json(1, 11, 0);
  merged.replace(merged.find(R"({"total":0})"), 11, R"({"total":0.3,"count":2,"min":0.1,"max":0.2,"last":0.1})");
  ledger.take_in({merged});
  BOOST_TEST(ledger.of(1) == R"({"generate":8.3,"other":5})");
}

struct OtherRow {
  const char* source;
  std::string id;
};
std::ostream& operator<<(std::ostream& out, const OtherRow& row) { return out << row.source << " " << row.id; }

const OtherRow kOthers[] = {
    {"monetization", edge_instance(1) + "-1"},
    {"monetization-policy", edge_instance(1)},
    {"monetization-policy", edge_instance(1) + "-"},
    {"monetization-policy", edge_instance(1) + "-1a"},
    {"monetization-policy", edge_instance(1) + ":1"},
    {"monetization-policy", edge_instance(1).substr(1) + "-1"},
    {"monetization-policy", "X" + edge_instance(1).substr(1) + "-1"},
    {"monetization-policy", "7f3a"},
};

BOOST_DATA_TEST_CASE(events_of_others_have_no_sender, kOthers, row) {
  Senders ledger;
  std::string event = event_json(row.id, "2026-03-02T10:00:00Z", R"({"total":1})");
  event.replace(event.find("\"test\""), 6, "\"" + std::string(row.source) + "\"");
  ledger.take_in({event});
  BOOST_TEST(ledger.high_water() == marks({}));
}

BOOST_AUTO_TEST_CASE(who_sent_last_comes_first_and_the_others_are_left_out) {
  Senders ledger;
  const std::int64_t begin = ledger.now.ms;
  for (std::uint64_t i = 0; i < limits::kMaxHighWaterSenders; ++i) {
    ledger.take_in({policy_event_json(i, 1, 1)}, Instant{begin + static_cast<std::int64_t>(i)});
  }
  std::string text = ledger.high_water();
  BOOST_TEST(text.starts_with(R"("highWater":{")" + edge_instance(63) + R"(":{"generate":1},")" + edge_instance(62)));
  BOOST_TEST(text.ends_with("\"" + edge_instance(0) + R"(":{"generate":1}})"));
  ledger.take_in({policy_event_json(0, 2, 1)}, Instant{begin + 1000});
  ledger.take_in({policy_event_json(100, 1, 1)}, Instant{begin + 1001});
  text = ledger.high_water();
  BOOST_TEST(text.starts_with(R"("highWater":{")" + edge_instance(100) + R"(":{"generate":1},")" + edge_instance(0) +
                              R"(":{"generate":2},")" + edge_instance(63)));
  BOOST_TEST(text.ends_with("\"" + edge_instance(2) + R"(":{"generate":1}},"highWaterPartial":true)"));
}

BOOST_AUTO_TEST_CASE(the_text_of_the_marks_is_bounded) {
  Senders ledger;
  const auto types = [&](std::uint64_t instance, int count) {
    std::vector<std::string> events;
    for (int i = 0; i < count; ++i) {
      events.push_back(policy_event_json(instance, i, 1, "type " + std::to_string(100 + i) + std::string(90, 'x')));
    }
    return events;
  };
  for (std::uint64_t instance = 0; instance < 8; ++instance) ledger.take_in(types(instance, 10));
  std::string text = ledger.high_water();
  BOOST_TEST(text.size() <=
             limits::kMaxHighWaterBytes + std::string_view(R"("highWater":,"highWaterPartial":true)").size());
  BOOST_TEST(text.size() > limits::kMaxHighWaterBytes - 1200);
  BOOST_TEST(text.ends_with(R"("highWaterPartial":true)"));
  // One that is too much by itself leaves room for the others.
  ledger.take_in(types(9, 100), Instant{ledger.now.ms + 1});
  BOOST_TEST(ledger.of(9).empty());
  BOOST_TEST(ledger.of(7) != "");
}

// Machines are named anew with each start: most of them never come again.
BOOST_AUTO_TEST_CASE(who_has_sent_nothing_for_two_days_is_forgotten_and_known_again_when_he_does) {
  Senders ledger;
  const Instant begin = ledger.now;
  ledger.take_in({policy_event_json(1, 1, 3), policy_event_json(1, 2, 4, "other")}, begin);
  ledger.take_in({policy_event_json(2, 1, 5)}, Instant{begin.ms + 1});
  ledger.take_in({policy_event_json(3, 1, 1)}, Instant{begin.ms + 2 * kDay});
  BOOST_TEST(ledger.known() == 3);
  ledger.take_in({policy_event_json(4, 1, 1)}, Instant{begin.ms + 2 * kDay + 1});
  BOOST_TEST(ledger.known() == 3);
  BOOST_TEST(ledger.of(1).empty());
  BOOST_TEST(ledger.of(2) == R"({"generate":5})");
  // All that he ever sent counts, not only what came after.
  ledger.take_in({policy_event_json(1, 3, 10)}, Instant{begin.ms + 2 * kDay + 2});
  BOOST_TEST(ledger.of(1) == R"({"generate":13,"other":4})");
}

BOOST_AUTO_TEST_CASE(the_forgetting_is_done_in_bounded_passes) {
  Senders ledger;
  std::vector<std::string> events;
  for (std::uint64_t i = 0; i < 450; ++i) events.push_back(policy_event_json(i, 1, 1));
  ledger.take_in(events, ledger.now);
  const Instant later{ledger.now.ms + 3 * kDay};
  const std::int64_t expected[] = {350, 250, 150, 50, 5, 6};
  for (std::uint64_t i = 0; i < 6; ++i) {
    ledger.take_in({policy_event_json(1000 + i, 1, 1)}, later);
    BOOST_TEST(ledger.known() == expected[i]);
  }
}

/// Instances that were there before there was a table of them.
BOOST_AUTO_TEST_CASE(an_instance_that_is_not_known_is_counted_from_its_events_a_page_at_a_time) {
  Senders ledger;
  for (int batch = 0; batch < 3; ++batch) {
    std::vector<std::string> events;
    for (int i = 0; i < 900; ++i) events.push_back(policy_event_json(1, batch * 900 + i, 1));
    ledger.take_in(events);
  }
  ledger.take_in({policy_event_json(2, 1, 1)}, Instant{ledger.now.ms + 3 * kDay});
  BOOST_TEST(ledger.of(1).empty());
  ledger.take_in({policy_event_json(1, 5000, 1)}, Instant{ledger.now.ms + 3 * kDay});
  BOOST_TEST(ledger.of(1) == R"({"generate":2701})");
}

/// The bucket's clock may be a test clock (S10); instances live in the machine's time.
BOOST_AUTO_TEST_CASE(the_clock_of_the_bucket_forgets_nobody) {
  Senders ledger;
  const std::string real = "2026-03-02T12:00:00Z";
  ledger.take_in({policy_event_json(1, 1, 1)}, real);
  ledger.now.ms += 30 * kDay;
  ledger.take_in({policy_event_json(2, 1, 1)}, real);
  BOOST_TEST(ledger.known() == 2);
}

}  // namespace
}  // namespace tollgate::control
