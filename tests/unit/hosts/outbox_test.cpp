// Events on their way out: batches, deliveries that fail, and ids that never change (invariant M1).

#include "json/document.h"
#include "tests/unit/hosts/edge_fixture.h"

#include <vector>

namespace tollgate::host::test {
namespace {

std::vector<std::string> ids(const std::string& batch) {
  json::Document document;
  BOOST_REQUIRE(document.parse(batch).ok());
  std::vector<std::string> found;
  for (const json::Value event : document.root()) found.emplace_back(event.member("id").text());
  return found;
}

std::vector<std::string> sorted(std::vector<std::string> texts) {
  std::sort(texts.begin(), texts.end());
  return texts;
}

/// One event for each of `count` minutes, so that none is merged with another.
template <class Host>
void record(Edge<Host>& edge, int count) {
  for (int i = 0; i < count; ++i) {
    std::int32_t allowed = edge.check("k1", kNow + i * kMinute);
    if (allowed == 0) {
      const std::uint32_t handle =
          edge.suspended(edge.resume(edge.mailbox().handle, 404, {}, kNow + i * kMinute), TG_EFFECT_FETCH);
      allowed = edge.resume(handle, 200, snapshot(1'000'000), kNow + i * kMinute);
    }
    BOOST_REQUIRE_GT(edge.finish(allowed), 0);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(outbox)

BOOST_AUTO_TEST_CASE_TEMPLATE(nothing_recorded_nothing_drained, Host, Hosts) {
  Edge<Host> edge;
  BOOST_TEST(edge.drain().empty());
  edge.know("k1", 5);
  BOOST_TEST(edge.drain().empty());
  BOOST_TEST(edge.finish(edge.check("k1"), 500) == 0);
  BOOST_TEST(edge.drain().empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_failed_batch_comes_again_with_the_same_ids, Host, Hosts) {
  Edge<Host> edge;
  record(edge, 3);
  const std::string batch = edge.drain();
  const std::uint32_t first = edge.mailbox().batch;
  BOOST_TEST(edge.mailbox().events == 3);
  BOOST_TEST(edge.drain().empty());  // all of them are out
  BOOST_TEST(edge.of(edge->failed(first)) == 0);
  BOOST_TEST(edge.of(edge->failed(first)) == -1);
  BOOST_TEST(edge.of(edge->delivered(first)) == -1);
  const std::string again = edge.drain();
  BOOST_TEST(again == batch);
  BOOST_TEST(edge.of(edge->delivered(edge.mailbox().batch)) == 0);
  BOOST_TEST(edge.drain().empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(usage_after_a_drain_is_a_new_event, Host, Hosts) {
  Edge<Host> edge;
  edge.know("k1", 100);
  BOOST_TEST(edge.finish(edge.check("k1")) == 1);
  BOOST_TEST(edge.finish(edge.check("k1")) == 1);
  const std::string two = edge.drain();
  const std::uint32_t batch = edge.mailbox().batch;
  BOOST_TEST(has(two, R"("data":{"total":2,"count":2,"min":1,"max":1,"last":1})"));
  // What is out is not touched any more, though it is of the same minute.
  BOOST_TEST(edge.finish(edge.check("k1")) == 1);
  BOOST_TEST(edge.of(edge->failed(batch)) == 0);
  const std::string all = edge.drain();
  BOOST_TEST(edge.mailbox().events == 2);
  BOOST_TEST(has(all, R"("data":{"total":2,"count":2,"min":1,"max":1,"last":1})"));
  BOOST_TEST(has(all, R"("data":{"total":1})"));
  BOOST_TEST(has(all, ids(two).front()));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(batches_hold_a_hundred_and_no_event_is_in_two, Host, Hosts) {
  Edge<Host> edge;
  record(edge, 250);
  std::vector<std::string> seen;
  for (const std::size_t expected : {100u, 100u, 50u}) {
    const auto batch = ids(edge.drain());
    BOOST_TEST(batch.size() == expected);
    BOOST_TEST(edge.of(edge->delivered(edge.mailbox().batch)) == 0);
    seen.insert(seen.end(), batch.begin(), batch.end());
  }
  BOOST_TEST(edge.drain().empty());
  const auto all = sorted(seen);
  BOOST_TEST((std::adjacent_find(all.begin(), all.end()) == all.end()));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(batches_may_be_confirmed_in_any_order, Host, Hosts) {
  Edge<Host> edge;
  record(edge, 4);
  const auto drain_one = [&] {
    const std::string text = edge.output(edge.of(edge->drain(1)));
    return std::pair(edge.mailbox().batch, ids(text).front());
  };
  const auto [first, first_id] = drain_one();
  const auto [second, second_id] = drain_one();
  const auto [third, third_id] = drain_one();
  BOOST_TEST(edge.of(edge->delivered(third)) == 0);
  BOOST_TEST(edge.of(edge->failed(first)) == 0);
  BOOST_TEST(edge.of(edge->delivered(second)) == 0);
  const auto rest = ids(edge.drain());
  BOOST_TEST(rest.size() == 2);
  BOOST_TEST(rest.front() == first_id);
  BOOST_TEST(rest.back() != third_id);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(runtime_meters_add_up_exactly, Host, Hosts) {
  Edge<Host> edge;
  edge.know("k1", 100);
  const auto change = [&](const std::string& text) { return edge.of(edge->meters(edge.put(text))); };
  std::string state = edge.output(change(R"({"state":null,"add":{"tokens":0.1}})"));
  state = edge.output(change(R"({"state":)" + state + R"(,"add":{"tokens":0.2}})"));
  BOOST_TEST(change(R"({"state":)" + state + R"(,"add":{"tokens":-1}})") == -1);
  BOOST_TEST(has(edge->sentence(), "tokens"));
  BOOST_TEST(has(edge->sentence(), "-1"));

  const std::int32_t allowed = edge.check("k1");
  const auto handle = static_cast<std::uint32_t>(allowed);
  BOOST_TEST(edge.of(edge->finish(handle, 200, edge.put(R"({"tokens":"many"})"))) == -1);
  BOOST_TEST(!edge->sentence().empty());
  BOOST_TEST(edge.of(edge->finish(handle, 200, edge.put(state))) == 2);  // it was still owed
  const std::string batch = edge.drain();
  BOOST_TEST(has(batch, R"("type":"tokens")"));
  BOOST_TEST(has(batch, R"("data":{"total":0.3})"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tollgate::host::test
