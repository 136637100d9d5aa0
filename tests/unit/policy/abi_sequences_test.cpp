// Sequences of calls of the edge module, as a host makes them (wasm/ABI.md).

#include "base/limits.h"
#include "host-bindings/native/native_edge.h"
#include "json/document.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

using namespace tollgate;

namespace {

constexpr double kNow = 1'768'471'200'000;  // 2026-01-15T10:00:00Z
constexpr std::string_view kSnapshot = R"({"id": "01KNVXHQG356VA7T7W0V9N21GH", "activeFrom": "2025-10-01T00:00:00Z",
  "paymentStatus": {"status": "paid", "isFirstPayment": false}, "highWater": {}, "entitlements": {"requests":
  {"type": "metered", "isSoftLimit": false, "hasAccess": true, "balance": 100000000}}})";

/// An instance with one policy, called by its exports.
class Calls {
 public:
  explicit Calls(const std::string& options = R"({"meters": {"requests": 1}})") : edge_(made()) {
    edge_->put(std::string(32, '\7'));
    BOOST_REQUIRE_EQUAL(*edge_->init(), 0);
    const std::string policies =
        R"([{"name": "p", "policyType": "monetization-inbound", "handler": {"options": )" + options + "}}]";
    BOOST_REQUIRE_MESSAGE(*edge_->configure(edge_->put(policies), TG_KEY_ANY) == 1, edge_->sentence());
  }

  std::int32_t check(std::string_view key, double now = kNow) {
    return *edge_->check(0, edge_->put("Bearer " + std::string(key)), now);
  }
  /// The handle of a request that has to wait.
  std::uint32_t wait(std::string_view key) {
    BOOST_REQUIRE_EQUAL(check(key), 0);
    return edge_->mailbox().handle;
  }
  std::int32_t resume(std::uint32_t handle, std::int32_t status = 200) {
    return *edge_->resume(handle, status, edge_->put(status == 200 ? kSnapshot : ""), kNow, kNow);
  }
  /// Who has been woken, in order.
  std::vector<std::uint32_t> woken() {
    std::vector<std::uint32_t> handles;
    for (std::uint32_t handle = *edge_->next_woken(); handle != 0; handle = *edge_->next_woken()) {
      BOOST_REQUIRE_LT(handles.size(), limits::kInFlight);
      handles.push_back(handle);
    }
    return handles;
  }
  bool finish(std::int32_t result) { return *edge_->finish(static_cast<std::uint32_t>(result), 200, 0) >= 0; }
  host::EdgeInstance& edge() { return *edge_; }

  std::int64_t stat(std::string_view name) {
    json::Document document;
    BOOST_REQUIRE(document.parse(edge_->output(*edge_->stats())).ok());
    const auto number = Quantity::parse(document.root().member(name).text());
    BOOST_REQUIRE_MESSAGE(number.ok(), name);
    return number->floor_units();
  }
  /// The JSON of a refusal.
  std::string problem(std::int32_t result) {
    return std::string(edge_->output(*edge_->problem(result, 0, edge_->put(std::string_view("/\0r", 3)), kNow)));
  }
  /// Delivers what there is; the totals by event id.
  std::map<std::string, Quantity> deliver() {
    std::map<std::string, Quantity> totals;
    for (std::int32_t length = *edge_->drain(100); length > 0; length = *edge_->drain(100)) {
      json::Document batch;
      BOOST_REQUIRE(batch.parse(edge_->output(length)).ok());
      for (const json::Value event : batch.root()) {
        const auto total = Quantity::parse(event.member("data").member("total").text());
        BOOST_REQUIRE(total.ok());
        BOOST_REQUIRE(totals.emplace(event.member("id").text(), *total).second);  // M1
      }
      BOOST_REQUIRE_EQUAL(*edge_->delivered(edge_->mailbox().batch), 0);
    }
    return totals;
  }

 private:
  static std::unique_ptr<host::EdgeInstance> made() {
    auto edge = host::NativeEdge::make();
    BOOST_REQUIRE(edge.ok());
    return std::move(*edge);
  }
  std::unique_ptr<host::EdgeInstance> edge_;
};

