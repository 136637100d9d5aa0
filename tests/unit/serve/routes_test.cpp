// The cases that both gateways must agree on (tests/gateway/routes.json), and addresses.

#include "host-bindings/wasmtime/gateway/router.h"
#include "host-bindings/wasmtime/serve/files.h"
#include "json/document.h"

#include <boost/test/unit_test.hpp>

#include <regex>
#include <string>
#include <vector>

namespace tollgate::gateway {
namespace {

/// tests/gateway/routes.json; the tests run in the root of the checkout.
struct Cases {
  json::Document document;
  std::vector<std::string> policies;

  Cases() {
    const auto text = serve::read_file("tests/gateway/routes.json");
    BOOST_REQUIRE(text.ok() && document.parse(*text).ok());
    for (const json::Value name : document.root().member("policies")) policies.emplace_back(name.text());
  }
  json::Value operator[](const char* name) const { return document.root().member(name); }
};

std::vector<std::string> texts(json::Value list) {
  std::vector<std::string> all;
  for (const json::Value one : list) all.emplace_back(one.text());
  return all;
}

Routes parsed(const std::string& text, const std::vector<std::string>& policies) {
  auto routes = parse_routes(text, policies);
  if (!routes.ok()) BOOST_FAIL(routes.error());
  return std::move(*routes);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(routes)

BOOST_AUTO_TEST_CASE(a_mistake_is_refused_by_place_value_and_rule) {
  const Cases cases;
  BOOST_TEST(cases["refused"].size() > 40U);
  for (const json::Value refused : cases["refused"]) {
    const json::Value text = refused.member("text");
    const std::string document = text.absent() ? json::compact(refused.member("document")) : std::string(text.text());
    const auto routes = parse_routes(document, cases.policies);
    if (routes.ok()) BOOST_FAIL(document);
    BOOST_TEST(routes.error().starts_with("config/routes.json"), routes.error());
    BOOST_TEST(std::regex_search(routes.error(), std::regex(std::string(refused.member("message").text()))),
               document << " " << routes.error());
  }
}

BOOST_AUTO_TEST_CASE(a_request_finds_the_most_exact_route_that_takes_its_method) {
  const Cases cases;
  const Routes table = parsed(json::compact(cases["table"]), cases.policies);
  const Router router(table.routes);
  for (const json::Value expected : cases["matches"]) {
    const std::string method(expected.member("method").text());
    const Router::Match match = router.match(method, expected.member("path").text());
    const std::string what = json::compact(expected);
    const json::Value route = expected.member("route");
    BOOST_TEST(match.found == !route.absent(), what);
    if (match.found) {
      BOOST_TEST(table.routes[match.route].path == route.text(), what);
    } else {
      BOOST_TEST((std::vector(match.allow.begin(), match.allow.end()) == texts(expected.member("allow"))), what);
    }
  }
}

BOOST_AUTO_TEST_CASE(json_paths_are_names_indices_quoted_names_and_nothing_else) {
  const Cases cases;
  const json::Value document = cases["jsonPaths"].member("document");
  for (const json::Value expected : cases["jsonPaths"].member("values")) {
    const auto path = parse_json_path(expected.member("path").text());
    BOOST_REQUIRE(path.has_value());
    const json::Value found = value_at(document, *path);
    const bool is_expected = !expected.member("value").is(json::Kind::null);
    BOOST_TEST(found.absent() == !is_expected, json::compact(expected));
    if (is_expected) BOOST_TEST(json::compact(found) == json::compact(expected.member("value")));
  }
  for (const json::Value refused : cases["jsonPaths"].member("refused")) {
    BOOST_TEST(!parse_json_path(refused.text()).has_value(), refused.text());
  }
}

BOOST_AUTO_TEST_CASE(the_shipped_configuration_is_accepted) {
  const auto text = serve::read_file("config/routes.json");
  BOOST_REQUIRE(text.ok());
  const Routes shipped = parsed(*text, {"todos", "generate", "export"});
  BOOST_TEST(shipped.bucket == "working-copy");
  BOOST_TEST(shipped.routes.size() == 4U);
  BOOST_TEST(shipped.routes[2].response_meters.size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_routes_are_compared_with_is_the_path_as_the_url_standard_reads_it) {
  const std::vector<std::vector<std::string>> cases = {
      // target, path, query
      {"/todos", "/todos", ""},
      {"/", "/", ""},
      {"/a/../b", "/b", ""},
      {"/a/./b/", "/a/b/", ""},
      {"/../../v3", "/v3", ""},
      {"/a/%2e%2E/b", "/b", ""},
      {"/a/.%2e", "/", ""},
      {"/a\\..\\b", "/b", ""},
      {"/a//b", "/a//b", ""},
      {"/a b\"<>`{}", "/a%20b%22%3C%3E%60%7B%7D", ""},
      {"/%00%0d", "/%00%0d", ""},
      {"/\xc3\xa9", "/%C3%A9", ""},
      {"/a?b=/../c#d", "/a", "?b=/../c"},
      {"/a?b='\"", "/a", "?b=%27%22"},
      {"http://host/a/../b?c", "/b", "?c"},
      {"http://host", "/", ""},
  };
  for (const auto& one : cases) {
    const auto target = http::parse_target(one[0]);
    BOOST_REQUIRE_MESSAGE(target.has_value(), one[0]);
    BOOST_TEST(target->path == one[1], one[0] << " gave " << target->path);
    BOOST_TEST(target->query == one[2], one[0] << " gave " << target->query);
  }
  for (const char* none : {"*", "", "host:443", "ftp://host/a", "http://"}) BOOST_TEST(!http::parse_target(none), none);
}

BOOST_AUTO_TEST_CASE(addresses) {
  const auto url = http::parse_url("https://API.example.com:8443/v1/../v2/");
  BOOST_REQUIRE(url.has_value());
  BOOST_TEST(url->origin.text() == "https://api.example.com:8443");
  BOOST_TEST(url->path == "/v2/");
  BOOST_TEST(http::parse_url("http://[::1]:80/x")->origin.authority() == "[::1]");
  for (const char* none :
       {"https://u:p@host", "https://host:0", "https://host:99999", "https://ho st", "https:///x", "x"}) {
    BOOST_TEST(!http::parse_url(none), none);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tollgate::gateway
