// The control plane under wasmtime: a trap at any statement leaves nothing behind, whatever was being done.

#include "tests/unit/serve/control_fixture.h"

#include <functional>
#include <vector>

namespace tollgate::test {
namespace {

struct Step {
  std::string_view method;
  std::string path;
  std::string body = {};
};

/// Requests that change something, each on what the ones before it have left.
struct Walk {
  std::string plan;
  std::string draft = {};
  std::string subscription = {};
  std::string key = {};

  /// The next request; none when all were made. `last` is what the one before was answered.
  std::optional<Step> next(std::size_t index, const control::Response& last) {
    if (last.body.find("\"apiKey\"") != std::string::npos) subscription = member(last, "id");
    const std::string subscribed = "subscriptions/" + subscription;
    switch (index) {
      case 0: return Step{"POST", "meters", R"({"slug":"unused","eventType":"u","aggregation":"COUNT"})"};
      case 1:
        return Step{"PUT", "meters/unused", R"({"slug":"unused","name":"N","eventType":"u","aggregation":"COUNT"})"};
      case 2: return Step{"DELETE", "meters/unused"};
      case 3: return Step{"POST", "features", R"({"key":"f","name":"F","metadata":{"a":"b"}})"};
      case 4: return Step{"DELETE", "features/f"};
      case 5: return Step{"POST", "plans/" + plan + "/next"};
      case 6: draft = member(last, "id"); return Step{"PUT", "plans/" + draft, plan_json("starter")};
      case 7: return Step{"POST", "plans/" + draft + "/publish"};
      case 8: return Step{"POST", "plans", plan_json("other")};
      case 9: return Step{"DELETE", "plans/" + member(last, "id")};
      case 10: return Step{"POST", "customers", R"({"key":"acme","name":"Acme"})"};
      case 11: return Step{"PUT", "customers/acme", R"({"key":"acme","name":"New","metadata":{"a":"b"}})"};
      case 12: return Step{"POST", "subscriptions", R"({"plan":{"key":"starter"},"customerKey":"acme"})"};
      case 13: return Step{"POST", subscribed + "/api-keys"};
      case 14: key = member(last, "id"); return Step{"POST", subscribed + "/api-keys/roll", "{}"};
      case 15: return Step{"DELETE", subscribed + "/api-keys/" + key};
      case 16: return Step{"PUT", subscribed + "/payment-status", R"({"status":"paid"})"};
      case 17: return Step{"POST", subscribed + "/cancel", R"({"timing":"next_billing_cycle"})"};
      case 18: return Step{"POST", subscribed + "/unschedule-cancelation"};
      case 19:
        return Step{"POST", subscribed + "/change", R"({"plan":{"key":"starter"},"timing":"next_billing_cycle"})"};
      case 20:
        return Step{"PUT", "monetization-configuration", R"({"maxPaymentOverdueDays":7,"planOrder":["starter"]})"};
      case 21: return Step{"POST", "billing/profiles", R"({"name":"P"})"};
      case 22: return Step{"POST", "plan-invites", R"({"email":"a@b.example","planId":")" + draft + "\"}"};
      case 23: return Step{"POST", "service-keys", R"({"name":"n","role":"edge"})"};
      case 24: return Step{"POST", "dead-letters", R"({"reason":"r","event":1})"};
      default: return std::nullopt;
    }
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(control_under_wasmtime)

// Each request is tried with its first statement trapping, then with its second, and so on until it goes through: up to
// then nothing may have changed in any database, and then something must have.
BOOST_AUTO_TEST_CASE(a_trap_at_any_statement_leaves_nothing_behind) {
  const ScratchFolder folder;
  Control control(folder.path);
  Walk walk{make_catalog(control)};
  control::Response last = control.get("plans");
  std::uint64_t traps = 0;
  std::size_t index = 0;
  for (; const auto step = walk.next(index, last); ++index) {
    const std::string what = std::string(step->method) + " " + step->path;
    // Runs the timers that the one before may have set, and opens the ledger.
    control.get(walk.subscription.empty() ? "plans" : "subscriptions/" + walk.subscription + "/access");
    const std::string before = everything(folder.path);
    const std::uint64_t traps_before = traps;
    for (std::int64_t nth = 1;; ++nth) {
      control.trap_at = nth;
      last = control.call(step->method, step->path, step->body, "key-" + std::to_string(index));
      const bool fired = control.trap_at == 0;
      control.trap_at = 0;
      if (!fired) break;
      ++traps;
      BOOST_TEST(last.status >= 500, what);
      BOOST_TEST(last.body.find("trap") == std::string::npos, last.body);
      BOOST_TEST((everything(folder.path) == before), what << " at statement " << nth);
    }
    BOOST_TEST(last.commits(), what << " " << last.body);
    BOOST_TEST((traps > traps_before), what);
    BOOST_TEST((everything(folder.path) != before), what);
  }
  BOOST_TEST(index == 25U);
  BOOST_TEST(control.host().traps() == traps);
}

// Bucket and ledger are two databases: what the ledger has committed stays when the bucket traps afterwards, and a
// repetition is recognised.
BOOST_AUTO_TEST_CASE(a_trap_while_events_come_in_counts_none_of_them_twice) {
  const ScratchFolder folder;
  Control control(folder.path);
  make_catalog(control);
  control.post("customers", R"({"key":"acme","name":"Acme"})");
  const std::string subscription =
      member(control.post("subscriptions", R"({"plan":{"key":"starter"},"customerKey":"acme"})"), "id");
  control.get("plans");  // runs the timers, whose traps are no request's
  const std::string events = event_json(subscription, "e1");
  std::int64_t nth = 1;
  for (bool fired = true; fired; ++nth) {
    control.trap_at = nth;
    const int status = control.post("events", events).status;
    fired = control.trap_at == 0;
    control.trap_at = 0;
    BOOST_TEST((fired ? status >= 500 : status == 204), status);
  }
  BOOST_TEST(nth > 5);
  const control::Response access = control.get("subscriptions/" + subscription + "/access");
  BOOST_TEST(member(access, "entitlements.api_requests.usage") == "1");
}

// The clock's move is committed, then what falls due runs, in transactions of its own: one that traps runs again.
BOOST_AUTO_TEST_CASE(a_trap_while_the_clock_moves_delays_what_falls_due_and_loses_nothing) {
  const ScratchFolder folder;
  Control control(folder.path);
  make_catalog(control);
  control.post("customers", R"({"key":"acme","name":"Acme"})");
  const std::string subscription =
      member(control.post("subscriptions", R"({"plan":{"key":"starter"},"customerKey":"acme"})"), "id");
  int delayed = 0;
  for (std::int64_t nth = 1;; ++nth) {
    const std::string before = member(control.get("test-clock"), "now");
    control.trap_at = nth;
    const control::Response response = control.post("test-clock/advance", R"({"by":"P1M"})");
    const bool fired = control.trap_at == 0;
    control.trap_at = 0;
    control::Response clock = control.get("test-clock");
    for (int i = 0; i < 20 && !member(clock, "advancingTo").empty(); ++i) clock = control.get("test-clock");
    BOOST_TEST(member(clock, "advancingTo") == "");
    BOOST_TEST((member(clock, "now").substr(0, 10) != before.substr(0, 10)) == response.commits());
    if (!fired) break;
    if (response.commits()) ++delayed;
  }
  BOOST_TEST(delayed > 0);
  BOOST_TEST(member(control.get("subscriptions/" + subscription), "status") == "active");
}

BOOST_AUTO_TEST_CASE(what_was_answered_is_there_when_it_is_opened_again) {
  const ScratchFolder folder;
  std::string subscription;
  {
    Control control(folder.path);
    make_catalog(control);
    control.post("customers", R"({"key":"acme","name":"Acme"})");
    subscription = member(control.post("subscriptions", R"({"plan":{"key":"starter"},"customerKey":"acme"})"), "id");
    BOOST_TEST(control.post("events", event_json(subscription, "e1")).status == 204);
  }
  Control control(folder.path);
  BOOST_TEST(member(control.get("customers/acme"), "name") == "Acme");
  BOOST_TEST(control.post("events", event_json(subscription, "e1")).status == 204);
  BOOST_TEST(member(control.get("subscriptions/" + subscription + "/access"), "entitlements.api_requests.usage") ==
             "1");
}

BOOST_AUTO_TEST_CASE(more_ledgers_than_may_be_open_at_once) {
  const ScratchFolder folder;
  Control control(folder.path, {.open_ledgers = 2});
  make_catalog(control);
  std::vector<std::string> subscriptions;
  for (const char* customer : {"a", "b", "c", "d", "e"}) {
    control.post("customers", R"({"key":")" + std::string(customer) + R"(","name":"N"})");
    const std::string order = R"({"plan":{"key":"starter"},"customerKey":")" + std::string(customer) + "\"}";
    subscriptions.push_back(member(control.post("subscriptions", order), "id"));
  }
  for (const char* id : {"e1", "e2", "e3"}) {
    for (const std::string& one : subscriptions) BOOST_TEST(control.post("events", event_json(one, id)).status == 204);
  }
  for (const std::string& one : subscriptions) {
    BOOST_TEST(member(control.get("subscriptions/" + one + "/access"), "entitlements.api_requests.usage") == "3");
  }
}

BOOST_AUTO_TEST_CASE(the_working_copy_of_a_developer_is_seeded_once) {
  const ScratchFolder folder;
  constexpr const char* kSeed =
      R"({"name":"s","steps":[{"method":"POST","path":"/customers","body":{"key":"a","name":"A"}}]})";
  for (int i = 0; i < 2; ++i) {
    Control control(folder.path, {.seed = kSeed});
    BOOST_TEST(member(control.get("customers"), "totalCount") == "1");
  }
}

BOOST_AUTO_TEST_CASE(a_path_without_a_bucket_is_the_modules_to_refuse) {
  const ScratchFolder folder;
  Control control(folder.path);
  for (const char* path : {"/v3/metering/staging/plans", "/v3/metering/..%2f/plans", "/v3/", "/v3/metering/preview"}) {
    const control::Response response = control.host().serve({"GET", path, path, {}, {}});
    BOOST_TEST((response.status == 401 || response.status == 404), path << " " << response.status);
  }
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path)) {
    BOOST_TEST(entry.path().string().find("staging") == std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tollgate::test
