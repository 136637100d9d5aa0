#include "base/sha256.h"
#include "control/bucket/schema.h"
#include "control/ledger/schema.h"
#include "control/port/sql.h"
#include "tests/unit/control/world/database_dump.h"
#include "tests/unit/control/world/plane.h"

#include <boost/test/unit_test.hpp>

#include <span>

using namespace tollgate;
using namespace tollgate::test;
using control::Migration;
using control::Role;
using native::SqliteDatabase;

namespace {

using Statements = std::vector<std::string_view>;

constexpr std::string_view kSubscription = "01KF0000000000000000000004";

std::string key_digest() { return digest_of("tgk_of_version_1"); }

// What a bucket holds at each version, in the words of that version: one row of every table at least.
const Statements kBucketOfVersion1 = {
    R"(INSERT INTO meters VALUES ('01KF0000000000000000000001', 'tokens', 'tokens', 'Tokens', NULL,
        '{"slug":"tokens","eventType":"tokens","aggregation":"SUM","valueProperty":"$.total"}', 1, 1))",
    R"(INSERT INTO features VALUES
         ('01KF0000000000000000000002', 'tokens', 'Tokens', 'tokens', '{"a":"b"}', NULL, 1, 1),
        ('01KF000000000000000000000A', 'old', 'Old', NULL, '{}', 5, 1, 5))",
    R"(INSERT INTO plans VALUES ('01KF0000000000000000000003', 'starter', 1, 'active', 'Starter',
        '{"key":"starter","name":"Starter","currency":"USD","billingCadence":"P1M","phases":[{"key":"default",
          "name":"Default","rateCards":[{"type":"flat_fee","key":"tokens","name":"Tokens","featureKey":"tokens",
          "entitlementTemplate":{"type":"metered","issueAfterReset":100,"isSoftLimit":false}}]}]}', 1, 1, 1, NULL),
        ('01KF000000000000000000000B', 'starter', 2, 'draft', 'Starter',
        '{"key":"starter","name":"Starter","currency":"USD","billingCadence":"P1M","phases":[{"key":"default",
          "name":"Default","rateCards":[]}]}', 2, 2, NULL, NULL))",
    R"(INSERT INTO customers VALUES ('01KF0000000000000000000005', 'acme', 'Acme', 'a@acme.example', 'USD', '{}', 1, 1))",
    R"(INSERT INTO subscriptions VALUES ('01KF0000000000000000000004', '01KF0000000000000000000005',
        '01KF0000000000000000000003', 'Starter', NULL, '{}', 1768471200000, NULL, 1768471200000, 0, 0, 'not_required',
        0, 3, 1768471200000, 1768471200000))",
    "INSERT INTO configuration VALUES ('maxPaymentOverdueDays', '5')",
    "INSERT INTO service_keys VALUES ('01KF0000000000000000000007', 'no digest', 'ci', 'edge', 1)",
    "INSERT INTO idempotency VALUES ('k', 'f', 201, '{}', 1)",
    "INSERT INTO dead_letters VALUES ('01KF0000000000000000000008', 'd', 'r', '{}', 1, 1)",
    "INSERT INTO seeded VALUES ('first', 1)",
};
const Statements kBucketOfVersion2 = {
    "INSERT INTO test_clock VALUES (1, 1768471200000, 1768471200000, 0, NULL)",
    "INSERT INTO plan_invites VALUES ('01KF000000000000000000000C', 'a@acme.example', 'starter',"
    " '01KF0000000000000000000003', 1)",
    R"(INSERT INTO billing_profiles VALUES ('01KF000000000000000000000D', 'Standard', 1,
        '{"workflow":{"tax":{"enabled":false,"enforced":false}},
          "invoicing":{"draftPeriod":"PT0S","defaultTaxConfig":{"behavior":"exclusive"}}}', 1, 1))",
};
const Statements kBucketOfVersion3 = {
    "INSERT INTO counters VALUES ('invoice', 1)",
    R"(INSERT INTO invoices VALUES ('01KF000000000000000000000E', 'INV-000001', '01KF0000000000000000000004',
        '01KF0000000000000000000005', 'paid', 'USD', '5.00', '{"customer":{"key":"acme","name":"Acme"},
          "plan":{"id":"01KF0000000000000000000003","key":"starter","name":"Starter","version":1}}', NULL,
        1768471200000, 1768471200000, 1768471200000, 1768471200000, NULL, NULL, NULL, NULL, 1, 1))",
    R"(INSERT INTO invoice_lines VALUES ('01KF000000000000000000000E', 0, 'fee', NULL, NULL, NULL, NULL, '5.00',
        '{"kind":"fee","description":"Setup","amount":"5.00"}'))",
    R"(INSERT INTO credits VALUES ('01KF000000000000000000000F', '01KF0000000000000000000004',
        '01KF000000000000000000000E', 'carried', 'USD', '1.00', '1.00', 0,
        '{"invoiceId":"01KF000000000000000000000E","number":"INV-000001"}', 1))",
    "INSERT INTO invoice_credits VALUES ('01KF000000000000000000000E', '01KF000000000000000000000F', '0.00')",
};
const Statements kBucketOfVersion4 = {
    R"(INSERT INTO grants VALUES ('01KF000000000000000000000G', '01KF0000000000000000000004', 'old', NULL, NULL, NULL,
        '10', '10', '0', 1, 1, NULL, 0, 1))",
    "INSERT INTO settled_usage VALUES ('01KF0000000000000000000004', 'old', 1, '0', '0', '0')",
};
const std::vector<Statements> kBucketData = {kBucketOfVersion1, kBucketOfVersion2, kBucketOfVersion3,
                                             kBucketOfVersion4};

