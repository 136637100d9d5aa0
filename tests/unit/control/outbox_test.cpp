#include "control/port/sql.h"
#include "tests/unit/control/world/plane.h"

#include <boost/test/unit_test.hpp>

using namespace tollgate;
using namespace tollgate::test;

namespace {

/// What the only row of a kind says of itself.
struct OutboxRow {
  std::int64_t attempts = 0;
  std::int64_t not_before = 0;
  std::string error;
};

/// A bucket with one key, and a row in its outbox of a kind that only a newer version knows.
struct Outbox : Plane {
  Outbox() {
    make_catalog();
    made = subscribe();
    native::SqliteDatabase& database = bucket_database();
    control::Sql sql(database);
    database.begin();
    sql.exec(
        "INSERT INTO outbox (kind, target, body, idempotency_key, generation, attempts, not_before, created_at)"
        " VALUES ('charge', 'in_1', '{}', 'charge:in_1', 1, 0, ?1, ?1)",
        now);
    BOOST_REQUIRE(!sql.failed());
    database.commit();
  }

  native::SqliteDatabase& bucket_database() { return host.database(control::Role::bucket, bucket); }

  std::optional<OutboxRow> row_of(std::string_view kind) {
    control::Sql sql(bucket_database());
    const control::Rows rows = sql.query("SELECT attempts, not_before, last_error FROM outbox WHERE kind = ?", kind);
    if (rows.empty()) return std::nullopt;
    const control::Row row = rows.first();
    return OutboxRow{row.number(0), row.number(1), row.optional_text(2).value_or("")};
  }

  control::Response take() {
    control::Request request;
    request.entry = control::Entry::host;
    request.object = bucket;
    request.method = "POST";
    request.target = "/outbox/take";
    request.now = now;
    return host.perform(request);
  }

  std::string in_kv() { return host.kv["snapshot/" + bucket + "/" + digest_of(made["apiKey.key"])]; }

  Reply made;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(outbox_kinds)

BOOST_AUTO_TEST_CASE(a_row_of_an_unknown_kind_is_kept_and_told_to_the_operator) {
  Outbox plane;
  const control::Response taken = plane.take();
  BOOST_TEST(taken.status == 200);
  BOOST_TEST(taken.body.find("in_1") == std::string::npos);  // no effect: least of all that a snapshot is deleted
  BOOST_TEST(taken.log.find("charge of id ") != std::string::npos, taken.log);
  const auto row = plane.row_of("charge");
  BOOST_REQUIRE(row.has_value());
  BOOST_TEST(row->attempts == 1);
  BOOST_TEST(row->not_before == plane.now.ms + 1000);
  BOOST_TEST(row->error == "the kind is unknown");
}

BOOST_AUTO_TEST_CASE(a_row_of_an_unknown_kind_stops_no_other) {
  Outbox plane;
  BOOST_TEST(plane.host.pump(plane.bucket, plane.now) == 1);  // the snapshot
  BOOST_TEST(!plane.in_kv().empty());
  BOOST_TEST(!plane.row_of("snapshot").has_value());
  BOOST_TEST(plane.row_of("charge").has_value());
}

BOOST_AUTO_TEST_CASE(a_row_of_an_unknown_kind_is_tried_later_and_later) {
  Outbox plane;
  for (std::int64_t attempts = 1; attempts <= 4; ++attempts) {
    plane.host.pump(plane.bucket, plane.now);
    const auto row = plane.row_of("charge");
    BOOST_REQUIRE(row.has_value());
    BOOST_TEST(row->attempts == attempts);
    BOOST_TEST(row->not_before - plane.now.ms == std::int64_t{500} << attempts);
    BOOST_TEST(plane.take().log.empty());  // not due
    plane.now.ms = row->not_before;
  }
}

BOOST_AUTO_TEST_SUITE_END()
