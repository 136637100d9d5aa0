// The time that a bucket lives in, on a control plane whose clock a test moves.

#include "host-bindings/wasmtime/serve/domain_clock.h"

#include "host-bindings/wasmtime/control/machine_clock.h"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <string>
#include <thread>

namespace tollgate::serve {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kHourMs = 3'600'000;

/// Says where its clock stands.
class Moved final : public ControlPlane {
 public:
  Result<PlaneAnswer, std::string> ask(const Question&) override {
    ++asked;
    std::this_thread::sleep_for(takes);
    if (is_down) return fail(std::string("down"));
    char now[kInstantText];
    const std::size_t length = write_instant(position, now);
    return PlaneAnswer{
        200, R"({"now":")" + std::string(now, length) + R"(","set":true,"frozen":)" + (is_frozen ? "true}" : "false}")};
  }
  std::uint64_t clock_moves() const override { return moves; }

  void move(Instant to) {
    position = to;
    ++moves;
  }

  Instant position = host::machine_now();
  bool is_frozen = false;
  bool is_down = false;
  milliseconds takes{0};
  std::atomic<int> asked = 0;
  std::uint64_t moves = 1;
};

std::int64_t distance(Instant a, Instant b) { return a.ms > b.ms ? a.ms - b.ms : b.ms - a.ms; }

}  // namespace

BOOST_AUTO_TEST_SUITE(domain_clock)

// T4
BOOST_AUTO_TEST_CASE(steps_in_either_direction_are_followed_when_they_are_seen) {
  Moved plane;
  DomainClock clock("working-copy", plane);
  const Instant start = plane.position;
  for (const std::int64_t hours : {0, 1, 0, -1, 0}) {
    plane.move({start.ms + hours * kHourMs});
    clock.refresh();
    BOOST_TEST(distance(clock.now(), plane.position) < 1'000);
    // Seen once, it is asked about again after a second only.
    const int asked = plane.asked.load();
    clock.refresh();
    BOOST_TEST(plane.asked == asked);
  }
}

BOOST_AUTO_TEST_CASE(it_goes_on_from_where_it_was_while_nobody_answers) {
  Moved plane;
  plane.position = {plane.position.ms + 5 * kHourMs};
  DomainClock clock("working-copy", plane);
  clock.refresh();
  const Instant before = clock.now();
  plane.is_down = true;
  plane.move({0});
  clock.refresh();
  std::this_thread::sleep_for(milliseconds(30));
  const Instant after = clock.now();
  BOOST_TEST(after.ms - before.ms >= 30);
  BOOST_TEST(after.ms - before.ms < 2'000);
}

// S11
BOOST_AUTO_TEST_CASE(nobody_waits_for_long_for_who_asks) {
  Moved plane;
  plane.takes = milliseconds(1'500);
  DomainClock clock("working-copy", plane);
  std::thread asking([&] { clock.refresh(); });
  while (plane.asked == 0) std::this_thread::sleep_for(milliseconds(1));
  const auto started = std::chrono::steady_clock::now();
  clock.refresh();
  BOOST_TEST((std::chrono::steady_clock::now() - started < milliseconds(1'000)));
  asking.join();
  BOOST_TEST(plane.asked == 1);
}

BOOST_AUTO_TEST_CASE(a_frozen_one_stands_still) {
  Moved plane;
  plane.is_frozen = true;
  DomainClock clock("working-copy", plane);
  clock.refresh();
  std::this_thread::sleep_for(milliseconds(10));
  BOOST_TEST(clock.now().ms == plane.position.ms);
}

BOOST_AUTO_TEST_CASE(production_lives_in_real_time_and_asks_nobody) {
  Moved plane;
  plane.position = {0};
  DomainClock clock("production", plane);
  clock.refresh();
  BOOST_TEST(distance(clock.now(), host::machine_now()) < 1'000);
  BOOST_TEST(plane.asked == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tollgate::serve
