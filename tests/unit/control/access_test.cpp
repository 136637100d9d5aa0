#include "tests/unit/control/world/plane.h"

#include <boost/test/unit_test.hpp>

using namespace tollgate;
using namespace tollgate::test;

namespace {

/// A service key of the plane's bucket.
std::string service_key(Plane& plane, std::string_view role) {
  const Reply made = plane.post("service-keys", R"({"name":"n","role":")" + std::string(role) + R"("})");
  BOOST_REQUIRE(made.status() == 201);
  return made["key"];
}

int status_with(Plane& plane, std::string_view authorization) {
  return plane.call("GET", "meters", "", {.authorization = std::string(authorization)}).status();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(access_control)

BOOST_AUTO_TEST_CASE(without_the_right_key_it_is_401) {
  Plane plane;
  const std::string_view wrong[] = {"",
                                    "Bearer",
                                    "Bearer ",
                                    "Basic tg_admin_local",
                                    "tg_admin_local",
                                    "Bearer tg_admin_loca",
                                    "Bearer tg_admin_locam",
                                    "Bearer tg_admin_local, Bearer tg_admin_local",
                                    "Bearer tg_admin_local x",
                                    "Bearer tgs_working_copy_x"};
  for (std::string_view header : wrong) BOOST_TEST(status_with(plane, header) == 401, header);
  const Reply reply = plane.call("GET", "meters", "", {.authorization = ""});
  BOOST_TEST(reply.header("www-authenticate") == "Bearer");
  BOOST_TEST(reply.header("content-type") == "application/problem+json");
  BOOST_TEST(reply["instance"] == "/v3/metering/working-copy/meters");
  BOOST_TEST(status_with(plane, "bearer tg_admin_local") == 200);
}

BOOST_AUTO_TEST_CASE(the_well_known_key_is_for_developers_only) {
  Plane plane;
  plane.local = false;
  BOOST_TEST(plane.get("meters").status() == 401);
  plane.operator_key = plane.key = "short_operator_key";
  BOOST_TEST(plane.get("meters").status() == 401);
  plane.operator_key = plane.key = "0123456789abcdef0123456789abcdef";
  BOOST_TEST(plane.get("meters").status() == 200);
  plane.operator_key = "";
  BOOST_TEST(plane.get("meters").status() == 401);
}

BOOST_AUTO_TEST_CASE(a_service_key_is_shown_once_and_can_be_deleted) {
  Plane plane;
  const Reply made = plane.post("service-keys", R"({"name":"ci","role":"read-only"})");
  BOOST_REQUIRE(made.status() == 201);
  BOOST_TEST(made["key"].starts_with("tgs_working_copy_"));
  const Reply list = plane.get("service-keys");
  BOOST_TEST(list["items.0.role"] == "read-only");
  BOOST_TEST(list.response.body.find(made["key"]) == std::string::npos);
  BOOST_TEST(status_with(plane, "Bearer " + made["key"]) == 200);
  BOOST_TEST(plane.call("DELETE", "service-keys/" + made["id"]).status() == 204);
  BOOST_TEST(plane.call("DELETE", "service-keys/" + made["id"]).status() == 404);
  BOOST_TEST(status_with(plane, "Bearer " + made["key"]) == 401);
  BOOST_TEST(plane.post("service-keys", R"({"role":"root"})").violations() ==
                 (std::vector<std::string>{"name required", "role one_of"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_key_of_another_bucket_is_403_and_a_forged_one_401) {
  Plane plane;
  plane.bucket = "preview";
  const std::string key = service_key(plane, "admin");
  plane.bucket = "working-copy";
  BOOST_TEST(status_with(plane, "Bearer " + key) == 403);
  std::string forged = key;
  forged[20] = forged[20] == 'a' ? 'b' : 'a';
  BOOST_TEST(status_with(plane, "Bearer " + forged) == 401);
}

BOOST_AUTO_TEST_CASE(roles_do_what_they_are_for) {
  Plane plane;
  plane.make_catalog();
  const Reply made = plane.subscribe();
  const std::string snapshot = "snapshots/" + digest_of(made["apiKey.key"]);
  const std::string keys = "subscriptions/" + made["id"] + "/api-keys";
  const std::string change = "subscriptions/" + made["id"] + "/change";
  const std::string payment = "subscriptions/" + made["id"] + "/payment-status";
  struct Case {
    std::string_view role, method;
    std::string path;
    bool allowed;
  };
  const Case cases[] = {
      {"read-only", "GET", "meters", true},
      {"read-only", "POST", "meters", false},
      {"read-only", "GET", "subscriptions", true},
      {"read-only", "POST", "meters/tokens/query", true},
      {"read-only", "POST", "events", false},
      {"read-only", "GET", "service-keys", false},
      {"read-only", "GET", snapshot, false},
      {"edge", "GET", snapshot, true},
      {"edge", "POST", "events", true},
      {"edge", "GET", "meters", false},
      {"edge", "GET", "customers", false},
      {"edge", "POST", "dead-letters", true},
      {"portal", "GET", "plans", true},
      {"portal", "POST", "customers", true},
      {"portal", "POST", "subscriptions", true},
      {"portal", "GET", "customers", false},
      {"portal", "POST", "plans", false},
      {"portal", "DELETE", "customers/acme", false},
      {"portal", "GET", "customers/acme", true},
      {"admin", "POST", "plans", true},
      {"portal", "PUT", "monetization-configuration", false},
      {"portal", "POST", change, true},
      {"portal", "POST", change + "/estimate-credit", true},
      {"portal", "POST", keys, true},
      {"portal", "POST", keys + "/roll", true},
      {"portal", "GET", keys, true},
      {"portal", "DELETE", keys + "/none", true},
      {"portal", "PUT", payment, false},
      {"read-only", "GET", keys, true},
      {"read-only", "POST", keys, false},
      {"read-only", "POST", change, false},
      {"edge", "GET", keys, false},
  };
  const std::string operator_key = plane.key;
  for (const Case& one : cases) {
    plane.key = operator_key;
    plane.key = service_key(plane, one.role);
    const int status = plane.call(one.method, one.path, one.method == "GET" ? "" : "{}").status();
    const std::string what = std::string(one.role) + " " + std::string(one.method) + " " + one.path;
    BOOST_TEST((status == 403) == !one.allowed, what << ": " << status);
  }
}

BOOST_AUTO_TEST_CASE(paths_and_methods_that_are_not_there) {
  Plane plane;
  BOOST_TEST(plane.get("nothing").status() == 404);
  BOOST_TEST(plane.get("meters/a/b/c").status() == 404);
  BOOST_TEST(plane.get("meters//x").status() == 404);
  BOOST_TEST(plane.get("meters/%zz").status() == 404);
  BOOST_TEST(plane.get("meters/%00").status() == 404);
  for (std::string_view target :
       {"/", "", "/v3/metering/working-copy", "/v3/metering/preview/meters", "/v2/metering/working-copy/meters"}) {
    BOOST_TEST(plane.raw("GET", target, "", {}).status() == 404, target);
  }
  const Reply patched = plane.call("PATCH", "meters/a", "{}");
  BOOST_TEST(patched.status() == 405);
  BOOST_TEST(patched.header("allow") == "GET, PUT, DELETE");
  plane.bucket = "elsewhere";
  BOOST_TEST(plane.get("meters").status() == 404);
}

BOOST_AUTO_TEST_CASE(bodies_that_cannot_be_read) {
  Plane plane;
  const auto refused = [&](std::string_view body, std::string_view type) {
    const Reply reply = plane.call("POST", "meters", body, {.content_type = std::string(type)});
    return std::to_string(reply.status()) + " " + reply["code"];
  };
  constexpr std::string_view kJson = "application/json";
  BOOST_TEST(refused("{", kJson) == "400 malformed_json");
  BOOST_TEST(refused("", kJson) == "400 malformed_json");
  BOOST_TEST(refused("{} {}", kJson) == "400 malformed_json");
  BOOST_TEST(refused("\"\xff\"", kJson) == "400 malformed_json");
  BOOST_TEST(refused(R"({"slug":"a","slug":"b"})", kJson) == "400 duplicate_name");
  BOOST_TEST(refused(std::string(33, '[') + std::string(33, ']'), kJson) == "400 too_deep");
  BOOST_TEST(refused("{}", "text/plain") == "415 unsupported_media_type");
  BOOST_TEST(refused("{}", "") == "415 unsupported_media_type");
  BOOST_TEST(refused(std::string(1024 * 1024, ' ') + "{}", kJson) == "413 body_too_large");
  BOOST_TEST(refused(std::string(1024 * 1024 - 2, ' ') + "{}", kJson) == "400 invalid_parameters");
}

BOOST_AUTO_TEST_CASE(nobody_outside_reaches_what_is_the_hosts) {
  Plane plane;
  for (std::string_view target : {"/start", "/seed", "/outbox/take", "/ledger/ingest"}) {
    BOOST_TEST(plane.raw("POST", target, "{}", {}).status() == 404, target);
    BOOST_TEST(plane.post(target.substr(1), "{}").status() == 404, target);
  }
  control::Request request;
  request.role = control::Role::ledger;
  request.object = "working-copy/01KNVXHQG356VA7T7W0V9N21GH";
  request.method = "POST";
  request.target = "/ledger/usage";
  request.body = "{}";
  request.now = plane.now;
  BOOST_TEST(plane.host.perform(request).status == 404);
}

BOOST_AUTO_TEST_SUITE_END()
