#include "control/port/sql.h"
#include "tests/unit/control/world/plane.h"

#include <boost/test/unit_test.hpp>

using namespace tollgate;
using namespace tollgate::test;

namespace {

constexpr std::string_view kFee =
    R"({"type":"flat_fee","key":"fee","name":"Fee","billingCadence":"P1M","price":{"type":"flat","amount":"29.00"}})";

/// A bucket with a subscription on a trial that ends on January 29th at ten o'clock, when it has timers of two kinds.
struct Timers : Plane {
  Timers() {
    make_catalog();
    publish_plan(std::string(R"({"key":"trial","name":"Trial","currency":"USD","billingCadence":"P1M","phases":[
          {"key":"trial","name":"Trial","duration":"P14D","rateCards":[]},{"key":"paid","name":"Paid","rateCards":[)")
                     .append(kFee)
                     .append("]}]}"));
    id = post("subscriptions", R"({"plan":{"key":"trial"},"customerKey":"acme"})")["id"];
    BOOST_REQUIRE(!id.empty());
    host.run_timers(bucket, now);
  }

  native::SqliteDatabase& bucket_database() { return host.database(control::Role::bucket, bucket); }

  /// A timer of a kind that only a newer version knows.
  void set_unknown(std::string_view kind, Instant due) {
    native::SqliteDatabase& database = bucket_database();
    control::Sql sql(database);
    database.begin();
    sql.exec("INSERT INTO timers (kind, subject, due_at) VALUES (?, 'x', ?)", kind, due);
    BOOST_REQUIRE(!sql.failed());
    database.commit();
  }

  /// `kind due failures` of the timers that have failed.
  std::vector<std::string> aside() {
    control::Sql sql(bucket_database());
    std::vector<std::string> list;
    const control::Rows rows =
        sql.query("SELECT kind, due_at, failures FROM timers WHERE failures > 0 ORDER BY due_at, kind");
    for (control::Row row : rows) {
      list.push_back(std::string(row.text(0)) + " " + text_of({row.number(1)}) + " " + std::to_string(row.number(2)));
    }
    return list;
  }

  control::Response run_once() {
    control::Request request;
    request.entry = control::Entry::host;
    request.object = bucket;
    request.method = "POST";
    request.target = "/timers/run";
    request.now = now;
    return host.perform(request);
  }

  std::string payment_status() { return get("subscriptions/" + id)["paymentStatus.status"]; }

  std::string id;
};

using List = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(timer_kinds)

BOOST_FIXTURE_TEST_CASE(a_timer_of_an_unknown_kind_is_kept_and_told_to_the_operator, Timers) {
  set_unknown("payout", now);
  const control::Response run = run_once();
  BOOST_TEST(run.status == 200);
  BOOST_TEST(run.body == R"({"more":true})");
  BOOST_TEST(run.log == "A timer is of an unknown kind and is tried again later: payout of x, failures: 1");
  BOOST_TEST(aside() == List{"payout 2026-01-15T10:01:00Z 1"}, boost::test_tools::per_element());
  BOOST_TEST(run_once().log.empty());
}

BOOST_FIXTURE_TEST_CASE(a_timer_of_an_unknown_kind_is_tried_later_and_later, Timers) {
  set_unknown("payout", now);
  for (const std::string_view next : {"10:01", "10:03", "10:07", "10:15"}) {
    host.run_timers(bucket, now);
    now = at(std::string("2026-01-15T").append(next).append(":00Z"));
    BOOST_REQUIRE(aside().size() == 1U);
    BOOST_TEST(aside().front().find(text_of(now)) != std::string::npos, aside().front());
  }
}

BOOST_FIXTURE_TEST_CASE(only_the_timers_of_unknown_kinds_are_set_aside, Timers) {
  const Instant end = at("2026-01-29T10:00:00Z");
  for (const std::string_view kind : {"a_kind", "payout", "z_kind"}) set_unknown(kind, end);
  BOOST_TEST(payment_status() == "not_required");
  now = end;
  const control::Response run = run_once();
  BOOST_TEST(run.log ==
             "A timer is of an unknown kind and is tried again later: a_kind of x, failures: 1; "
             "payout of x, failures: 1; z_kind of x, failures: 1");
  const List expected{"a_kind 2026-01-29T10:01:00Z 1", "payout 2026-01-29T10:01:00Z 1",
                      "z_kind 2026-01-29T10:01:00Z 1"};
  BOOST_TEST(aside() == expected, boost::test_tools::per_element());
  host.run_timers(bucket, now);
  BOOST_TEST(payment_status() == "pending");
}

BOOST_FIXTURE_TEST_CASE(a_moved_clock_passes_timers_of_unknown_kinds, Timers) {
  set_unknown("payout", at("2026-01-20T00:00:00Z"));
  BOOST_TEST(post("test-clock/advance", R"({"to":"2026-02-15T10:00:00Z"})").status() == 200);
  BOOST_TEST(get("test-clock")["now"] == "2026-02-15T10:00:00Z");
  BOOST_TEST(payment_status() == "pending");
  BOOST_REQUIRE(aside().size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
