// The gateway module's handles and bounds; what it answers is in tests/conformance/vectors/gateway-*.json.

#include "base/limits.h"
#include "wasm/gateway_abi.h"

#include <boost/test/unit_test.hpp>

#include <cstring>
#include <set>
#include <string>
#include <string_view>

namespace tollgate::gateway {
namespace {

std::uint32_t put(std::string_view text) {
  std::memcpy(tgg_input(static_cast<std::uint32_t>(text.size())), text.data(), text.size());
  return static_cast<std::uint32_t>(text.size());
}

void configure() {
  constexpr std::string_view kPolicies = R"([{"name":"p","authHeader":"authorization"}])";
  constexpr std::string_view kRoutes =
      R"({"routes":[{"path":"/a","methods":["GET"],"upstream":"service:UP","policies":["p"],)"
      R"("responseMeters":{"t":"$.t"}}]})";
  const std::string text = std::string(kPolicies) + std::string(kRoutes);
  BOOST_REQUIRE(tgg_configure(static_cast<std::uint32_t>(kPolicies.size()), put(text)) == 1);
}

std::int32_t begin() { return tgg_begin_reading(0, put("200\n")); }
std::int32_t end(std::int32_t handle) { return tgg_end_reading(static_cast<std::uint32_t>(handle), put("whole")); }

}  // namespace

BOOST_AUTO_TEST_SUITE(module)

BOOST_AUTO_TEST_CASE(a_handle_that_was_ended_is_nobodys) {
  configure();
  const std::int32_t first = begin();
  BOOST_REQUIRE(first >= 0);
  BOOST_TEST(end(first) == 0);
  BOOST_TEST(end(first) < 0);
  const std::int32_t second = begin();
  BOOST_TEST(second != first);
  BOOST_TEST(tgg_feed(static_cast<std::uint32_t>(first), put("{}")) < 0);
  BOOST_TEST(tgg_feed(static_cast<std::uint32_t>(second), put("{\"t\":1")) == 1);
  BOOST_TEST(tgg_feed(static_cast<std::uint32_t>(second), put("}")) == 0);
  BOOST_TEST(end(second) == 0);
}

BOOST_AUTO_TEST_CASE(so_many_responses_are_read_at_once_and_no_more) {
  configure();
  std::set<std::int32_t> handles;
  for (std::size_t i = 0; i < limits::kMaxReadings; ++i) handles.insert(begin());
  BOOST_TEST(handles.size() == limits::kMaxReadings);
  BOOST_TEST(*handles.begin() >= 0);
  BOOST_TEST(begin() < 0);
  BOOST_TEST(end(*handles.begin()) == 0);
  BOOST_TEST(begin() >= 0);
  configure();
  BOOST_TEST(end(*handles.rbegin()) < 0);
}

BOOST_AUTO_TEST_CASE(what_is_too_long_has_no_room) {
  BOOST_TEST(tgg_input(static_cast<std::uint32_t>(limits::kMaxGatewayText)) != nullptr);
  BOOST_TEST(tgg_input(static_cast<std::uint32_t>(limits::kMaxGatewayText) + 1) == nullptr);
}

BOOST_AUTO_TEST_CASE(routes_that_there_are_not_are_refused) {
  configure();
  for (const auto& ask : {tgg_request_fields, tgg_own_fields, tgg_response_fields, tgg_begin_reading}) {
    BOOST_TEST(ask(1, put("\n")) < 0);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tollgate::gateway
