#include "tests/unit/control/world/plane.h"

#include <boost/test/unit_test.hpp>

#include <map>
#include <random>
#include <set>
#include <vector>

using namespace tollgate;
using namespace tollgate::test;

namespace {

constexpr std::string_view kPaidCards = R"({"type":"flat_fee","key":"fee","name":"Fee","billingCadence":"P1M",
  "price":{"type":"flat","amount":"29.00"}},
  {"type":"flat_fee","key":"api_requests","name":"R","featureKey":"api_requests",
   "entitlementTemplate":{"type":"metered","issueAfterReset":10000}})";

const std::string kImported = R"({"key":"sk-made-elsewhere-0123456789"})";

/// What was seen of a key last.
struct Seen {
  std::string subscription;
  std::int64_t revision = 0;
  bool there = false;
};

/// One customer whose subscriptions and keys change in every way that there is.
struct Life : Plane {
  Life() {
    make_catalog();
    publish_plan(plan_json("pro", kPaidCards));
    call("PUT", "monetization-configuration", R"({"planOrder":["starter","pro"]})");
  }

  std::map<std::string, Seen> seen;  ///< by digest

  void note(const std::string& key) {
    if (!key.empty()) seen[digest_of(key)];
  }

  /// S4.2, S7: what is seen of a key is never older than what was seen of it before, and newer where it is of another
  /// subscription, or of a key that was deleted in between.
  void look(const std::string& what) {
    for (auto& [digest, last] : seen) {
      const Reply snapshot = get("snapshots/" + digest);
      if (snapshot.status() == 404) {
        last.there = false;
        BOOST_REQUIRE(host.kv.count("snapshot/" + bucket + "/" + digest) == 0 || kv_is_behind);
        continue;
      }
      BOOST_REQUIRE_MESSAGE(snapshot.status() == 200, snapshot.response.body);
      const std::int64_t revision = std::stoll(snapshot["revision"]);
      const bool other = !last.there || snapshot["id"] != last.subscription;
      BOOST_REQUIRE_MESSAGE(revision >= last.revision + (other && last.revision > 0 ? 1 : 0),
                            what << ": " << last.revision << ", then " << revision);
      last = {snapshot["id"], revision, true};
    }
  }

  bool kv_is_behind = false;
};

/// The n-th of a list; empty where the list is.
std::string any(const std::vector<std::string>& list, std::uint64_t n) {
  return list.empty() ? "" : list[n % list.size()];
}

std::vector<std::string> ids_of(const Reply& list) {
  std::vector<std::string> ids;
  for (json::Value item : list.value("items")) ids.emplace_back(item.member("id").text());
  return ids;
}

struct Step {
  std::string what;
  Reply reply;
};

/// One change at random, and the key that it made, if it did, noted.
Step change_something(Life& life, std::mt19937_64& random) {
  const std::string path = "subscriptions/" + any(ids_of(life.get("subscriptions?pageSize=100")), random());
  const std::string key = any(ids_of(life.get(path + "/api-keys?pageSize=100")), random());
  const std::string plan = random() % 2 == 0 ? "starter" : "pro";
  const std::string timing = random() % 2 == 0 ? "immediate" : "next_billing_cycle";
  const auto noted = [&](std::string what, Reply reply, const std::string& member = "key") -> Step {
    life.note(reply[member]);
    return {std::move(what), std::move(reply)};
  };
  switch (random() % 12) {
    case 0:
      return noted("subscribe",
                   life.post("subscriptions", R"({"plan":{"key":")" + plan + R"("},"customerKey":"acme"})"),
                   "apiKey.key");
    case 1:
    case 2:
      return {"change " + timing,
              life.post(path + "/change", R"({"plan":{"key":")" + plan + R"("},"timing":")" + timing + "\"}")};
    case 3: return {"cancel " + timing, life.post(path + "/cancel", R"({"timing":")" + timing + "\"}")};
    case 4: return {"unschedule", life.post(path + "/unschedule-cancelation")};
    case 5: return noted("create a key", life.post(path + "/api-keys"));
    case 6: return noted("import a key", life.post(path + "/api-keys", kImported));
    case 7:
    case 8: return {"delete a key", life.call("DELETE", path + "/api-keys/" + key)};
    case 9: return noted("roll", life.post(path + "/api-keys/roll", R"({"transitionSeconds":3600})"));
    case 10:
      return {"payment", life.call("PUT", path + "/payment-status",
                                   random() % 2 == 0 ? R"({"status":"paid"})" : R"({"status":"failed"})")};
    default:
      life.now.ms += static_cast<std::int64_t>(random() % (20 * 86'400'000ULL));
      life.host.run_timers(life.bucket, life.now);
      return {"time", life.get("customers/acme")};
  }
}

}  // namespace

