// A subscription's life in days: what is known at any time is the burn-down of all of it, unit by unit.

#include "tests/reference/credit_reference.h"
#include "tests/unit/control/world/settlement_world.h"

#include <rapidcheck.h>

#include <algorithm>
#include <vector>

namespace {

using namespace tollgate;
using namespace tollgate::test;

constexpr std::int64_t kHourMs = 3'600'000;
constexpr int kDays = 140;
constexpr int kAllowance = 3;

int below(int limit) { return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, limit)); }

/// A subscription with an allowance a day, and the same in whole days and units for the reference.
struct DailyLife : SettlementWorld {
  struct Kept {
    std::string id;
    reference::PlainGrant plain;
  };

  DailyLife() : carries(below(2) == 0) {
    publish_plan(plan_json("daily", hard_card(std::string(R"("issueAfterReset":3,"usagePeriod":"P1D",)")
                                                  .append(R"("preserveOverageAtReset":)")
                                                  .append(carries ? "true" : "false"))));
    id = subscribe_to("daily");
    begin = now;
  }

  Instant day(int n) const { return {begin.ms + n * kMsPerDay}; }
  Instant within(int n) const { return {day(n).ms + kHourMs}; }

  void live(int today) {
    go(text_of(within(today)));
    for (int n = below(3); n > 0; --n) use_some(today);
    if (below(3) == 0) give(today);
    if (!kept.empty() && below(8) == 0)
      take_back(today, static_cast<std::size_t>(below(static_cast<int>(kept.size()))));
  }

  void use_some(int today) {
    const int age = below(3) == 0 ? below(std::min(today + 1, 34)) : 0;
    const int quantity = 1 + below(9) * (below(6) == 0 ? 9 : 1);
    use(id, "api_requests", std::to_string(quantity), text_of(within(today - age)));
    usage[static_cast<std::size_t>(today - age)] += quantity;
  }

  void give(int today) {
    reference::PlainGrant plain;
    plain.id = static_cast<int>(kept.size());
    plain.priority = below(2);
    plain.from = today + 1 + below(5);
    plain.remaining = 1 + below(9);
    std::string more =
        R"(,"priority":)" + std::to_string(plain.priority) + R"(,"effectiveAt":")" + text_of(day(plain.from)) + '"';
    if (below(2) == 0) {
      plain.expires = plain.from + 1 + below(40);
      more += R"(,"expiresAt":")" + text_of(day(plain.expires)) + '"';
    }
    kept.push_back({grant(id, std::to_string(plain.remaining), more), plain});
  }

  void take_back(int today, std::size_t index) {
    Kept& one = kept[index];
    if (one.plain.expires <= today) return;
    const std::string left = remaining()[index];
    BOOST_REQUIRE(call("DELETE", "subscriptions/" + id + "/grants/" + one.id).status() == 204);
    one.plain.remaining -= std::stoi(left);
  }

  Texts remaining() {
    Texts texts;
    const Reply list = get("subscriptions/" + id + "/grants?pageSize=100");
    for (json::Value one : list.value("items")) texts.push_back(std::string(one.member("remaining").text()));
    return texts;
  }

  void check(int today) {
    std::vector<reference::PlainAllowance> allowances;
    for (int n = 0; n < kDays; ++n) allowances.push_back({n, n + 1, kAllowance, carries && n > 0});
    std::vector<reference::PlainGrant> plain;
    for (const Kept& one : kept) plain.push_back(one.plain);
    const std::vector<int> by_day(usage.begin(), usage.begin() + today + 1);
    const auto expected = reference::burn_with_allowances(plain, allowances, by_day);
    Texts left;
    for (const auto& one : plain) left.push_back(std::to_string(one.expires <= today ? 0 : one.remaining));
    RC_LOG("day " + std::to_string(today));
    RC_ASSERT(balance(id) == std::to_string(expected.balance));
    RC_ASSERT(remaining() == left);
  }

  bool carries;
  std::string id;
  Instant begin;
  std::vector<int> usage = std::vector<int>(kDays);
  std::vector<Kept> kept;
};

BOOST_AUTO_TEST_SUITE(settling_through_a_life)

BOOST_AUTO_TEST_CASE(balances_are_those_of_a_burn_down_unit_by_unit) {
  BOOST_TEST(rc::check("lives of a subscription whose usage is late and whose grants come and go", [] {
    DailyLife life;
    for (int today = below(4); today < kDays; today += 1 + below(12)) {
      life.live(today);
      life.check(today);
    }
    RC_CLASSIFY(!life.settled_until().empty(), "settled");
  }));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
