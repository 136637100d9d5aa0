#include "tests/unit/control/world/plane.h"

#include <boost/test/unit_test.hpp>

using namespace tollgate;
using namespace tollgate::test;

using List = std::vector<std::string>;

BOOST_AUTO_TEST_SUITE(customer_routes)

BOOST_AUTO_TEST_CASE(a_customer_is_created_read_replaced_and_deleted) {
  Plane plane;
  const Reply made = plane.post("customers", R"({"key":"acme@corp","name":"Acme","primaryEmail":"a@acme.example",
      "currency":"EUR","metadata":{"tier":"gold"}})");
  BOOST_REQUIRE(made.status() == 201);
  BOOST_TEST(made["primaryEmail"] == "a@acme.example");
  BOOST_TEST(plane.get("customers/acme%40corp")["id"] == made["id"]);
  BOOST_TEST(plane.get("customers/" + made["id"])["metadata.tier"] == "gold");
  const Reply replaced = plane.call("PUT", "customers/" + made["id"], R"({"key":"acme","name":"Acme Inc"})");
  BOOST_TEST(replaced.status() == 200);
  BOOST_TEST(replaced.value("primaryEmail").absent());
  BOOST_TEST(replaced.value("metadata").absent());
  BOOST_TEST(plane.get("customers/acme%40corp").status() == 404);
  BOOST_TEST(plane.get("customers")["items.0.name"] == "Acme Inc");
  BOOST_TEST(plane.call("DELETE", "customers/acme").status() == 204);
  BOOST_TEST(plane.get("customers/acme").status() == 404);
}

BOOST_AUTO_TEST_CASE(a_customer_tells_what_is_wrong_with_it) {
  Plane plane;
  const Reply reply = plane.post("customers", R"({"key":"a b","primaryEmail":"nobody","currency":"usd",
      "metadata":{"tollgate_max_payment_overdue_days":"3.5"},"id":"x"})");
  const List expected{"currency currency", "id unknown_field",
                      "key key_format",    "metadata.tollgate_max_payment_overdue_days range",
                      "name required",     "primaryEmail email"};
  BOOST_TEST(reply.violations() == expected, boost::test_tools::per_element());
  BOOST_TEST(plane.call("PUT", "customers/nobody", R"({"key":"a","name":"A"})").status() == 404);
}

BOOST_AUTO_TEST_CASE(lengths_are_counted_in_characters) {
  Plane plane;
  const auto repeated = [](std::string_view one, int times) {
    std::string text;
    while (times-- > 0) text += one;
    return text;
  };
  const auto make = [&](std::string_view key, const std::string& name, const std::string& tier) {
    return plane.post("customers", R"({"key":")" + std::string(key) + R"(","name":")" + name +
                                       R"(","metadata":{"tier":")" + tier + R"("}})");
  };
  BOOST_TEST(make("a", repeated("ö", 256), repeated("値", 1024)).status() == 201);
  BOOST_TEST(make("b", repeated("😀", 256), "x")["name"] == repeated("😀", 256));
  const List expected{"metadata.tier length", "name length"};
  BOOST_TEST(make("c", repeated("ö", 257), repeated("値", 1025)).violations() == expected,
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(keys_are_used_once) {
  Plane plane;
  BOOST_REQUIRE(plane.post("customers", R"({"key":"a","name":"A"})").status() == 201);
  BOOST_REQUIRE(plane.post("customers", R"({"key":"b","name":"B"})").status() == 201);
  BOOST_TEST(plane.post("customers", R"({"key":"a","name":"A"})")["code"] == "key_taken");
  BOOST_TEST(plane.call("PUT", "customers/b", R"({"key":"a","name":"B"})")["code"] == "key_taken");
  BOOST_TEST(plane.call("PUT", "customers/a", R"({"key":"a","name":"A2"})").status() == 200);
}

BOOST_AUTO_TEST_CASE(one_with_a_subscription_stays) {
  Plane plane;
  plane.make_catalog();
  const Reply subscription = plane.subscribe();
  BOOST_TEST(plane.call("DELETE", "customers/acme")["code"] == "customer_in_use");
  const Reply list = plane.get("customers/acme/subscriptions");
  BOOST_TEST(list["totalCount"] == "1");
  BOOST_TEST(list["items.0.id"] == subscription["id"]);
  BOOST_TEST(plane.get("customers/nobody/subscriptions").status() == 404);
}

BOOST_AUTO_TEST_CASE(a_list_is_of_a_key_or_of_an_address) {
  Plane plane;
  for (std::string_view body :
       {R"({"key":"a","name":"A","primaryEmail":"Dev@Acme.example"})",
        R"({"key":"b","name":"B","primaryEmail":"dev@acme.EXAMPLE"})", R"({"key":"c","name":"C"})"}) {
    BOOST_REQUIRE(plane.post("customers", body).status() == 201);
  }
  BOOST_TEST(plane.get("customers?key=b")["items.0.name"] == "B");
  BOOST_TEST(plane.get("customers?key=b")["totalCount"] == "1");
  BOOST_TEST(plane.get("customers?key=B")["totalCount"] == "0");
  BOOST_TEST(plane.get("customers?email=DEV%40acme.example")["totalCount"] == "2");
  BOOST_TEST(plane.get("customers?email=DEV%40acme.example&key=a&pageSize=1")["items.0.name"] == "A");
  BOOST_TEST(plane.get("customers?name=A").violations() == List{"name unknown_parameter"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
