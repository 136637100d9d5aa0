#include "tests/unit/control/world/plane.h"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace tollgate;
using namespace tollgate::test;

namespace {

using List = std::vector<std::string>;

constexpr std::string_view kElsewhere = "sk-made-elsewhere-0123456789";

/// A subscription of acme, with what KV holds of its keys.
struct Subscribed : Plane {
  Reply made;
  std::string keys;

  Subscribed() {
    make_catalog();
    made = subscribe();
    keys = "subscriptions/" + made["id"] + "/api-keys";
    pump();
  }

  void pump() { host.pump(bucket, now); }
  /// A member of what KV holds for a key.
  std::string in_kv(std::string_view key, std::string_view path) {
    const auto entry = host.kv.find("snapshot/working-copy/" + digest_of(key));
    if (entry == host.kv.end()) return "gone";
    Reply reply;
    reply.document = std::make_shared<json::Document>();
    BOOST_REQUIRE(reply.document->parse(entry->second).ok());
    return reply[path];
  }
  std::string service_key(std::string_view role) {
    return post("service-keys", R"({"name":"n","role":")" + std::string(role) + R"("})")["key"];
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(api_key_routes)

BOOST_AUTO_TEST_CASE(a_key_is_shown_once_and_works_at_once) {
  Subscribed plane;
  const Reply key = plane.post(plane.keys, R"({"consumer":"mobile","expiresAt":"2026-03-01T00:00:00Z"})");
  BOOST_REQUIRE_MESSAGE(key.status() == 201, key.response.body);
  BOOST_TEST(key["key"].starts_with("tgk_"));
  BOOST_TEST(key["consumer"] == "mobile");
  BOOST_TEST(key["createdAt"] == "2026-01-15T10:00:00Z");
  BOOST_TEST(key["expiresAt"] == "2026-03-01T00:00:00Z");
  plane.pump();
  BOOST_TEST(plane.in_kv(key["key"], "consumer") == "mobile");
  BOOST_TEST(plane.in_kv(key["key"], "keyExpiresAt") == "2026-03-01T00:00:00Z");
  BOOST_TEST(plane.post(plane.keys)["consumer"] == "acme");
  const Reply list = plane.get(plane.keys + "?pageSize=2");
  BOOST_TEST(list["totalCount"] == "3");
  BOOST_TEST(list["items.0.id"] == plane.made["apiKey.id"]);
  BOOST_TEST(list["items.1"] == R"({"id":")" + key["id"] +
                                    R"(","consumer":"mobile","createdAt":"2026-01-15T10:00:00Z",)"
                                    R"("expiresAt":"2026-03-01T00:00:00Z"})");
  BOOST_TEST(list.response.body.find("tgk_") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_body_tells_what_is_wrong_with_it) {
  Subscribed plane;
  struct Case {
    std::string_view path, body;
    List violations;
  };
  const Case cases[] = {
      {"",
       R"({"consumer":"","expiresAt":"2026-01-15T09:59:59Z","colour":1})",
       {"colour unknown_field", "consumer length", "expiresAt not_past"}},
      {"",
       R"({"consumer":"a b","expiresAt":"soon","key":5})",
       {"consumer consumer_format", "expiresAt date_time", "key type"}},
      {"", R"({"key":"short"})", {"key length"}},
      {"", R"({"key":"with a blank, and so on"})", {"key key_format"}},
      {"", R"({"key":"with,a,comma,and,so,on"})", {"key key_format"}},
      {"/roll", R"({"consumer":"nobody"})", {"consumer exists"}},
      {"/roll", R"({"transitionSeconds":2592001})", {"transitionSeconds range"}},
      {"/roll",
       R"({"transitionSeconds":60,"expiresAt":"2026-02-01T00:00:00Z","key":"x"})",
       {"key unknown_field", "transitionSeconds at_most_one"}},
  };
  for (const Case& one : cases) {
    const Reply reply = plane.post(plane.keys + std::string(one.path), one.body);
    BOOST_TEST(reply.status() == 400);
    BOOST_TEST(reply.violations() == one.violations, boost::test_tools::per_element());
  }
  const std::string long_key(257, 'k');
  BOOST_TEST(plane.post(plane.keys, R"({"key":")" + long_key + R"("})").violations() == List{"key length"},
             boost::test_tools::per_element());
  BOOST_TEST(plane.get(plane.keys)["totalCount"] == "1");
}

BOOST_AUTO_TEST_CASE(a_key_made_elsewhere_is_imported_once) {
  Subscribed plane;
  const std::string body = R"({"key":")" + std::string(kElsewhere) + R"("})";
  const Reply key = plane.post(plane.keys, body);
  BOOST_REQUIRE(key.status() == 201);
  BOOST_TEST(key["key"] == kElsewhere);
  plane.pump();
  BOOST_TEST(plane.in_kv(kElsewhere, "id") == plane.made["id"]);
  BOOST_TEST(plane.post(plane.keys, body)["code"] == "key_taken");
  const std::string operator_key = std::exchange(plane.key, plane.service_key("portal"));
  BOOST_TEST(plane.post(plane.keys, R"({"key":"another-key-made-elsewhere"})").status() == 403);
  BOOST_TEST(plane.post(plane.keys).status() == 201);
  plane.key = operator_key;
  BOOST_TEST(plane.get(plane.keys)["totalCount"] == "3");
}

BOOST_AUTO_TEST_CASE(a_repetition_shows_no_key) {
  Subscribed plane;
  const Plane::Extra extra{.idempotency_key = "once"};
  const std::string body = R"({"key":")" + std::string(kElsewhere) + R"("})";
  const Reply first = plane.call("POST", plane.keys, body, extra);
  const Reply again = plane.call("POST", plane.keys, body, extra);
  BOOST_TEST(again.status() == 201);
  BOOST_TEST(again["id"] == first["id"]);
  BOOST_TEST(again.value("key").absent());
  const Reply rolled = plane.call("POST", plane.keys + "/roll", "{}", {.idempotency_key = "roll"});
  BOOST_TEST(rolled["key"].starts_with("tgk_"));
  BOOST_TEST(plane.call("POST", plane.keys + "/roll", "{}", {.idempotency_key = "roll"}).value("key").absent());
  BOOST_TEST(plane.get(plane.keys)["totalCount"] == "3");
}

BOOST_AUTO_TEST_CASE(a_revoked_key_is_gone_everywhere) {
  Subscribed plane;
  const std::string first = plane.made["apiKey.key"];
  BOOST_TEST(plane.in_kv(first, "consumer") == "acme");
  const std::string path = plane.keys + "/" + plane.made["apiKey.id"];
  const std::string elsewhere = "subscriptions/01KNVXHQG356VA7T7W0V9N21GH/api-keys";
  BOOST_TEST(plane.call("DELETE", elsewhere + "/" + plane.made["apiKey.id"]).status() == 404);
  BOOST_TEST(plane.get(elsewhere).status() == 404);
  BOOST_TEST(plane.post(elsewhere).status() == 404);
  BOOST_TEST(plane.post(elsewhere + "/roll").status() == 404);
  const Reply revoked = plane.call("DELETE", path);
  BOOST_TEST(revoked.status() == 204);
  BOOST_TEST((revoked.response.work == control::Work::soon));
  plane.pump();
  BOOST_TEST(plane.in_kv(first, "consumer") == "gone");
  BOOST_TEST(plane.get("snapshots/" + digest_of(first)).status() == 404);
  BOOST_TEST(plane.call("DELETE", path).status() == 404);
  // The name that keys are made for stays the one that the first of them had.
  BOOST_TEST(plane.post(plane.keys + "/roll")["consumer"] == "acme");
}

BOOST_AUTO_TEST_CASE(rolling_ends_the_old_keys_of_one_consumer) {
  Subscribed plane;
  const std::string first = plane.made["apiKey.key"];
  const Reply short_lived = plane.post(plane.keys, R"({"expiresAt":"2026-01-15T10:00:30Z"})");
  const Reply mobile = plane.post(plane.keys, R"({"consumer":"mobile"})");
  plane.pump();
  const std::string revision = plane.in_kv(first, "revision");
  const Reply next = plane.post(plane.keys + "/roll", R"({"transitionSeconds":3600})");
  BOOST_REQUIRE_MESSAGE(next.status() == 201, next.response.body);
  BOOST_TEST(next["consumer"] == "acme");
  BOOST_TEST(next.value("expiresAt").absent());
  plane.pump();
  BOOST_TEST(plane.in_kv(first, "keyExpiresAt") == "2026-01-15T11:00:00Z");
  BOOST_TEST(std::stoll(plane.in_kv(first, "revision")) > std::stoll(revision));
  BOOST_TEST(plane.in_kv(short_lived["key"], "keyExpiresAt") == "2026-01-15T10:00:30Z");
  BOOST_TEST(plane.in_kv(mobile["key"], "keyExpiresAt") == "");
  BOOST_TEST(plane.in_kv(next["key"], "keyExpiresAt") == "");
  BOOST_TEST(plane.post(plane.keys + "/roll", R"({"consumer":"mobile"})")["consumer"] == "mobile");
  plane.pump();
  BOOST_TEST(plane.in_kv(mobile["key"], "keyExpiresAt") == "2026-01-15T10:00:00Z");
  BOOST_TEST(plane.in_kv(next["key"], "keyExpiresAt") == "");
  plane.post(plane.keys + "/roll", R"({"expiresAt":"2026-02-01T00:00:00Z"})");
  plane.pump();
  BOOST_TEST(plane.in_kv(next["key"], "keyExpiresAt") == "2026-02-01T00:00:00Z");
  BOOST_TEST(plane.in_kv(first, "keyExpiresAt") == "2026-01-15T11:00:00Z");
}

BOOST_AUTO_TEST_CASE(keys_in_force_are_bounded) {
  Subscribed plane;
  for (int i = 1; i < 100; ++i) BOOST_REQUIRE(plane.post(plane.keys).status() == 201);
  BOOST_TEST(plane.post(plane.keys)["code"] == "too_many_keys");
  BOOST_TEST(plane.post(plane.keys + "/roll", R"({"transitionSeconds":1})")["code"] == "too_many_keys");
  BOOST_TEST(plane.get(plane.keys)["items.0.expiresAt"] == "");
  BOOST_TEST(plane.post(plane.keys + "/roll").status() == 201);
  BOOST_TEST(plane.post(plane.keys).status() == 201);
  BOOST_TEST(plane.get(plane.keys)["totalCount"] == "102");
}

BOOST_AUTO_TEST_CASE(a_subscription_that_has_ended_gets_no_keys) {
  Subscribed plane;
  BOOST_REQUIRE(plane.post("subscriptions/" + plane.made["id"] + "/cancel").status() == 200);
  BOOST_TEST(plane.post(plane.keys)["code"] == "subscription_inactive");
  BOOST_TEST(plane.post(plane.keys + "/roll")["code"] == "subscription_inactive");
  BOOST_TEST(plane.get(plane.keys)["totalCount"] == "1");
  BOOST_TEST(plane.call("DELETE", plane.keys + "/" + plane.made["apiKey.id"]).status() == 204);
}

BOOST_AUTO_TEST_SUITE_END()