const Statements kLedgerOfVersion1 = {
    "INSERT INTO events VALUES ('test', '1', 'tokens', 's', 1768471200000, 1, '{\"total\":30}')",
    "INSERT INTO conflicts VALUES ('test', '1', 'd', '{}')",
};
const std::vector<Statements> kLedgerData = {kLedgerOfVersion1};

/// SHA-256 over the statements of the migrations that have been released: what is in somebody's database already cannot
/// be changed any more, only followed by another one.
const std::vector<std::string_view> kReleased = {
    "e9b434cef1554df9b6e5e92e38fa98860a52c4a14780f721bb6a80c3ff3eced3",
};

std::string fingerprint(const Migration& migration) {
  std::string text;
  for (const control::Statement& statement : migration.statements) text.append(statement.text()).append(";");
  return digest_of(text);
}

bool migrate_to(SqliteDatabase& database, std::span<const Migration> migrations) {
  control::Sql sql(database);
  return control::migrate(sql, migrations);
}

/// A database that was at each version up to `version`, and got that version's data while it was.
void make_old(SqliteDatabase& database, std::span<const Migration> migrations, const std::vector<Statements>& data,
              std::size_t version) {
  for (std::size_t i = 1; i <= version; ++i) {
    BOOST_REQUIRE(migrate_to(database, migrations.first(i)));
    for (std::string_view statement : data[i - 1]) execute(database, statement);
  }
}

std::string fresh_schema(std::span<const Migration> migrations) {
  SqliteDatabase database;
  BOOST_REQUIRE(migrate_to(database, migrations));
  return schema_of(database);
}

void check_whole(SqliteDatabase& database) {
  BOOST_TEST(lines_of(database, "SELECT \"table\" FROM pragma_foreign_key_check").empty());
  BOOST_TEST(lines_of(database, "SELECT * FROM pragma_integrity_check") == std::vector<std::string>{"ok"},
             boost::test_tools::per_element());
}

