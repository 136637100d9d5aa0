// The gate: effects, events and what becomes of requests when an instance traps.

#include "host-bindings/common/gate.h"

#include "calendar/instant.h"
#include "host-bindings/common/memory_kv.h"
#include "json/document.h"
#include "tests/unit/hosts/edge_fixture.h"
#include "tests/unit/hosts/small_module.h"

#include <cmath>
#include <vector>

namespace tollgate::host::test {
namespace {

/// A control plane that answers everybody the same, behind a KV in memory.
class OneAnswer final : public SnapshotSource {
 public:
  Lookup answer{.status = 200, .body = snapshot(5)};
  int fetched = 0;
  MemoryKv kv;

  double clock = kNow;  ///< moved on by what takes its time
  double kv_takes = 0;
  double fetch_takes = 0;

  Lookup kv_get(std::string_view digest, double now_ms) override {
    clock += kv_takes;
    return kv.get(digest, now_ms);
  }
  void kv_put(std::string_view digest, std::string_view body, double taken_at_ms, std::uint32_t seconds,
              double now_ms) override {
    kv.put(digest, body, taken_at_ms, seconds, now_ms);
  }
  Lookup fetch(std::string_view, double) override {
    ++fetched;
    clock += fetch_takes;
    return answer;
  }
};

std::unique_ptr<Gate> open(MakeEdge make_edge, SnapshotSource& source, GateOptions options) {
  auto gate = Gate::open(std::move(make_edge), random_seed, source, std::move(options));
  if (!gate.ok()) BOOST_FAIL(gate.error());
  return std::move(*gate);
}

template <class Host>
std::unique_ptr<Gate> open(SnapshotSource& source, const std::string& options = kOneRequest) {
  return open(Host::maker(), source, {.policies = policies(options)});
}

Request request_of(double now = kNow) {
  return {.credential = "Bearer k1", .path = "/todos", .id = "req_1", .now_ms = now};
}

std::string member(const std::string& json, const char* name) {
  json::Document document;
  BOOST_REQUIRE_MESSAGE(document.parse(json).ok(), json);
  return std::string(document.root().member(name).text());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gate)

BOOST_AUTO_TEST_CASE_TEMPLATE(allows_meters_and_sends, Host, Hosts) {
  OneAnswer source;
  const auto gate = open<Host>(source);
  const Decision decision = gate->check(request_of());
  BOOST_REQUIRE(decision.allowed);
  const auto state = gate->add_meters({}, R"({"api_requests":2})");
  BOOST_REQUIRE(state.ok());
  BOOST_TEST(!gate->add_meters(*state, R"({"api_requests":-1})").ok());
  BOOST_TEST(gate->finish(decision.ticket, 200, *state).ok());
  BOOST_TEST(!gate->finish(decision.ticket, 200, {}).ok());  // finished already

  std::vector<std::string> tries;
  const auto refusing = [&](const EventBatch& batch) {
    tries.emplace_back(batch.body);
    return false;
  };
  const auto taking = [&](const EventBatch& batch) {
    tries.emplace_back(batch.body);
    return true;
  };
  BOOST_TEST(gate->drain(refusing) == 0);
  BOOST_TEST(gate->drain(taking) == 1);
  BOOST_TEST(gate->drain(taking) == 0);
  BOOST_REQUIRE(tries.size() == 2);
  BOOST_TEST(tries[0] == tries[1]);
  BOOST_TEST(has(tries[0], R"("total":3)"));
  BOOST_TEST(source.fetched == 1);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(another_instance_finds_the_snapshot_in_kv, Host, Hosts) {
  OneAnswer source;
  BOOST_TEST(open<Host>(source)->check(request_of()).allowed);
  BOOST_TEST(open<Host>(source)->check(request_of(kNow + 59'999)).allowed);
  BOOST_TEST(source.fetched == 1);
  BOOST_TEST(open<Host>(source)->check(request_of(kNow + 60'000)).allowed);
  BOOST_TEST(source.fetched == 2);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_answer_too_large_to_hand_over_is_an_outage, Host, Hosts) {
  OneAnswer source;
  source.answer.body = std::string(1'000'000, ' ') + snapshot(5);
  const auto gate = open<Host>(source);
  const Decision decision = gate->check(request_of());
  BOOST_TEST(!decision.allowed);
  BOOST_TEST(member(decision.problem, "detail") == "Authorization Failed");
  source.answer.body = snapshot(5);
  BOOST_TEST(gate->check(request_of()).allowed);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_path_of_any_length_is_answered, Host, Hosts) {
  OneAnswer source;
  const auto gate = open<Host>(source);
  const std::string path(100'000, '"');
  const std::string header(100'000, 'x');
  const Decision decision = gate->check({.credential = header, .path = path, .id = path, .now_ms = kNow});
  BOOST_TEST(decision.status == 403);
  BOOST_TEST(path.starts_with(member(decision.problem, "instance")));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(quota_headers_come_with_the_decision, Host, Hosts) {
  OneAnswer source;
  source.answer.body = snapshot(1);
  BOOST_TEST(open<Host>(source)->check(request_of()).quota_headers.empty());

  const auto gate = open<Host>(source, R"({"meters":{"api_requests":1},"quota":"cached","quotaHeaders":true})");
  const Decision allowed = gate->check(request_of());
  BOOST_TEST(allowed.allowed);
  BOOST_TEST(allowed.quota_headers ==
             "RateLimit-Policy: \"api_requests\";q=10;w=2678400\n"
             "RateLimit: \"api_requests\";r=0;t=1432800\n");
  const Decision spent = gate->check(request_of());
  BOOST_TEST(!spent.allowed);
  // Never later than a recheck could help (S4.5), which is after five seconds.
  BOOST_TEST(
      has("Retry-After: 1\nRetry-After: 2\nRetry-After: 3\nRetry-After: 4\nRetry-After: 5\n", spent.quota_headers));
  BOOST_TEST(!spent.quota_headers.empty());
  BOOST_TEST(member(spent.problem, "code") == "quota_exhausted");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_configuration_with_a_mistake_is_refused_in_words, Host, Hosts) {
  OneAnswer source;
  const auto error = [&](GateOptions options) {
    const auto gate = Gate::open(Host::maker(), random_seed, source, std::move(options));
    return gate.ok() ? std::string() : gate.error();
  };
  BOOST_TEST(has(error({.policies = policies(R"({"meters":{}})")}), "meters"));
  BOOST_TEST(has(error({.policies = "hello"}), "configuration"));
  BOOST_TEST(has(error({.policies = policies("[]")}), "options"));
  BOOST_TEST(has(error({.policies = policies("null")}), "options"));
  BOOST_TEST(has(error({.policies = policies("{}") + std::string(100'000, ' ')}), "larger"));
  BOOST_TEST(has(error({.policies = policies("{}"), .build_id = std::string(65, 'b')}), "build id"));
  BOOST_TEST(error({.policies = policies("{}"), .build_id = std::string(64, 'b')}) == "");
  BOOST_TEST(has(error({.policies = policies("{}"), .bucket = std::string(65, 'b')}), "bucket"));
  BOOST_TEST(error({.policies = policies("{}"), .bucket = std::string(64, 'b')}) == "");
}

// S4.2
BOOST_AUTO_TEST_CASE_TEMPLATE(a_snapshot_is_judged_when_it_is_there_and_is_as_old_as_the_question, Host, Hosts) {
  OneAnswer source;
  // A fresh instance for each: the native build has one at a time.
  const auto ask = [&](double came) {
    source.clock = came;
    const auto gate =
        open(Host::maker(), source, {.policies = policies(kOneRequest), .now = [&] { return source.clock; }});
    return gate->check(request_of(came));
  };
  source.kv_takes = 4'000;
  source.fetch_takes = 5'000;
  BOOST_TEST(ask(kNow).allowed);
  BOOST_TEST(source.kv.get(digest_of("k1"), kNow).taken_at_ms == kNow + 4'000);

  // 55 s old when KV is asked, past its minute when KV has answered.
  source.kv_takes = 10'000;
  BOOST_TEST(ask(kNow + 59'000).allowed);
  BOOST_TEST(source.fetched == 2);

  // A refusal is dated by then, too.
  source.answer = {.status = 404};
  BOOST_TEST(has(ask(kNow + 10 * kMinute).problem, R"("timestamp":"2026-01-15T10:10:15Z")"));
}

// S4.2
BOOST_AUTO_TEST_CASE_TEMPLATE(an_age_in_kv_is_handed_over_as_it_is_stored, Host, Hosts) {
  OneAnswer source;
  source.answer = {.status = 404};
  source.kv.put(digest_of("k1"), snapshot(5), kNow + 60 * kMinute, 600, kNow);
  const auto gate = open<Host>(source);
  BOOST_TEST(!gate->check(request_of()).allowed);  // from the future: due, and not known any more
  BOOST_TEST(source.fetched == 1);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_age_in_kv_that_is_none_is_a_kv_that_failed, Host, Hosts) {
  for (const double age : {std::nan(""), 1e300, -1e300, HUGE_VAL}) {
    OneAnswer source;
    source.kv.put(digest_of("k1"), snapshot(5), age, 600, kNow);
    const auto gate = open<Host>(source);
    BOOST_TEST(gate->check(request_of()).allowed);
    BOOST_TEST(gate->counters().traps == 0U);
    BOOST_TEST(gate->counters().kv_reads_failed == 1U);
  }
}

// S4.4
BOOST_AUTO_TEST_CASE_TEMPLATE(a_credential_that_is_refused_is_an_outage_and_counted_apart, Host, Hosts) {
  for (const int status : {401, 403}) {
    OneAnswer source;
    const auto gate = open<Host>(source);
    BOOST_TEST(gate->check(request_of()).allowed);
    source.answer = {.status = status};
    BOOST_TEST(gate->check(request_of(kNow + 2 * kMinute)).allowed, status);
    BOOST_TEST(!gate->check({.credential = "Bearer k2", .now_ms = kNow}).allowed);
    BOOST_TEST(gate->counters().lookups == 3U);
    BOOST_TEST(gate->counters().credential_refused == 2U);
    BOOST_TEST(gate->counters().lookups_failed == 0U);
  }
}

// S6.1
BOOST_AUTO_TEST_CASE_TEMPLATE(another_buckets_snapshot_is_no_answer, Host, Hosts) {
  OneAnswer source;
  source.answer.body.insert(1, R"("bucket":"working-copy",)");
  const auto ours = open(Host::maker(), source, {.policies = policies(kOneRequest), .bucket = "working-copy"});
  BOOST_TEST(ours->check(request_of()).allowed);
  BOOST_TEST(ours->counters().lookups_failed == 0U);
}
BOOST_AUTO_TEST_CASE_TEMPLATE(another_buckets_snapshot_is_counted_as_a_failure, Host, Hosts) {
  OneAnswer source;
  source.answer.body.insert(1, R"("bucket":"working-copy",)");
  const auto others = open(Host::maker(), source, {.policies = policies(kOneRequest), .bucket = "preview"});
  const Decision refused = others->check(request_of());
  BOOST_TEST(!refused.allowed);
  BOOST_TEST(has(refused.problem, "Authorization Failed"));
  BOOST_TEST(others->counters().lookups_failed == 1U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(garbage_is_counted, Host, Hosts) {
  OneAnswer source;
  source.answer.body = "<html>";
  const auto gate = open<Host>(source);
  BOOST_TEST(!gate->check(request_of()).allowed);
  BOOST_TEST(gate->counters().lookups_failed == 1U);
}

// S4.3
BOOST_AUTO_TEST_CASE_TEMPLATE(a_refusal_with_503_says_when_to_come_back_whatever_the_policy_wants, Host, Hosts) {
  OneAnswer source;
  EdgeInstance* edge = nullptr;
  const auto spying = [&]() {
    auto made = Host::maker()();
    if (made.ok()) edge = made->get();
    return made;
  };
  const auto gate = open(spying, source, {.policies = policies(kOneRequest)});
  for (int i = 0; i < 256; ++i) static_cast<void>(edge->check(0, edge->put("Bearer u" + std::to_string(i)), kNow).ok());
  const Decision refused = gate->check(request_of());
  BOOST_TEST(refused.status == 503U);
  BOOST_TEST(member(refused.problem, "code") == "overloaded");
  BOOST_TEST(has(refused.quota_headers, "Retry-After: "));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(who_holds_a_look_up_and_is_gone_holds_up_nobody, Host, Hosts) {
  OneAnswer source;
  EdgeInstance* edge = nullptr;
  const auto spying = [&]() {
    auto made = Host::maker()();
    if (made.ok()) edge = made->get();
    return made;
  };
  const auto gate = open(spying, source, {.policies = policies(kOneRequest)});
  BOOST_TEST(*edge->check(0, edge->put("Bearer k1"), kNow) == 0);  // and never goes on
  BOOST_TEST(gate->check(request_of()).allowed);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(gate_after_a_trap)

BOOST_AUTO_TEST_CASE(fails_closed_and_goes_on_with_a_fresh_instance) {
  OneAnswer source;
  const auto module = SmallModule().compile(InstanceLimits::serving());
  const auto gate = open(module->maker(), source, {.policies = "[]", .build_id = "build_1"});
  const Decision before = gate->check(request_of(1000));
  BOOST_REQUIRE(before.allowed);

  const Decision lost = gate->check(request_of(kUnreachable));
  BOOST_TEST(!lost.allowed);
  BOOST_TEST(lost.status == 503);
  BOOST_TEST(member(lost.problem, "status") == "503");
  BOOST_TEST(member(lost.problem, "title") == "Service Unavailable");
  BOOST_TEST(member(lost.problem, "instance") == "/todos");
  BOOST_TEST(has(lost.problem, R"("requestId":"req_1","buildId":"build_1")"));
  BOOST_TEST(lost.quota_headers == "Retry-After: 1\n");
  BOOST_TEST(gate->counters().traps == 1);
  BOOST_TEST(gate->counters().failed_closed == 1);

  const Decision after = gate->check(request_of(1000));
  BOOST_TEST(after.allowed);
  // What the lost instance had allowed is not finished on the new one, though the handles are equal.
  BOOST_TEST(before.ticket.handle == after.ticket.handle);
  BOOST_TEST(gate->finish(before.ticket, 200, {}).ok());
  BOOST_TEST(gate->counters().lost_requests == 1);
  BOOST_TEST(gate->finish(after.ticket, 200, {}).ok());
  BOOST_TEST(gate->counters().lost_requests == 1);
  // Its outbox had three events, as `tg_finish` said; they go down with it.
  BOOST_TEST(!gate->check(request_of(kOutOfBounds)).allowed);
  BOOST_TEST(gate->counters().lost_events == 3);
  BOOST_TEST(gate->counters().traps == 2);
}

BOOST_AUTO_TEST_CASE(fails_open_where_it_is_told_to) {
  OneAnswer source;
  const auto module = SmallModule().compile(InstanceLimits::counting());
  const auto gate = open(module->maker(), source, {.policies = "[]", .on_trap = FailureMode::open});
  const Decision lost = gate->check(request_of(kEndless));
  BOOST_TEST(lost.allowed);
  BOOST_TEST(gate->finish(lost.ticket, 200, {}).ok());
  gate->abandon(lost.ticket);
  BOOST_TEST(gate->counters().failed_open == 1);
  BOOST_TEST(gate->counters().lost_requests == 0);
}

BOOST_AUTO_TEST_CASE(goes_on_failing_while_there_is_no_instance_and_recovers) {
  OneAnswer source;
  const auto module = SmallModule().compile(InstanceLimits::serving());
  bool broken = false;
  const auto make = [&]() -> Result<std::unique_ptr<EdgeInstance>, std::string> {
    if (broken) return fail(std::string("no memory"));
    return module->maker()();
  };
  const auto gate = open(make, source, {.policies = "[]"});
  broken = true;
  BOOST_TEST(gate->check(request_of(kUnreachable)).status == 503);
  BOOST_TEST(gate->check(request_of(1000)).status == 503);
  BOOST_TEST(!gate->add_meters({}, "{}").ok());
  BOOST_TEST(gate->drain([](const EventBatch&) { return true; }) == 0);
  BOOST_TEST(gate->stats() == "{}");
  BOOST_TEST(gate->counters().traps == 1);
  BOOST_TEST(gate->counters().failed_closed == 2);
  broken = false;
  BOOST_TEST(gate->check(request_of(1000)).allowed);
}

BOOST_AUTO_TEST_CASE(the_real_module_is_replaced_too) {
  OneAnswer source;
  const auto gate = open<WasmtimeWasi>(source);
  BOOST_TEST(gate->check(request_of()).allowed);
  BOOST_TEST(gate->check(request_of(1e300)).status == 503);  // no clock says that
  BOOST_TEST(gate->check(request_of()).allowed);
  BOOST_TEST(source.fetched == 1);  // the new one finds the snapshot in KV
  BOOST_TEST(gate->counters().traps == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tollgate::host::test
