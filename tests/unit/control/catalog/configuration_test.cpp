#include "tests/unit/control/world/plane.h"

#include <boost/test/unit_test.hpp>

using namespace tollgate;
using namespace tollgate::test;

namespace {

using List = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(configuration_routes)

BOOST_AUTO_TEST_CASE(the_configuration_has_defaults_and_rules) {
  Plane plane;
  const std::string defaults =
      R"({"multipleSubscriptionsEnabled":false,"planOrder":[],"planSettings":{},"maxPaymentOverdueDays":3})";
  BOOST_TEST(plane.get("monetization-configuration").response.body == defaults);
  const auto put = [&](std::string_view body) { return plane.call("PUT", "monetization-configuration", body); };
  BOOST_TEST(put(R"({"planOrder":["free","pro"],"planSettings":{"pro":{"visiblePhases":[]}}})").status() == 200);
  const Reply kept = put(R"({"maxPaymentOverdueDays":0})");
  BOOST_TEST(kept["planOrder"] == R"(["free","pro"])");
  BOOST_TEST(kept["maxPaymentOverdueDays"] == "0");
  BOOST_TEST(put("{}").violations() == List{" required"}, boost::test_tools::per_element());
  const List expected{"colour unknown_field", "maxPaymentOverdueDays range", "multipleSubscriptionsEnabled type",
                      "planOrder[1] unique",  "planOrder[2] key_format",     "planSettings.a type"};
  BOOST_TEST(put(R"({"planOrder":["a","a",1],"planSettings":{"a":1},"maxPaymentOverdueDays":1.5,
                     "multipleSubscriptionsEnabled":"yes","colour":1})")
                     .violations() == expected,
             boost::test_tools::per_element());
  BOOST_TEST(plane.call("DELETE", "monetization-configuration").status() == 204);
  BOOST_TEST(plane.get("monetization-configuration").response.body == defaults);
}

BOOST_AUTO_TEST_SUITE_END()