/// A control plane whose working copy was left behind at an earlier version.
struct OldPlane : Plane {
  explicit OldPlane(std::size_t version) {
    SqliteDatabase& database = host.database(Role::bucket, "working-copy");
    make_old(database, control::bucket_migrations(), kBucketData, version);
    execute(database,
            "INSERT INTO api_keys (id, subscription_id, digest, consumer, expires_at, created_at) VALUES"
            " ('01KF0000000000000000000006', '01KF0000000000000000000004', '" +
                key_digest() + "', 'acme', NULL, 1)");
    execute(database, "INSERT INTO outbox VALUES (1, 'snapshot', '" + key_digest() +
                          "', '', 'snapshot:" + key_digest() + "', 1, 0, 0, NULL, 1)");
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(migrations)

BOOST_AUTO_TEST_CASE(every_version_but_the_newest_has_data_here) {
  BOOST_TEST(kBucketData.size() + 1 >= control::bucket_migrations().size());
  BOOST_TEST(kLedgerData.size() + 1 >= control::ledger_migrations().size());
}

BOOST_AUTO_TEST_CASE(what_was_released_never_changes) {
  for (std::size_t i = 0; i < kReleased.size(); ++i) {
    BOOST_TEST_INFO("version " << i + 1);
    BOOST_TEST(fingerprint(control::bucket_migrations()[i]) == kReleased[i]);
  }
}

BOOST_AUTO_TEST_CASE(an_old_bucket_becomes_what_a_new_one_is) {
  const auto all = control::bucket_migrations();
  for (std::size_t version = 1; version < all.size(); ++version) {
    BOOST_TEST_CONTEXT("from version " << version) {
      SqliteDatabase database;
      make_old(database, all, kBucketData, version);
      BOOST_TEST(migrate_to(database, all));
      BOOST_TEST(schema_of(database) == fresh_schema(all));
      check_whole(database);
      const std::string migrated = dump(database);
      BOOST_TEST(migrate_to(database, all));
      BOOST_TEST(dump(database) == migrated);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_an_old_bucket_held_is_answered) {
  for (std::size_t version = 1; version < control::bucket_migrations().size(); ++version) {
    BOOST_TEST_CONTEXT("from version " << version) {
      OldPlane plane(version);
      const std::string path = "subscriptions/" + std::string(kSubscription);
      const Reply subscription = plane.get(path);
      BOOST_REQUIRE(subscription.status() == 200);
      BOOST_TEST(subscription["status"] == "active");
      BOOST_TEST(subscription["plan.version"] == "1");
      BOOST_TEST(subscription["nextBillingDate"] == "2026-02-15T10:00:00Z");
      BOOST_TEST(plane.ingest(kSubscription, "1", "tokens", "30").status() == 204);
      BOOST_TEST(plane.get(path + "/access")["entitlements.tokens.balance"] == "70");
      BOOST_TEST(plane.get("snapshots/" + key_digest())["maxPaymentOverdueDays"] == "5");
      BOOST_TEST(plane.get("meters/tokens")["name"] == "Tokens");
      BOOST_TEST(plane.get("features/tokens")["metadata.a"] == "b");
      BOOST_TEST(plane.get("features?includeArchived=true")["totalCount"] == "2");
      BOOST_TEST(plane.get("plans")["totalCount"] == "2");
      BOOST_TEST(plane.get("customers/acme")["primaryEmail"] == "a@acme.example");
      BOOST_TEST(plane.get("service-keys")["items.0.role"] == "edge");
      BOOST_TEST(plane.get("dead-letters")["totalCount"] == "1");
      BOOST_TEST(plane.get("plan-invites")["totalCount"] == (version >= 2 ? "1" : "0"));
      BOOST_TEST(plane.get("billing-readiness")["hasDefaultBillingProfile"] == (version >= 2 ? "true" : "false"));
      BOOST_TEST(plane.get("invoices")["items.0.total"] == (version >= 3 ? "5.00" : ""));
      BOOST_TEST(plane.get(path + "/grants")["totalCount"] == (version >= 4 ? "1" : "0"));
      BOOST_TEST(plane.get("test-clock")["set"] == (version >= 2 ? "true" : "false"));
      BOOST_TEST(plane.host.pump("working-copy", plane.now) == 1);
      BOOST_TEST(plane.post(path + "/cancel", R"({"timing":"next_billing_cycle"})")["status"] == "canceled");
      plane.now = at("2026-02-15T10:00:00Z");
      BOOST_TEST(plane.get(path)["status"] == "inactive");
      check_whole(plane.host.database(Role::bucket, "working-copy"));
    }
  }
}

// The host rolls a failed start back, and the next one begins anew.
BOOST_AUTO_TEST_CASE(a_migration_that_fails_leaves_the_old_version) {
  const auto all = control::bucket_migrations();
  for (std::size_t version = 1; version < all.size(); ++version) {
    SqliteDatabase database;
    make_old(database, all, kBucketData, version);
    constexpr std::string_view kLaterTables[] = {"billing_profiles", "invoice_credits", "grants", "deleted_keys"};
    execute(database, "CREATE TABLE " + std::string(kLaterTables[version - 1]) + " (x)");
    const std::string before = dump(database) + schema_of(database);
    database.begin();
    BOOST_TEST(!migrate_to(database, all));
    database.rollback();
    BOOST_TEST(dump(database) + schema_of(database) == before);
  }
}

BOOST_AUTO_TEST_CASE(a_database_of_newer_code_is_not_touched) {
  for (const auto all : {control::bucket_migrations(), control::ledger_migrations()}) {
    SqliteDatabase database;
    BOOST_REQUIRE(migrate_to(database, all));
    execute(database, "UPDATE schema_version SET version = version + 1");
    const std::string before = dump(database);
    BOOST_TEST(!migrate_to(database, all));
    BOOST_TEST(dump(database) == before);
  }
}

BOOST_AUTO_TEST_CASE(a_bucket_that_is_too_new_does_not_start) {
  Plane plane;
  plane.get("meters");
  execute(plane.host.database(Role::bucket, "working-copy"), "UPDATE schema_version SET version = version + 1");
  control::Request start;
  start.entry = control::Entry::host;
  start.object = "working-copy";
  start.method = "POST";
  start.target = "/start";
  start.now = plane.now;
  const control::Response response = plane.host.perform(start);
  BOOST_TEST(response.status == 500);
  BOOST_TEST(response.body.find("newer version of this code") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_old_ledger_becomes_what_a_new_one_is) {
  const auto all = control::ledger_migrations();
  for (std::size_t version = 1; version <= kLedgerData.size(); ++version) {
    SqliteDatabase database;
    make_old(database, all, kLedgerData, version);
    BOOST_TEST(migrate_to(database, all));
    BOOST_TEST(schema_of(database) == fresh_schema(all));
    BOOST_TEST(lines_of(database, "SELECT id FROM events") == std::vector<std::string>{"1"},
               boost::test_tools::per_element());
    check_whole(database);
  }
}

BOOST_AUTO_TEST_SUITE_END()
