// Events from the gate to the control plane: several batches at once, what is refused, and the end (M5).

#include "host-bindings/wasmtime/serve/event_delivery.h"

#include "tests/unit/hosts/edge_fixture.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>
#include <vector>

namespace tollgate::serve {
namespace {

using namespace std::chrono_literals;
using host::test::kNow;

/// Knows every key, each of a subscription of its own, so that nothing merges.
class ManySubscriptions final : public host::SnapshotSource {
 public:
  host::Lookup kv_get(std::string_view, double) override { return {.status = 404}; }
  void kv_put(std::string_view, std::string_view, double, std::uint32_t, double) override {}
  host::Lookup fetch(std::string_view, double) override {
    std::string text = host::test::snapshot(100'000);
    const std::string number = std::to_string(100'000 + ++known_);
    text.replace(text.find("0V9N21GH"), 6, number);
    return {.status = 200, .body = std::move(text)};
  }

 private:
  int known_ = 0;
};

/// A control plane that keeps what it is sent, and answers as it is told.
class Plane final : public ControlPlane {
 public:
  using Rule = std::function<PlaneAnswer(const Question&, std::size_t events)>;

  explicit Plane(Rule rule) : rule_(std::move(rule)) {}

  Result<PlaneAnswer, std::string> ask(const Question& question) override {
    json::Document document;
    BOOST_REQUIRE(document.parse(question.body).ok());
    const bool is_letter = question.path.ends_with("/dead-letters");
    std::unique_lock lock(mutex_);
    if (!is_letter) posted_.push_back(document.root().size());
    signal_.wait(lock, [this] { return !held_; });
    const PlaneAnswer answer = rule_(question, document.root().size());
    if (answer.status != 204) return answer;
    if (is_letter) ++letters_;
    if (!is_letter) {
      for (const json::Value event : document.root()) ids_.emplace(event.member("id").text());
    }
    return answer;
  }

  void hold(bool held) {
    const std::lock_guard lock(mutex_);
    held_ = held;
    signal_.notify_all();
  }
  /// Events of each request, in the order in which they came.
  std::vector<std::size_t> posted() const {
    const std::lock_guard lock(mutex_);
    return posted_;
  }
  std::size_t distinct() const {
    const std::lock_guard lock(mutex_);
    return ids_.size();
  }
  std::size_t letters() const {
    const std::lock_guard lock(mutex_);
    return letters_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable signal_;
  Rule rule_;
  bool held_ = false;
  std::vector<std::size_t> posted_;
  std::set<std::string, std::less<>> ids_;
  std::size_t letters_ = 0;
};

PlaneAnswer taken(const ControlPlane::Question& /*question*/, std::size_t /*events*/) { return {204, {}}; }

/// Refuses the event of this index for as long as the batch has it, which is one longer than `clean`.
Plane::Rule refusing(std::string index, std::size_t clean) {
  return [=](const ControlPlane::Question& question, std::size_t events) -> PlaneAnswer {
    if (question.path.ends_with("/dead-letters") || events == clean) return {204, {}};
    return {400, R"({"detail":"bad","invalidParameters":[{"field":"events[)" + index +
                     R"(].type","rule":"exists","message":"is unknown"}]})"};
  };
}

struct World {
  ManySubscriptions source;
  std::unique_ptr<host::Gate> gate;

  explicit World(const char* options = host::test::kOneRequest) {
    auto opened = host::Gate::open(host::test::WasmtimeWasi::maker(), host::random_seed, source,
                                   {.policies = host::test::policies(options)});
    if (!opened.ok()) BOOST_FAIL(opened.error());
    gate = std::move(*opened);
  }

  /// As many requests with as many keys.
  void use(int keys) {
    for (int i = 0; i < keys; ++i) use(std::to_string(next_++));
  }
  void use(const std::string& key) {
    const std::string credential = "Bearer k" + key;
    const host::Decision decision = gate->check({.credential = credential, .now_ms = kNow});
    BOOST_REQUIRE(decision.allowed);
    BOOST_REQUIRE(gate->finish(decision.ticket, 200, {}).ok());
  }

