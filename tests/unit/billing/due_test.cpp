#include "billing/due.h"

#include "json/plan.h"
#include "tests/reference/cases.h"
#include "tests/reference/due_reference.h"

#include <boost/test/unit_test.hpp>

#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace tollgate::billing {
namespace {

Instant instant(std::string_view text) { return *parse_instant(text); }

std::string text_of(Instant at) {
  char text[kInstantText];
  return {text, write_instant(at, text)};
}

std::string day_of(Instant at) { return text_of(at).substr(0, 10); }

catalog::Plan plan_of(const std::string& cadence, const std::string& phases) {
  const std::string body =
      R"({"key":"p","name":"P","currency":"USD","billingCadence":")" + cadence + R"(","phases":)" + phases + "}";
  json::Document document;
  BOOST_REQUIRE_MESSAGE(document.parse(body).ok(), body);
  Violations violations;
  catalog::Plan plan = json::read_plan(document.root(), violations);
  BOOST_REQUIRE_EQUAL(violations.size(), 0U);
  return plan;
}

std::string fee(const char* key, const char* cadence, const char* term = nullptr) {
  std::string text =
      std::string(R"({"type":"flat_fee","key":")") + key + R"(","name":"N","price":{"type":"flat","amount":"1")";
  if (term != nullptr) text += std::string(R"(,"paymentTerm":")") + term + "\"";
  text += "}";
  if (cadence != nullptr) text += std::string(R"(,"billingCadence":")") + cadence + "\"";
  return text + "}";
}

std::string usage(const char* key, const char* cadence) {
  return std::string(R"({"type":"usage_based","key":")") + key + R"(","featureKey":")" + key +
         R"(","name":"N","price":{"type":"unit","amount":"1"},"billingCadence":")" + cadence + "\"}";
}

Subscription subscription(const catalog::Plan& plan, const char* from, const char* to = nullptr,
                          const char* anchor = nullptr) {
  Subscription result{&plan, 0, instant(from), std::nullopt, instant(anchor != nullptr ? anchor : from)};
  if (to != nullptr) result.active_to = instant(to);
  return result;
}

/// Every line up to some moment, in one text: when it is due, its card, its period.
std::string told(const Subscription& subscription, const char* from, const char* to) {
  const auto lines = lines_due(subscription, instant(from), instant(to));
  BOOST_REQUIRE(lines.ok());
  std::string text;
  for (const DueLine& line : *lines) {
    text += day_of(line.due_at) + " " + line.card_of(subscription).key;
    if (line.period.has_value()) text += " " + day_of(line.period->from) + "/" + day_of(line.period->to);
    text += line.in_advance ? " advance\n" : " arrears\n";
  }
  return text;
}

BOOST_AUTO_TEST_CASE(in_advance_and_in_arrears_meet_at_the_boundary) {
  const catalog::Plan plan =
      plan_of("P1M", R"([{"key":"d","name":"D","rateCards":[)" + fee("base", "P1M") + "," + usage("calls", "P1M") +
                         "," + fee("setup", nullptr) + "," + fee("seats", "P1M", "in_arrears") + "]}]");
  const Subscription one = subscription(plan, "2026-01-31T00:00:00Z");
  BOOST_TEST(told(one, "2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z") ==
             "2026-01-31 base 2026-01-31/2026-02-28 advance\n"
             "2026-01-31 setup advance\n"
             "2026-02-28 base 2026-02-28/2026-03-31 advance\n"
             "2026-02-28 calls 2026-01-31/2026-02-28 arrears\n"
             "2026-02-28 seats 2026-01-31/2026-02-28 arrears\n"
             "2026-03-31 base 2026-03-31/2026-04-30 advance\n"
             "2026-03-31 calls 2026-02-28/2026-03-31 arrears\n"
             "2026-03-31 seats 2026-02-28/2026-03-31 arrears\n");
}

BOOST_AUTO_TEST_CASE(the_end_is_billed_and_nothing_after_it) {
  const catalog::Plan plan =
      plan_of("P1M", R"([{"key":"d","name":"D","rateCards":[)" + fee("base", "P1M") + "," + usage("calls", "P1M") +
                         "," + fee("exit", nullptr, "in_arrears") + "]}]");
  BOOST_TEST(told(subscription(plan, "2026-01-10T00:00:00Z", "2026-02-20T00:00:00Z"), "2026-01-11T00:00:00Z",
                  "2027-01-01T00:00:00Z") ==
             "2026-02-10 base 2026-02-10/2026-02-20 advance\n"
             "2026-02-10 calls 2026-01-10/2026-02-10 arrears\n"
             "2026-02-20 calls 2026-02-10/2026-02-20 arrears\n"
             "2026-02-20 exit arrears\n");
  // An end on a boundary: the next period's fee never falls due.
  BOOST_TEST(told(subscription(plan, "2026-01-10T00:00:00Z", "2026-02-10T00:00:00Z"), "2026-01-11T00:00:00Z",
                  "2027-01-01T00:00:00Z") ==
             "2026-02-10 calls 2026-01-10/2026-02-10 arrears\n"
             "2026-02-10 exit arrears\n");
  BOOST_TEST(told(subscription(plan, "2026-01-10T00:00:00Z", "2026-01-10T00:00:00Z"), "2025-01-01T00:00:00Z",
                  "2027-01-01T00:00:00Z") == "");
}

BOOST_AUTO_TEST_CASE(a_trial_and_then_what_is_paid_for) {
  const catalog::Plan plan =
      plan_of("P1M", R"([{"key":"trial","name":"T","duration":"P2W","rateCards":[)" + usage("calls", "P1M") +
                         R"(]},{"key":"default","name":"D","rateCards":[)" + fee("base", "P1M") + "," +
                         fee("setup", nullptr) + "," + usage("calls", "P1M") + "]}]");
  BOOST_TEST(told(subscription(plan, "2026-01-01T00:00:00Z"), "2026-01-01T00:00:00Z", "2026-02-02T00:00:00Z") ==
             "2026-01-15 calls 2026-01-01/2026-01-15 arrears\n"
             "2026-01-15 base 2026-01-15/2026-02-01 advance\n"
             "2026-01-15 setup advance\n"
             "2026-02-01 base 2026-02-01/2026-03-01 advance\n"
             "2026-02-01 calls 2026-01-15/2026-02-01 arrears\n");
  Subscription later = subscription(plan, "2026-01-01T00:00:00Z");
  later.starting_phase = 1;
  BOOST_TEST(told(later, "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z") ==
             "2026-01-01 base 2026-01-01/2026-02-01 advance\n"
             "2026-01-01 setup advance\n");
}

BOOST_AUTO_TEST_CASE(cards_with_a_cadence_of_their_own) {
  const catalog::Plan monthly = plan_of(
      "P1M", R"([{"key":"d","name":"D","rateCards":[)" + fee("support", "P3M") + "," + usage("calls", "P1M") + "]}]");
  BOOST_TEST(told(subscription(monthly, "2026-01-31T00:00:00Z"), "2026-01-31T00:00:00Z", "2026-05-01T00:00:00Z") ==
             "2026-01-31 support 2026-01-31/2026-04-30 advance\n"
             "2026-02-28 calls 2026-01-31/2026-02-28 arrears\n"
             "2026-03-31 calls 2026-02-28/2026-03-31 arrears\n"
             "2026-04-30 support 2026-04-30/2026-07-31 advance\n"
             "2026-04-30 calls 2026-03-31/2026-04-30 arrears\n");
  const catalog::Plan yearly = plan_of(
      "P1Y", R"([{"key":"d","name":"D","rateCards":[)" + fee("base", "P1Y") + "," + usage("calls", "P1M") + "]}]");
  BOOST_TEST(told(subscription(yearly, "2026-01-01T00:00:00Z"), "2026-01-01T00:00:00Z", "2026-03-02T00:00:00Z") ==
             "2026-01-01 base 2026-01-01/2027-01-01 advance\n"
             "2026-02-01 calls 2026-01-01/2026-02-01 arrears\n"
             "2026-03-01 calls 2026-02-01/2026-03-01 arrears\n");
}

BOOST_AUTO_TEST_CASE(an_anchor_apart_from_the_beginning_cuts_the_first_period) {
  const catalog::Plan plan = plan_of(
      "P1M", R"([{"key":"d","name":"D","rateCards":[)" + fee("base", "P1M") + "," + usage("calls", "P1M") + "]}]");
  BOOST_TEST(told(subscription(plan, "2026-01-20T00:00:00Z", nullptr, "2026-01-01T00:00:00Z"), "2026-01-01T00:00:00Z",
                  "2026-02-02T00:00:00Z") ==
             "2026-01-20 base 2026-01-20/2026-02-01 advance\n"
             "2026-02-01 base 2026-02-01/2026-03-01 advance\n"
             "2026-02-01 calls 2026-01-20/2026-02-01 arrears\n");
}

BOOST_AUTO_TEST_CASE(what_makes_no_line) {
  const catalog::Plan plan = plan_of(
      "P1M",
      R"([{"key":"d","name":"D","rateCards":[{"type":"flat_fee","key":"none","name":"N","billingCadence":"P1M"},)"
      R"({"type":"flat_fee","key":"zero","name":"N","billingCadence":"P1M","price":{"type":"flat","amount":0}}]}])");
  const Subscription one = subscription(plan, "2026-01-01T00:00:00Z");
  BOOST_TEST(told(one, "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z") ==
             "2026-01-01 zero 2026-01-01/2026-02-01 advance\n");
  const catalog::Plan empty = plan_of("P1M", R"([{"key":"d","name":"D","rateCards":[]}])");
  const auto next = next_due(subscription(empty, "2026-01-01T00:00:00Z"), instant("2025-01-01T00:00:00Z"));
  BOOST_REQUIRE(next.ok());
  BOOST_TEST(!next->has_value());
}

BOOST_AUTO_TEST_CASE(usage_that_is_needed) {
  const catalog::Plan plan = plan_of("P1M", R"([{"key":"d","name":"D","rateCards":[)" + usage("b", "P1M") + "," +
                                                fee("base", "P1M") + "," + usage("a", "P1M") + "]}]");
  const Subscription one = subscription(plan, "2026-01-01T00:00:00Z");
  const auto lines = lines_due(one, instant("2026-01-01T00:00:00Z"), instant("2026-02-02T00:00:00Z"));
  const Period january{instant("2025-12-31T23:50:00Z"), instant("2026-02-01T00:00:00Z")};
  const std::vector<UsageNeed> expected = {{"b", january}, {"a", january}};
  BOOST_TEST((usages_needed(one, *lines) == expected));
}

/// What is used when nothing is left of the subscription is used on its last terms (M7).
BOOST_AUTO_TEST_CASE(the_last_period_counts_what_comes_after_it) {
  const catalog::Plan plan =
      plan_of("P1M", R"([{"key":"d","name":"D","rateCards":[)" + usage("a", "P1M") + "," + usage("b", "P3M") + "]}]");
  const auto needs = [&](const char* end) {
    const Subscription one = subscription(plan, "2026-01-01T00:00:00Z", end);
    const auto lines = lines_due(one, instant("2026-01-01T00:00:00Z"), instant("2026-04-02T00:00:00Z"));
    std::string text;
    for (const UsageNeed& need : usages_needed(one, *lines)) {
      text += need.feature_key + " " + day_of(need.period.from) + "/" + day_of(need.period.to) + "\n";
    }
    return text;
  };
  BOOST_TEST(needs(nullptr) ==
             "a 2025-12-31/2026-02-01\na 2026-02-01/2026-03-01\n"
             "a 2026-03-01/2026-04-01\nb 2025-12-31/2026-04-01\n");
  BOOST_TEST(needs("2026-02-15T00:00:00Z") ==
             "a 2025-12-31/2026-02-01\na 2026-02-01/2026-03-23\nb 2025-12-31/2026-03-23\n");
  BOOST_TEST(needs("2026-02-01T00:00:00Z") == "a 2025-12-31/2026-03-09\nb 2025-12-31/2026-03-09\n");
  DueLine last;
  last.period = Period{instant("9999-12-01T00:00:00Z"), instant("9999-12-31T00:00:00Z")};
  last.closing = true;
  BOOST_TEST((counted_period(last).to == kLastInstant));
}

/// Of a clock that is behind (M7).
BOOST_AUTO_TEST_CASE(the_first_period_counts_what_is_dated_just_before_it) {
  const catalog::Plan plan = plan_of("P1M", R"([{"key":"t","name":"T","duration":"P1M","rateCards":[]},)"
                                            R"({"key":"d","name":"D","rateCards":[)" +
                                                usage("a", "P1M") + "]}]");
  Subscription one = subscription(plan, "2026-01-01T00:00:00Z");
  const auto later_phase = lines_due(one, instant("2026-03-01T00:00:00Z"), instant("2026-03-02T00:00:00Z"));
  BOOST_TEST(!later_phase->front().opening);
  one.starting_phase = 1;
  const auto lines = lines_due(one, instant("2026-01-01T00:00:00Z"), instant("2026-03-02T00:00:00Z"));
  BOOST_REQUIRE(lines->size() == 2U);
  BOOST_TEST(text_of(counted_period(lines->front()).from) == "2025-12-31T23:50:00Z");
  BOOST_TEST(text_of(counted_period(lines->back()).from) == "2026-02-01T00:00:00Z");
  DueLine first;
  first.period = Period{kFirstInstant, instant("2026-01-01T00:00:00Z")};
  first.opening = true;
  BOOST_TEST((counted_period(first).from == kFirstInstant));
}

BOOST_AUTO_TEST_CASE(bounds_are_errors) {
  const catalog::Plan hourly = plan_of("PT1H", R"([{"key":"d","name":"D","rateCards":[)" + fee("base", "PT1H") + "]}]");
  const Subscription one = subscription(hourly, "2026-01-01T00:00:00Z");
  BOOST_TEST((lines_due(one, instant("2026-01-01T00:00:00Z"), instant("2028-01-01T00:00:00Z")).error() ==
              BillingError::too_many_lines));
  BOOST_TEST((next_due(one, kLastInstant).error() == BillingError::out_of_calendar));
  const catalog::Plan far = plan_of("P1Y", R"([{"key":"t","name":"T","duration":"P1000Y","rateCards":[]},)"
                                           R"({"key":"d","name":"D","rateCards":[)" +
                                               fee("base", "P1Y") + "]}]");
  BOOST_TEST(
      (lines_due(subscription(far, "9500-01-01T00:00:00Z"), instant("9500-01-01T00:00:00Z"), kLastInstant).error() ==
       BillingError::out_of_calendar));
}

// --- against the walked calendar ----------------------------------------------------------------------------------

/// A plan of up to three phases with cards of all kinds.
catalog::Plan random_plan(std::mt19937_64& random) {
  const char* const kDurations[] = {"P1D", "P1W", "P2W", "P1M", "P2M", "P45D", "P1Y"};
  const char* const kMonths[] = {"P1M", "P3M", "P12M", "P1Y"};
  const char* const kDays[] = {"P1D", "P1W", "P2W", "PT24H"};
  const bool by_days = random() % 4 == 0;
  const auto& cadences = by_days ? kDays : kMonths;
  std::string phases;
  const auto count = 1 + random() % 3;
  for (std::uint64_t i = 0; i < count; ++i) {
    std::string cards;
    for (auto n = random() % 4; n > 0; --n) {
      const std::string key = "c" + std::to_string(n);
      const char* const cadence = cadences[random() % 4];
      const char* const terms[] = {nullptr, "in_advance", "in_arrears"};
      if (!cards.empty()) cards += ",";
      cards += random() % 2 == 0 ? usage(key.c_str(), cadence)
                                 : fee(key.c_str(), random() % 3 == 0 ? nullptr : cadence, terms[random() % 3]);
    }
    const std::string duration =
        i + 1 < count ? std::string(R"("duration":")") + kDurations[random() % 7] + "\"," : std::string();
    phases += (i > 0 ? "," : "") + std::string(R"({"key":"p)") + std::to_string(i) + R"(","name":"P",)" + duration +
              R"("rateCards":[)" + cards + "]}";
  }
  return plan_of(by_days ? "P1D" : "P1M", "[" + phases + "]");
}

std::vector<reference::OwedLine> plain(const std::vector<DueLine>& lines, std::int64_t horizon) {
  std::vector<reference::OwedLine> result;
  for (const DueLine& line : lines) {
    const std::int64_t from = line.period.has_value() ? line.period->from.ms : -1;
    std::int64_t to = line.period.has_value() ? line.period->to.ms : -1;
    if (to >= horizon) to = -1;  // as far as the reference looks
    result.push_back({line.due_at.ms, line.phase, line.card, from, to, line.in_advance});
  }
  return result;
}

std::string text_of(const std::vector<reference::OwedLine>& lines) {
  std::ostringstream out;
  for (const auto& [due, phase, card, from, to, advance] : lines) {
    out << "\n  due " << text_of(Instant{due}) << " phase " << phase << " card " << card << " from " << from << " to "
        << to << (advance ? " advance" : " arrears");
  }
  return out.str();
}

/// Walks through a subscription's life from one due moment to the next, as the control plane's alarms do.
std::vector<reference::OwedLine> walked(const Subscription& subscription, std::int64_t horizon) {
  std::vector<DueLine> all;
  std::optional<Instant> at = Instant{subscription.active_from.ms - 1};
  for (;;) {
    const auto next = next_due(subscription, *at);
    BOOST_REQUIRE(next.ok());
    at = *next;
    if (!at.has_value() || at->ms >= horizon) return plain(all, horizon);
    const auto lines = lines_due(subscription, *at, {at->ms + 1});
    BOOST_REQUIRE(lines.ok());
    BOOST_REQUIRE_MESSAGE(!lines->empty(), "nothing is due at " << text_of(*at));
    all.insert(all.end(), lines->begin(), lines->end());
  }
}

BOOST_AUTO_TEST_CASE(agrees_with_the_walked_calendar) {
  std::mt19937_64 random(7704);
  const std::int64_t first = instant("2023-11-01T00:00:00Z").ms;
  const int count = reference::cases(20'000);
  for (int i = 0; i < count; ++i) {
    const catalog::Plan plan = random_plan(random);
    const auto day = [&](std::int64_t from, std::uint64_t days) {
      const auto offset = static_cast<std::int64_t>(random() % days) * kMsPerDay;
      return from + offset + (random() % 2 == 0 ? 0 : static_cast<std::int64_t>(random() % 86'400'000));
    };
    Subscription one{&plan, random() % plan.phases.size(), {day(first, 500)}, std::nullopt, {}};
    one.billing_anchor = random() % 2 == 0 ? one.active_from : Instant{day(first - 200 * kMsPerDay, 400)};
    if (random() % 2 == 0) one.active_to = Instant{day(one.active_from.ms, 500)};
    const std::int64_t horizon = one.active_from.ms + 600 * kMsPerDay;
    const reference::Owed owed(one, horizon);

    const auto expected = owed.between(one.active_from.ms, horizon);
    const auto got = walked(one, horizon);
    if (got != expected) BOOST_FAIL("case " << i << ": expected" << text_of(expected) << "\ngot" << text_of(got));
    const std::int64_t from = day(one.active_from.ms - 10 * kMsPerDay, 600);
    const std::int64_t to = day(from, 100);
    if (to >= horizon) continue;
    const auto part = lines_due(one, {from}, {to});
    BOOST_REQUIRE(part.ok());
    BOOST_REQUIRE_MESSAGE(plain(*part, horizon) == owed.between(from, to), "case " << i << ", a part");
  }
  reference::report_cases("lines due", count);
}

}  // namespace
}  // namespace tollgate::billing
