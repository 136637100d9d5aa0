#include "world.h"

#include <boost/test/unit_test.hpp>

using namespace tollgate;
using namespace tollgate::test;

namespace {

constexpr std::string_view kDigest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

struct Fixture {
  Fixture() { BOOST_REQUIRE(reader.start(limits::kMaxSnapshotBytes) && names.intern("api_requests") == 0); }

  bool read(std::string_view text) {
    padded = std::make_unique<Padded>(text);
    return json::read_snapshot(reader, padded->data(), padded->size(), {names, kInstance, "b", kDigest}, read_into);
  }

  json::Reader reader;
  NameTable names;
  std::unique_ptr<Padded> padded;
  Snapshot read_into;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(snapshot_is_read_whole, Fixture) {
  BOOST_REQUIRE(
      read(R"({"id": "01KNVXHQG356VA7T7W0V9N21GH", "name": "Pro \"x\"", "status": "canceled", "consumer": "acme-prod",
    "plan": {"id": "x", "tiers": [[1, {"a": "}"}]]}, "keyExpiresAt": "2026-02-01T00:00:00Z",
    "activeFrom": "2025-10-01T02:00:00+02:00", "activeTo": null, "maxPaymentOverdueDays": 5,
    "paymentDueAt": "2025-12-31T00:00:00Z", "accessBlocked": true, "revision": 12,
    "billingAnchor": "2025-10-01T00:00:00Z", "billingCadence": "P1M",
    "paymentStatus": {"status": "failed", "isFirstPayment": true, "lastPaymentFailedAt": "2026-01-01T00:00:00Z"},
    "entitlements": {"other": {"balance": "not even a number"},
      "api_requests": {"type": "metered", "balance": -1.5, "hasAccess": true, "isSoftLimit": true, "limit": 10000,
        "period": {"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z"}, "usage": 3, "overage": 0}},
    "unknown": [1, 2, {}]})"));
  const Snapshot& s = read_into;
  BOOST_TEST((s.subscription_id == "01KNVXHQG356VA7T7W0V9N21GH"));
  BOOST_TEST((s.consumer == "acme-prod"));
  BOOST_TEST((s.active_from == *parse_instant("2025-10-01T00:00:00Z")));
  BOOST_TEST((s.active_to == kNever));
  BOOST_TEST((s.key_expires == *parse_instant("2026-02-01T00:00:00Z")));
  BOOST_TEST((s.payment == PaymentStatus::failed));
  BOOST_TEST(s.first_payment);
  BOOST_TEST(s.payment_failed_known);
  BOOST_TEST(s.access_blocked);
  BOOST_TEST(s.grace_days == 5);
  BOOST_TEST(s.payment_due_known);
  BOOST_TEST((s.payment_due_at == *parse_instant("2025-12-31T00:00:00Z")));
  BOOST_TEST(s.revision == 12);
  BOOST_TEST(s.has_billing);
  BOOST_REQUIRE(s.entitlement_count == 1U);
  BOOST_TEST((s.entitlement_list[0].balance == *Quantity::parse("-1.5")));
  BOOST_TEST(s.entitlement_list[0].limit_units == 10'000);
  BOOST_TEST(s.entitlement_list[0].soft_limit);
  BOOST_TEST((s.entitlement_list[0].period.to == *parse_instant("2026-02-01T00:00:00Z")));
}

BOOST_FIXTURE_TEST_CASE(snapshot_leaves_nothing_for_the_next_one, Fixture) {
  BOOST_REQUIRE(read(snapshot("5", R"(, "accessBlocked": true, "revision": 9, "activeTo": "2026-02-01T00:00:00Z",
    "paymentDueAt": "2026-02-01T00:00:00Z")")));
  BOOST_REQUIRE(read(R"({"id": "s", "activeFrom": "2025-10-01T00:00:00Z"})"));
  BOOST_TEST((read_into.payment == PaymentStatus::missing));
  BOOST_TEST(!read_into.has_entitlements);
  BOOST_TEST(!read_into.access_blocked);
  BOOST_TEST(!read_into.payment_due_known);
  BOOST_TEST(read_into.revision == 0);
  BOOST_TEST((read_into.active_to == kNever));
  BOOST_TEST(read_into.consumer.empty());
  BOOST_TEST(read_into.grace_days == 3);
}

BOOST_FIXTURE_TEST_CASE(snapshot_that_is_garbage_is_none, Fixture) {
  const std::string good = snapshot();
  BOOST_TEST(read(good));
  for (std::size_t i = 0; i < good.size(); ++i) BOOST_TEST(!read(good.substr(0, i)), "cut at " << i);
  for (
      std::string_view text : {
          R"([])",
          R"("x")",
          R"({})",
          R"({"id": "s"})",
          R"({"id": "", "activeFrom": "2025-10-01T00:00:00Z"})",
          R"({"id": 5, "activeFrom": "2025-10-01T00:00:00Z"})",
          R"({"id": "1234567890123456789012345678901234567", "activeFrom": "2025-10-01T00:00:00Z"})",
          R"({"id": "s", "activeFrom": "yesterday"})",
          R"({"id": "s", "activeFrom": 5})",
          R"({"id": "s", "activeFrom": "2025-10-01T00:00:00Z"} x)",
          R"({"id": "s", "activeFrom": "2025-10-01T00:00:00Z", "paymentStatus": {"status": "perhaps"}})",
          R"({"id": "s", "activeFrom": "2025-10-01T00:00:00Z", "paymentStatus": {}})",
          R"({"id": "s", "activeFrom": "2025-10-01T00:00:00Z", "paymentStatus": "paid"})",
          R"({"id": "s", "activeFrom": "2025-10-01T00:00:00Z", "maxPaymentOverdueDays": -1})",
          R"({"id": "s", "activeFrom": "2025-10-01T00:00:00Z", "maxPaymentOverdueDays": 1.5})",
          R"({"id": "s", "activeFrom": "2025-10-01T00:00:00Z", "paymentDueAt": "soon"})",
          R"({"id": "s", "activeFrom": "2025-10-01T00:00:00Z", "entitlements": {"api_requests": {"balance": "5"}}})",
          R"({"id": "s", "activeFrom": "2025-10-01T00:00:00Z", "entitlements": {"api_requests": {"balance": 1e30}}})",
          R"({"id": "s", "activeFrom": "2025-10-01T00:00:00Z", "bucket": "another"})",
          R"({"id": "s", "activeFrom": "2025-10-01T00:00:00Z", "bucket": 5})",
          R"({"id": "s", "activeFrom": "2025-10-01T00:00:00Z", "keyDigest": "of another key"})",
          R"({"id": "s", "activeFrom": "2025-10-01T00:00:00Z", "highWater": []})",
          R"({"id": "s", "activeFrom": "2025-10-01T00:00:00Z", "highWater": {"01KEDGE0000000000000000001": {"api_requests": "5"}}})",
          R"({"id": "s", "activeFrom": "2025-10-01T00:00:00Z", "entitlements": []})",
          R"(<html>502 Bad Gateway</html>)",
      }) {
    BOOST_TEST(!read(text), text);
  }
}

BOOST_FIXTURE_TEST_CASE(snapshot_of_another_system_may_have_float_balances, Fixture) {
  BOOST_REQUIRE(read(snapshot("0.30000000000000004")));
  BOOST_TEST((read_into.entitlement_list[0].balance == *Quantity::parse("0.3")));
  BOOST_REQUIRE(read(snapshot("-0.30000000000000004")));
  BOOST_TEST(
      (read_into.entitlement_list[0].balance == *Quantity::parse("-0.300000001")));  // rounded down: never in favour
}

// S4.1: what the edge cannot serve is left out and counted, and never voids the others.
BOOST_FIXTURE_TEST_CASE(snapshot_skips_entitlements_that_it_cannot_serve, Fixture) {
  const auto with = [](std::string_view entitlements) {
    return R"({"id": "s", "activeFrom": "2025-10-01T00:00:00Z", "entitlements": {)" + std::string(entitlements) + "}}";
  };
  const std::string good = R"("api_requests": {"type": "metered", "balance": 5, "hasAccess": true})";
  BOOST_REQUIRE(names.intern("x") == 1);
  const struct {
    std::string entitlements;
    std::size_t count, skipped;
  } rows[] = {
      {good, 1, 0},
      {R"("x": {"type": "invented", "anything": [1]}, )" + good, 1, 1},
      {good + R"(, "x": {"type": "invented"})", 1, 1},
      {R"("x": {}, )" + good + R"(, "x": {})", 1, 1},
      {R"("x": {}, "x": {}, "x": {}, )" + good, 1, 2},
      {R"("nobody names it": {}, "nobody names it": {}, )" + good, 1, 0},
  };
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT(row.entitlements) {
      BOOST_REQUIRE(read(with(row.entitlements)));
      BOOST_TEST(read_into.entitlement_count == row.count);
      BOOST_TEST(read_into.skipped == row.skipped);
      BOOST_TEST(read_into.entitlement_list[0].name == 0);
    }
  }
  std::string many = good;
  for (int i = 0; i < 64; ++i) {
    const std::string name = "n" + std::to_string(i);
    BOOST_REQUIRE(names.intern(name) > 0);
    many += ", \"" + name + R"(": {"type": "boolean", "hasAccess": true})";
  }
  BOOST_REQUIRE(read(with(many)));
  BOOST_TEST(read_into.entitlement_count == limits::kMaxSnapshotEntitlements);
  BOOST_TEST(read_into.skipped == 1U);
}

// S5: the ledger's high-water mark of this instance. One that names others only says that nothing of it has come.
BOOST_FIXTURE_TEST_CASE(snapshot_tells_what_the_ledger_has_of_this_instance, Fixture) {
  const struct {
    std::string_view more;
    bool known;
    std::string_view received;
  } rows[] = {
      {"", false, "0"},
      {R"(, "highWater": {})", true, "0"},
      {R"(, "highWater": {"01KEDGE0000000000000000001": {"api_requests": 12.5, "other": 3}})", true, "12.5"},
      {R"(, "highWater": {"01KEDGE0000000000000000002": {"api_requests": 12.5}})", true, "0"},
      {R"(, "highWater": {"01KEDGE0000000000000000002": {}}, "highWaterPartial": true)", false, "0"},
      {R"(, "highWaterPartial": true, "highWater": {"01KEDGE0000000000000000001": {"api_requests": 1}})", true, "1"},
  };
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT(row.more) {
      BOOST_REQUIRE(read(snapshot("5", row.more)));
      BOOST_TEST(read_into.high_water_known == row.known);
      BOOST_TEST((read_into.received(0) == *Quantity::parse(row.received)));
    }
  }
}

BOOST_FIXTURE_TEST_CASE(snapshot_of_the_key_and_bucket_that_were_asked_about, Fixture) {
  BOOST_TEST(read(snapshot("5", R"(, "bucket": "b", "keyDigest": ")" + std::string(kDigest) + "\"")));
  BOOST_TEST(read(snapshot("5", R"(, "bucket": null)")));
}

// S4.5: what the next period begins with.
BOOST_FIXTURE_TEST_CASE(snapshot_tells_the_next_period, Fixture) {
  BOOST_REQUIRE(
      read(R"({"id": "s", "activeFrom": "2025-10-01T00:00:00Z", "entitlements": {"api_requests": {"balance": 1,
    "period": {"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z"},
    "nextPeriod": {"balance": 1000.5, "to": "2026-03-01T00:00:00Z"}}}})"));
  BOOST_TEST((read_into.entitlement_list[0].next_balance == *Quantity::parse("1000.5")));
  BOOST_TEST((read_into.entitlement_list[0].next_to == *parse_instant("2026-03-01T00:00:00Z")));
}

// S2.4: where the snapshot says when the grace starts, it starts then.
BOOST_FIXTURE_TEST_CASE(snapshot_tells_when_the_grace_starts, Fixture) {
  const auto pending = [](std::string_view more) {
    return R"({"id": "s", "activeFrom": "2025-10-01T00:00:00Z", "maxPaymentOverdueDays": 2,
      "paymentStatus": {"status": "failed", "lastPaymentFailedAt": "2026-01-14T00:00:00Z")" +
           std::string(more) + "}}";
  };
  BOOST_REQUIRE(read(pending("")));
  BOOST_TEST((grace_end(read_into, {kNow}) == *parse_instant("2026-01-16T00:00:00Z")));
  BOOST_REQUIRE(read(pending(R"(, "graceStartsAt": "2026-01-10T00:00:00Z")")));
  BOOST_TEST((grace_end(read_into, {kNow}) == *parse_instant("2026-01-12T00:00:00Z")));
}