 private:
  int next_ = 0;
};

template <class Condition>
bool becomes(Condition condition) {
  for (const auto until = std::chrono::steady_clock::now() + 10s; std::chrono::steady_clock::now() < until;) {
    if (condition()) return true;
    std::this_thread::sleep_for(5ms);
  }
  return false;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(event_delivery)

BOOST_AUTO_TEST_CASE(several_batches_are_under_way_at_once) {
  World world;
  Plane plane(taken);
  plane.hold(true);
  world.use(450);
  EventDelivery delivery(*world.gate, plane, "working-copy");
  delivery.start();
  BOOST_TEST(becomes([&] { return plane.posted().size() == 4; }));
  BOOST_TEST(world.gate->owed().out == 400U);
  BOOST_TEST(world.gate->owed().waiting == 50U);
  plane.hold(false);
  BOOST_TEST(delivery.finish(10s) == 0U);
  BOOST_TEST(plane.distinct() == 450U);
  BOOST_TEST(delivery.counters().accepted == 450U);
  BOOST_TEST(world.gate->counters().events_sent == 450U);
}

BOOST_AUTO_TEST_CASE(a_full_batch_does_not_wait_for_the_interval) {
  World world;
  Plane plane(taken);
  EventDelivery delivery(*world.gate, plane, "working-copy");
  delivery.start();
  const auto began = std::chrono::steady_clock::now();
  std::chrono::steady_clock::duration spent{};
  // Ten times: threads of a busy machine may take long now and then.
  for (int i = 0; i < 10; ++i) {
    world.use(100);
    const auto used = std::chrono::steady_clock::now();
    BOOST_TEST(becomes([&] { return plane.distinct() == 100U * static_cast<std::size_t>(i + 1); }));
    spent += std::chrono::steady_clock::now() - used;
  }
  BOOST_TEST((spent < 1s), "within " << (std::chrono::steady_clock::now() - began) / 1ms << " ms");
}

BOOST_AUTO_TEST_CASE(one_refused_event_of_a_hundred_leaves_the_others_in_one_request) {
  World world;
  Plane plane(refusing("7", 99));
  world.use(100);
  EventDelivery delivery(*world.gate, plane, "working-copy");
  delivery.start();
  BOOST_TEST(delivery.finish(10s) == 0U);
  BOOST_TEST(plane.posted() == (std::vector<std::size_t>{100, 99}), boost::test_tools::per_element());
  BOOST_TEST(plane.distinct() == 99U);
  BOOST_TEST(plane.letters() == 1U);
  BOOST_TEST(delivery.counters().accepted == 99U);
  BOOST_TEST(delivery.counters().rejected == 1U);
}

BOOST_AUTO_TEST_CASE(a_batch_is_confirmed_when_its_dead_letters_are_stored_not_before) {
  World world;
  int letters = 0;
  const Plane::Rule rule = refusing("0", 2);
  Plane plane([&](const ControlPlane::Question& question, std::size_t events) -> PlaneAnswer {
    if (question.path.ends_with("/dead-letters") && ++letters < 3) return {503, "down"};
    return rule(question, events);
  });
  world.use(3);
  EventDelivery delivery(*world.gate, plane, "working-copy");
  delivery.start();
  BOOST_TEST(becomes([&] { return plane.letters() == 1; }));
  BOOST_TEST(delivery.finish(10s) == 0U);
  BOOST_TEST(letters == 3);
  BOOST_TEST(plane.distinct() == 2U);
  BOOST_TEST(delivery.counters().accepted == 2U);
  BOOST_TEST(delivery.counters().rejected == 1U);
}

// S4.4: garbage is an outage, whatever status it has; what it says it took would be lost.
BOOST_AUTO_TEST_CASE(an_answer_that_is_not_the_control_planes_commits_nothing) {
  for (const int status : {200, 202, 302, 401, 403, 404, 429, 500}) {
    World world;
    Plane plane([&](const ControlPlane::Question&, std::size_t) -> PlaneAnswer { return {status, "<html>{]"}; });
    world.use(3);
    EventDelivery delivery(*world.gate, plane, "working-copy");
    delivery.start();
    BOOST_TEST(delivery.finish(50ms) == 3U, "status " << status);
  }
}

BOOST_AUTO_TEST_CASE(the_end_waits_for_a_control_plane_that_comes_back) {
  World world;
  int asked = 0;
  Plane plane([&](const ControlPlane::Question&, std::size_t) -> PlaneAnswer {
    return ++asked < 3 ? PlaneAnswer{503, "down"} : PlaneAnswer{204, {}};
  });
  world.use(3);
  EventDelivery delivery(*world.gate, plane, "working-copy");
  delivery.start();
  BOOST_TEST(delivery.finish(30s) == 0U);
  BOOST_TEST(plane.distinct() == 3U);
}

BOOST_AUTO_TEST_CASE(the_end_is_bounded_and_tells_what_is_left) {
  World world;
  Plane plane([](const ControlPlane::Question&, std::size_t) -> PlaneAnswer { return {503, "down"}; });
  world.use(250);
  EventDelivery delivery(*world.gate, plane, "working-copy");
  delivery.start();
  const auto began = std::chrono::steady_clock::now();
  BOOST_TEST(delivery.finish(700ms) == 250U);
  BOOST_TEST((std::chrono::steady_clock::now() - began < 5s));
  // Not a request for every turn of a loop.
  BOOST_TEST(plane.posted().size() < 40U);
}

BOOST_AUTO_TEST_CASE(M10_what_is_lost_is_one_figure_whoever_has_lost_it) {
  World world;
  // Batches are out, and nothing is taken.
  world.use(150);
  const auto out = world.gate->next_batch();
  BOOST_REQUIRE(out.has_value());
  BOOST_TEST(world.gate->stats().find("eventsLost") == std::string::npos);
  BOOST_TEST(!world.gate->check({.credential = "Bearer k1", .now_ms = 1e300}).allowed);
  BOOST_TEST(world.gate->counters().traps == 1U);
  // Those that waited are lost; those that are under way are when it is known.
  BOOST_TEST(world.gate->counters().lost_events == 50U);
  world.gate->confirm(*out, false);
  BOOST_TEST(world.gate->counters().lost_events == 150U);
  BOOST_TEST(world.gate->owed().waiting + world.gate->owed().out == 0U);
}

BOOST_AUTO_TEST_CASE(M10_what_an_instance_has_no_room_for_is_in_the_figure_too) {
  World world(R"({"meters":{"api_requests":1},"quota":"cached","merge":false,"whenUndeliverable":"allow"})");
  std::uint64_t used = 0;
  for (; world.gate->counters().lost_events == 0 && used < 20'000; ++used) world.use("1");
  BOOST_TEST(world.gate->counters().lost_events == 1U);
  BOOST_TEST(world.gate->counters().lost_events == 1U);
  BOOST_TEST(world.gate->owed().waiting == used - 1);
  BOOST_TEST(!world.gate->check({.credential = "Bearer k1", .now_ms = 1e300}).allowed);
  BOOST_TEST(world.gate->counters().lost_events == used);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tollgate::serve
