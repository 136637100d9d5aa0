// Addresses and targets of requests, as the URL standard reads them.

#include "host-bindings/wasmtime/http/url.h"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace tollgate::serve {

BOOST_AUTO_TEST_SUITE(addresses)

BOOST_AUTO_TEST_CASE(a_target_is_a_path_and_a_query) {
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

BOOST_AUTO_TEST_CASE(an_address_has_an_origin_and_a_path) {
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

}  // namespace tollgate::serve
