// What wasmtime keeps a module from doing: running on, using memory, taking its host with it.

#include "host-bindings/wasmtime/wasmtime_edge.h"
#include "tests/unit/hosts/edge_fixture.h"
#include "tests/unit/hosts/small_module.h"

#include <chrono>

namespace tollgate::host::test {
namespace {

constexpr double kFine = 1000;

std::unique_ptr<WasmtimeEdge> instance_of(EdgeModule& module) {
  auto edge = module.instantiate();
  if (!edge.ok()) BOOST_FAIL(edge.error());
  return std::move(*edge);
}

/// Why `tg_check` at `now` ended without an answer.
TrapCause cause_at(EdgeInstance& edge, double now) {
  const auto result = edge.check(0, TG_NO_HEADER, now);
  BOOST_REQUIRE(!result.ok());
  BOOST_TEST(!result.error().message.empty());
  return result.error().cause;
}

std::string refusal(const SmallModule& text, InstanceLimits limits = InstanceLimits::counting()) {
  const auto module = text.try_compile(limits);
  if (!module.ok()) return module.error();
  const auto edge = (*module)->instantiate();
  return edge.ok() ? "" : edge.error();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(wasmtime_host)

BOOST_AUTO_TEST_CASE(a_trap_ends_the_instance_and_no_other) {
  for (const Misbehaviour how : {kUnreachable, kRecursive, kOutOfBounds}) {
    const auto module = SmallModule().compile(InstanceLimits::serving());
    const auto broken = instance_of(*module);
    const auto other = instance_of(*module);
    BOOST_TEST(*broken->check(0, TG_NO_HEADER, kFine) == 7);
    BOOST_TEST((cause_at(*broken, how) == TrapCause::fault));
    BOOST_TEST((cause_at(*broken, kFine) == TrapCause::dead));
    BOOST_TEST(!broken->stats().ok());
    BOOST_TEST(*other->check(0, TG_NO_HEADER, kFine) == 7);
    BOOST_TEST(*instance_of(*module)->check(0, TG_NO_HEADER, kFine) == 7);
  }
}

BOOST_AUTO_TEST_CASE(a_call_that_does_not_end_meets_its_deadline) {
  constexpr std::uint32_t kDeadlineMs = 40;
  const auto module = SmallModule().compile({.deadline_ms = kDeadlineMs});
  const auto edge = instance_of(*module);
  BOOST_TEST(*edge->check(0, TG_NO_HEADER, kFine) == 7);
  const auto begun = std::chrono::steady_clock::now();
  BOOST_TEST((cause_at(*edge, kEndless) == TrapCause::deadline));
  const auto took = std::chrono::steady_clock::now() - begun;
  BOOST_TEST((took >= std::chrono::milliseconds(kDeadlineMs)));
  BOOST_TEST((took < std::chrono::seconds(5)));  // generous: the machine may be busy
}

BOOST_AUTO_TEST_CASE(deadlines_are_for_each_call) {
  constexpr std::uint32_t kDeadlineMs = 8;
  const auto module = SmallModule().compile({.deadline_ms = kDeadlineMs});
  const auto edge = instance_of(*module);
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(4 * kDeadlineMs);
  while (std::chrono::steady_clock::now() < until) BOOST_REQUIRE_EQUAL(*edge->check(0, TG_NO_HEADER, kFine), 7);
}

BOOST_AUTO_TEST_CASE(a_call_that_does_not_end_runs_out_of_fuel) {
  const auto module = SmallModule().compile({.fuel_per_call = 10'000});
  const auto edge = instance_of(*module);
  const std::uint64_t before = edge->fuel_used();
  BOOST_TEST(*edge->check(0, TG_NO_HEADER, kFine) == 7);
  const std::uint64_t one = edge->fuel_used() - before;
  BOOST_TEST(one > 0);
  // Fuel is for each call: many cheap ones pass, and each costs the same.
  for (int i = 0; i < 10'000; ++i) BOOST_REQUIRE(edge->check(0, TG_NO_HEADER, kFine).ok());
  BOOST_TEST(edge->fuel_used() - before == 10'001 * one);
  BOOST_TEST((cause_at(*edge, kEndless) == TrapCause::fuel));
  BOOST_TEST(edge->fuel_used() - before == 10'001 * one + 10'000);
}

BOOST_AUTO_TEST_CASE(memory_is_capped) {
  const InstanceLimits two_pages{.memory_bytes = 2 * 65536};
  BOOST_TEST(refusal({.memory = "2 2"}, two_pages) == "");
  BOOST_TEST(has(refusal({.memory = "3 3"}, two_pages), "cannot be instantiated"));
  // The edge module itself is within the limit that all instances have.
  BOOST_TEST(refusal({.memory = "64 64"}) == "");
  BOOST_TEST(has(refusal({.memory = "65 65"}), "cannot be instantiated"));
}

BOOST_AUTO_TEST_CASE(a_module_of_another_shape_is_refused) {
  BOOST_TEST(refusal({}) == "");
  BOOST_TEST(has(refusal({.check = "tg_czech"}), "tg_check is missing"));
  BOOST_TEST(has(refusal({.check_type = "i32 i64 f64"}), "tg_check has another type"));
  BOOST_TEST(
      has(refusal({.import = R"((import "wasi_snapshot_preview1" "proc_exit" (func (param i32))))"}), "imports"));
  for (const char* outside : {"65500", "65532", "-4", "18"}) {
    BOOST_TEST(has(refusal({.mailbox = outside}), "does not lie in its memory"), outside);
  }
  const InstanceLimits limits = InstanceLimits::counting();
  BOOST_TEST(has(EdgeModule::load("no/such.wasm", limits).error(), "cannot be read"));
  const std::uint8_t text[] = {'h', 'e', 'l', 'l', 'o'};
  BOOST_TEST(has(EdgeModule::compile(text, limits).error(), "does not compile"));
}

BOOST_AUTO_TEST_CASE(a_bug_of_the_module_is_a_trap) {
  // An instant beyond what a clock can say is one of the module's own assertions.
  const auto made = WasmtimeWasi::maker()();
  BOOST_REQUIRE(made.ok());
  BOOST_TEST((cause_at(**made, 1e300) == TrapCause::fault));
}

BOOST_AUTO_TEST_CASE(the_native_build_has_one_instance) {
  auto first = NativeEdge::make();
  BOOST_REQUIRE(first.ok());
  BOOST_TEST(has(NativeEdge::make().error(), "one instance"));
  first->reset();
  BOOST_TEST(NativeEdge::make().ok());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tollgate::host::test