Quantity sum(const std::map<std::string, Quantity>& totals) {
  Quantity all;
  for (const auto& [id, total] : totals) all = all.plus(total);
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(abi_sequences)

// S4.4: one link served two lists, of those who wait and of those who were woken, and this went round in circles.
BOOST_AUTO_TEST_CASE(a_look_up_that_changes_hands_while_its_heir_is_woken) {
  Calls calls;
  const std::uint32_t first = calls.wait("k1");
  const std::uint32_t second = calls.wait("k1");
  const std::uint32_t third = calls.wait("k1");
  BOOST_TEST(*calls.edge().abandon(first) == 0);  // wakes the second
  BOOST_TEST(*calls.edge().take_over(third, kNow) == 0);
  const std::uint32_t sixth = calls.wait("k1");
  BOOST_TEST(*calls.edge().poll(second, kNow) == 0);
  BOOST_TEST(*calls.edge().take_over(sixth, kNow) == 0);
  BOOST_TEST(calls.edge().mailbox().effect == TG_EFFECT_KV_GET);

  BOOST_TEST(calls.resume(sixth, 404) == 0);
  BOOST_TEST(calls.edge().mailbox().effect == TG_EFFECT_FETCH);
  std::vector<std::int32_t> allowed = {calls.resume(sixth)};
  for (const std::uint32_t handle : calls.woken()) {
    const bool waits = handle == second || handle == third;
    BOOST_TEST(waits);
    allowed.push_back(*calls.edge().poll(handle, kNow));
  }
  // Who was told to look up may bring the answer instead of being woken.
  for (const std::uint32_t handle : {second, third}) {
    const std::int32_t late = calls.resume(handle);
    if (late != TG_STALE) allowed.push_back(late);
  }
  BOOST_TEST(allowed.size() == 3U);
  for (const std::int32_t result : allowed) {
    BOOST_TEST(result > 0);
    BOOST_TEST(calls.finish(result));
  }
  BOOST_TEST(calls.stat("inFlight") == 0);
  BOOST_TEST((sum(calls.deliver()) == Quantity::units(3)));
}

// S4.4: the look-up is passed on as often as whoever does it goes away.
BOOST_AUTO_TEST_CASE(a_look_up_outlives_all_but_the_last_who_want_it) {
  Calls calls;
  std::vector<std::uint32_t> handles;
  for (int i = 0; i < 20; ++i) handles.push_back(calls.wait("k1"));
  for (std::size_t i = 0; i + 1 < handles.size(); ++i) {
    BOOST_TEST(*calls.edge().abandon(handles[i]) == 0);
    BOOST_TEST(*calls.edge().abandon(handles[i]) == TG_STALE);
    BOOST_TEST(calls.woken() == std::vector{handles[i + 1]}, boost::test_tools::per_element());
    BOOST_TEST(*calls.edge().poll(handles[i + 1], kNow) == 0);
    BOOST_TEST(calls.edge().mailbox().effect == TG_EFFECT_KV_GET);
  }
  BOOST_TEST(*calls.edge().abandon(handles.back()) == 0);
  BOOST_TEST(calls.woken().empty());
  BOOST_TEST(calls.stat("inFlight") == 0);
  calls.wait("k1");
  BOOST_TEST(calls.edge().mailbox().effect == TG_EFFECT_KV_GET);  // a look-up of its own
}

// S4.4: the answer of the one that was taken over serves all, the one that took over included.
BOOST_AUTO_TEST_CASE(a_late_answer_serves_all) {
  Calls calls;
  const std::uint32_t slow = calls.wait("k1");
  BOOST_TEST(calls.resume(slow, 404) == 0);
  const std::uint32_t impatient = calls.wait("k1");
  const std::uint32_t patient = calls.wait("k1");
  BOOST_TEST(*calls.edge().take_over(impatient, kNow) == 0);
  BOOST_TEST(calls.resume(slow) > 0);
  const std::vector<std::uint32_t> woken = calls.woken();
  BOOST_TEST(std::count(woken.begin(), woken.end(), patient) == 1);
  BOOST_TEST(*calls.edge().poll(patient, kNow) > 0);
  BOOST_TEST(calls.resume(impatient, 503) > 0);  // whatever it brings by then
  BOOST_TEST(calls.check("k1") > 0);
  BOOST_TEST(calls.stat("inFlight") == 4);
}

// S3.1, M10: when delivery has stopped and the outbox is full, what cannot be counted is not served.
BOOST_AUTO_TEST_CASE(a_full_outbox_refuses_by_default) {
  Calls calls(R"({"meters": {"requests": 1}, "merge": false})");
  BOOST_REQUIRE_EQUAL(calls.resume(calls.wait("k1"), 404), 0);
  std::int64_t served = 0;
  std::int32_t result = calls.resume(calls.edge().mailbox().handle);
  for (; result > 0 && served < 1'000'000; result = calls.check("k1")) served += calls.finish(result) ? 1 : 0;
  BOOST_TEST(served >= static_cast<std::int64_t>(limits::kCachedKeys));
  const std::string problem = calls.problem(result);
  BOOST_TEST(calls.edge().mailbox().status == 503U);
  BOOST_TEST(problem.find(R"("code":"usage_undeliverable")") != std::string::npos);
  BOOST_TEST(problem.find(R"("detail":"Usage cannot be recorded at the moment. Try again.")") != std::string::npos);
  BOOST_TEST(calls.check("k1") == result);
  BOOST_TEST(calls.edge().output(*calls.edge().quota_headers(result, 0, kNow)).starts_with("Retry-After: "));

  BOOST_TEST((sum(calls.deliver()) == Quantity::units(served)));
  result = calls.check("k1");
  BOOST_TEST(result > 0);
  BOOST_TEST(calls.finish(result));
  BOOST_TEST((sum(calls.deliver()) == Quantity::units(1)));
  BOOST_TEST(calls.stat("eventsLost") == 0);
}

// S3.1: or it is served, and what is lost is counted exactly.
BOOST_AUTO_TEST_CASE(a_full_outbox_may_let_requests_through) {
  Calls calls(R"({"meters": {"requests": 1}, "merge": false, "whenUndeliverable": "allow"})");
  BOOST_REQUIRE_EQUAL(calls.resume(calls.wait("k1"), 404), 0);
  constexpr std::int64_t kRequests = 20'000;
  std::int32_t result = calls.resume(calls.edge().mailbox().handle);
  for (std::int64_t i = 0; i < kRequests; ++i, result = calls.check("k1")) {
    BOOST_REQUIRE_GT(result, 0);
    BOOST_REQUIRE(calls.finish(result));
  }
  const std::int64_t lost = calls.stat("eventsLost");
  BOOST_TEST(lost > 0);
  BOOST_TEST((sum(calls.deliver()) == Quantity::units(kRequests - lost)));
}

BOOST_AUTO_TEST_SUITE_END()