// S4.2, S7
BOOST_AUTO_TEST_CASE(no_sequence_of_changes_lowers_the_revision_of_a_key) {
  std::set<std::string> happened;
  for (unsigned seed = 1; seed <= 25; ++seed) {
    std::mt19937_64 random(seed);
    Life life;
    for (int step = 0; step < 40; ++step) {
      const auto [what, reply] = change_something(life, random);
      if (reply.status() < 300) happened.insert(what);
      life.kv_is_behind = random() % 2 == 0;
      if (!life.kv_is_behind) {
        while (life.host.pump(life.bucket, life.now) > 0) {
        }
      }
      life.look("seed " + std::to_string(seed) + ", step " + std::to_string(step) + ", " + what);
    }
  }
  BOOST_TEST(happened.size() == 12U);
}

// S7: an imported key may be deleted here and come again there.
BOOST_AUTO_TEST_CASE(a_key_that_comes_again_begins_above_what_it_had) {
  Life life;
  BOOST_REQUIRE(life.post("customers", R"({"key":"beta","name":"B"})").status() == 201);
  const std::string a = life.subscribe()["id"];
  const std::string b = life.post("subscriptions", R"({"plan":{"key":"starter"},"customerKey":"beta"})")["id"];
  const auto import_into = [&](const std::string& subscription) {
    return life.post("subscriptions/" + subscription + "/api-keys", kImported)["id"];
  };
  const std::string digest = digest_of("sk-made-elsewhere-0123456789");
  const auto revision = [&] { return std::stoll(life.get("snapshots/" + digest)["revision"]); };
  const std::string key = import_into(a);
  for (int i = 0; i < 5; ++i) {
    BOOST_REQUIRE(life.call("PUT", "subscriptions/" + a + "/payment-status", R"({"status":"paid"})").status() == 200);
  }
  const std::int64_t before = revision();
  BOOST_TEST(before > 5);
  BOOST_REQUIRE(life.call("DELETE", "subscriptions/" + a + "/api-keys/" + key).status() == 204);
  BOOST_TEST(std::stoll(life.get("subscriptions/" + a)["revision"]) == before + 1);
  const std::string again = import_into(b);
  BOOST_TEST(revision() > before + 1);
  // Also long after, as long as any copy may live; then nobody remembers.
  BOOST_REQUIRE(life.call("DELETE", "subscriptions/" + b + "/api-keys/" + again).status() == 204);
  life.now.ms += 36LL * 86'400'000;
  const std::string other = life.post("subscriptions/" + a + "/api-keys")["id"];
  BOOST_REQUIRE(life.call("DELETE", "subscriptions/" + a + "/api-keys/" + other).status() == 204);
  const std::int64_t of_a = std::stoll(life.get("subscriptions/" + a)["revision"]);
  import_into(a);
  BOOST_TEST(revision() == of_a);
}

// S4.2: KV follows.
BOOST_AUTO_TEST_CASE(what_kv_has_of_a_key_follows_it) {
  Life life;
  const Reply made = life.subscribe();
  const std::string path = "subscriptions/" + made["id"];
  const std::string entry = "snapshot/working-copy/" + digest_of(made["apiKey.key"]);
  const auto in_kv = [&](std::string_view member) {
    while (life.host.pump(life.bucket, life.now) > 0) {
    }
    Reply reply;
    reply.document = std::make_shared<json::Document>();
    if (life.host.kv.count(entry) == 0) return std::string("gone");
    BOOST_REQUIRE(reply.document->parse(life.host.kv[entry]).ok());
    return reply[member];
  };
  BOOST_TEST(in_kv("id") == made["id"]);
  const Reply changed = life.post(path + "/change", R"({"plan":{"key":"pro"}})");
  BOOST_TEST(in_kv("id") == changed["next.id"]);
  const std::string next = "subscriptions/" + changed["next.id"];
  BOOST_REQUIRE(life.post(next + "/api-keys/roll", R"({"transitionSeconds":60})").status() == 201);
  BOOST_TEST(in_kv("keyExpiresAt") == "2026-01-15T10:01:00Z");
  life.now.ms += 120'000;
  BOOST_TEST(life.get("snapshots/" + digest_of(made["apiKey.key"]))["keyExpiresAt"] == "2026-01-15T10:01:00Z");
  const std::int64_t before = std::stoll(in_kv("revision"));
  BOOST_REQUIRE(life.call("DELETE", next + "/api-keys/" + made["apiKey.id"]).status() == 204);
  BOOST_TEST(in_kv("id") == "gone");
  BOOST_TEST(life.get("snapshots/" + digest_of(made["apiKey.key"])).status() == 404);
  BOOST_TEST(std::stoll(life.get(next)["revision"]) > before);
}
