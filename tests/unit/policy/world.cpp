#include "world.h"

#include <boost/test/unit_test.hpp>

namespace tollgate::test {

World::World(std::string_view options) {
  BOOST_REQUIRE(reader.start(limits::kMaxSnapshotBytes));
  engine->start({0x0706050403020100, 0x0f0e0d0c0b0a0908});
  std::string policies = "[";
  for (int i = 0; !options.empty(); ++i) {
    const std::size_t bar = options.find('|');
    policies += (i > 0 ? "," : "") + std::string(R"({"name": "p)") + std::to_string(i) +
                R"(", "policyType": "monetization-inbound", "handler": {"options": )" +
                std::string(options.substr(0, bar)) + "}}";
    options.remove_prefix(bar == std::string_view::npos ? options.size() : bar + 1);
  }
  const Padded text(policies + "]");
  char sentence[512];
  TextBuffer problem(sentence);
  BOOST_REQUIRE_MESSAGE(
      json::read_policies(reader, text.data(), text.size(), engine->names(), engine->configuration(), problem),
      problem.view());
}

Outcome World::check(std::string_view key, std::int64_t now, std::size_t policy) {
  return engine->check(policy, "Bearer " + std::string(key), now);
}

Outcome World::answer_snapshot(RequestHandle handle, std::string_view text, std::int64_t now, std::int64_t taken_at) {
  const Padded padded(text);
  BOOST_REQUIRE(json::read_snapshot(reader, padded.data(), padded.size(), expected(), snapshot_));
  return engine->resume(handle, {Answer::Kind::snapshot, &snapshot_, taken_at == 0 ? now : taken_at, now});
}

Outcome World::answer(RequestHandle handle, Answer::Kind kind, std::int64_t now) {
  return engine->resume(handle, {kind, nullptr, now, now});
}

Outcome World::check_cold(std::string_view key, std::string_view text, std::int64_t now, std::size_t policy) {
  BOOST_REQUIRE(check(key, now, policy).is_suspended());
  BOOST_REQUIRE(effect() == Effect::kv_get);
  BOOST_REQUIRE(answer(waiting(), Answer::Kind::not_found, now).is_suspended());
  BOOST_REQUIRE(effect() == Effect::fetch);
  return answer_snapshot(waiting(), text, now);
}

void World::finish(Outcome outcome, std::uint32_t status) {
  BOOST_REQUIRE(outcome.is_allowed());
  BOOST_REQUIRE(engine->finish(static_cast<RequestHandle>(outcome.code()), status, {}));
}

void World::deliver_all() {
  const std::uint32_t batch =
      engine->outbox().drain(engine->cache(), limits::kOutboxEvents, [](const UsageEvent&) { return true; });
  if (batch != 0) BOOST_REQUIRE(engine->outbox().delivered(engine->cache(), batch));
}

Quantity World::recorded(std::string_view meter) {
  Quantity sum;
  const int name = engine->names().find(meter);
  const std::uint32_t batch =
      engine->outbox().drain(engine->cache(), limits::kOutboxEvents, [&](const UsageEvent& event) {
        if (event.meter == name) sum = sum.plus(event.total.get());
        return true;
      });
  if (batch != 0) engine->outbox().failed(batch);
  return sum;
}

std::string snapshot(std::string_view balance, std::string_view more, std::string_view id) {
  return R"({"id": ")" + std::string(id) +
         R"(", "activeFrom": "2025-10-01T00:00:00Z", "billingAnchor": "2025-10-01T00:00:00Z",
    "billingCadence": "P1M", "paymentStatus": {"status": "paid", "isFirstPayment": false}, "consumer": "acme",
    "entitlements": {"api_requests": {"type": "metered", "balance": )" +
         std::string(balance) + R"(, "hasAccess": true, "isSoftLimit": false}})" + std::string(more) + "}";
}

}  // namespace tollgate::test
