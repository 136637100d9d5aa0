#include "world.h"

#include <boost/test/unit_test.hpp>

using namespace tollgate;
using namespace tollgate::test;

namespace {

struct Fixture {
  Fixture() { BOOST_REQUIRE(reader.start(limits::kMaxSnapshotBytes) && names.intern("api_requests") == 0); }

  bool read(std::string_view text) {
    padded = std::make_unique<Padded>(text);
    return json::read_snapshot(reader, padded->data(), padded->size(), names, read_into);
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
    "plan": {"id": "x", "tiers": [[1, {"a": "}"}]]}, "keyExpiresAt": "2026-02-01T00:00:00Z", "activeFrom": "2025-10-01T02:00:00+02:00",
    "activeTo": null, "maxPaymentOverdueDays": 5, "paymentDueAt": "2025-12-31T00:00:00Z", "accessBlocked": true, "revision": 12, "billingAnchor": "2025-10-01T00:00:00Z",
    "billingCadence": "P1M", "paymentStatus": {"status": "failed", "isFirstPayment": true, "lastPaymentFailedAt": "2026-01-01T00:00:00Z"},
    "entitlements": {"other": {"balance": "not even a number"}, "api_requests": {"type": "metered", "balance": -1.5, "hasAccess": true, "isSoftLimit": true,
      "limit": 10000, "period": {"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z"}, "usage": 3, "overage": 0}}, "unknown": [1, 2, {}]})"));
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
          R"({"id": "s", "activeFrom": "2025-10-01T00:00:00Z", "entitlements": {"api_requests": {"type": "new"}}})",
          R"({"id": "s", "activeFrom": "2025-10-01T00:00:00Z", "entitlements": {"api_requests": {}, "api_requests": {}}})",
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
