#include "tests/unit/control/world/plane.h"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace tollgate;
using namespace tollgate::test;

namespace {

using List = std::vector<std::string>;

const Plane::Extra kBatch{.content_type = "application/cloudevents-batch+json"};

std::string event(std::string_view subscription, std::string_view id, std::string_view type, std::string_view data) {
  return std::string(R"({"specversion":"1.0","source":"s","subject":"x","time":"2026-01-15T09:00:00Z","id":")")
      .append(id)
      .append(R"(","type":")")
      .append(type)
      .append(R"(","subscription":")")
      .append(subscription)
      .append(R"(","data":)")
      .append(data)
      .append("}");
}

std::string usage(Plane& plane, std::string_view meter, std::string_view body = "{}") {
  return plane.post("meters/" + std::string(meter) + "/query", body)["data.0.value"];
}

}  // namespace

BOOST_AUTO_TEST_SUITE(event_routes)

BOOST_AUTO_TEST_CASE(three_media_types_are_taken) {
  Plane plane;
  plane.make_catalog();
  const std::string id = plane.subscribe()["id"];
  const std::string one = event(id, "1", "tokens", R"({"total":1})");
  const std::string two = "[" + event(id, "2", "tokens", R"({"total":"0.1"})") + "]";
  BOOST_TEST(plane.post("events", one).status() == 204);
  BOOST_TEST(plane.post("events", two).status() == 204);
  BOOST_TEST(
      plane.call("POST", "events", one, {.content_type = "application/cloudevents+json; charset=utf-8"}).status() ==
      204);
  BOOST_TEST(plane.call("POST", "events", two, kBatch).status() == 204);
  BOOST_TEST(plane.call("POST", "events", one, kBatch).violations() == List{" type"}, boost::test_tools::per_element());
  BOOST_TEST(plane.call("POST", "events", two, {.content_type = "application/cloudevents+json"}).status() == 400);
  BOOST_TEST(plane.call("POST", "events", one, {.content_type = "text/plain"}).status() == 415);
  BOOST_TEST(plane.call("POST", "events", "[]", kBatch).status() == 204);
  BOOST_TEST(usage(plane, "tokens") == "1.1");
}

BOOST_AUTO_TEST_CASE(one_bad_event_refuses_the_batch_by_name) {
  Plane plane;
  plane.make_catalog();
  const std::string id = plane.subscribe()["id"];
  const std::string good = event(id, "good", "tokens", R"({"total":1})");
  struct Case {
    std::string bad;
    List violations;
  };
  const Case cases[] = {
      {event("01KNVXHQG356VA7T7W0V9N21GH", "b", "tokens", R"({"total":1})"), {"events[1].subscription exists"}},
      {event(id, "b", "bananas", R"({"total":1})"), {"events[1].type exists"}},
      {event(id, "b", "tokens", R"({"total":-1})"), {"events[1].data.total range"}},
      {event(id, "b", "tokens", R"({"total":0.0000000001})"), {"events[1].data.total decimal"}},
      {event(id, "b", "tokens", R"({})"), {"events[1].data.total required"}},
      {"7", {"events[1] type"}},
  };
  for (const Case& one : cases) {
    const Reply reply = plane.call("POST", "events", "[" + good + "," + one.bad + "]", kBatch);
    BOOST_TEST(reply.status() == 400);
    BOOST_TEST(reply.violations() == one.violations, boost::test_tools::per_element());
  }
  BOOST_TEST(usage(plane, "tokens") == "0");
}

/// The indexes of the events that an answer names, in their order.
std::vector<std::size_t> named(const Reply& reply) {
  std::set<std::size_t> indexes;
  for (json::Value one : reply.value("invalidParameters")) {
    const std::string field(one.member("field").text());
    BOOST_REQUIRE_MESSAGE(field.starts_with("events["), field);
    indexes.insert(std::stoul(field.substr(7)));
  }
  return {indexes.begin(), indexes.end()};
}

// M5: a queue sends the others again in one request, so it must hear of all that stand in the way.
BOOST_AUTO_TEST_CASE(every_event_of_a_batch_that_is_refused_is_named) {
  Plane plane;
  plane.make_catalog();
  const std::string id = plane.subscribe()["id"];
  const std::string bad[] = {
      event("01KNVXHQG356VA7T7W0V9N21GH", "b", "tokens", R"({"total":1})"),
      event(id, "b", "bananas", R"({"total":1})"),
      event(id, "b", "tokens", R"({"total":"a","more":1})"),
      R"({"specversion":"2.0","x-y":1})",
      "7",
      "[]",
  };
  std::string batch;
  std::vector<std::size_t> expected;
  for (std::size_t i = 0; i < 1000; ++i) {
    const bool good = i % 4 == 0;
    batch += (i == 0 ? "" : ",") + (good ? event(id, std::to_string(i), "tokens", R"({"total":1})") : bad[i % 6]);
    if (!good) expected.push_back(i);
  }
  const Reply refused = plane.call("POST", "events", "[" + batch + "]", kBatch);
  BOOST_TEST(refused.status() == 400);
  BOOST_TEST(named(refused) == expected, boost::test_tools::per_element());
  BOOST_TEST(usage(plane, "tokens") == "0");
}

// M5: also where ledgers refuse them, each for itself.
BOOST_AUTO_TEST_CASE(every_event_that_a_ledger_refuses_is_named) {
  Plane plane;
  plane.make_catalog();
  BOOST_REQUIRE(plane.post("customers", R"({"key":"beta","name":"B"})").status() == 201);
  const std::string a = plane.subscribe()["id"];
  const std::string b = plane.post("subscriptions", R"({"plan":{"key":"starter"},"customerKey":"beta"})")["id"];
  const std::string_view half = R"({"total":500000000000000000})";
  const std::vector<std::string> events = {
      event(a, "0", "tokens", half), event(b, "1", "tokens", half), event(b, "2", "tokens", R"({"total":2})"),
      event(a, "3", "tokens", half), event(b, "4", "tokens", half), event(a, "5", "tokens", R"({"total":5})"),
      event(b, "6", "tokens", half),
  };
  const auto batch_of = [&](const std::vector<std::size_t>& indexes) {
    std::string batch;
    for (const std::size_t i : indexes) batch += (batch.empty() ? "" : ",") + events[i];
    return "[" + batch + "]";
  };
  const Reply refused = plane.call("POST", "events", batch_of({0, 1, 2, 3, 4, 5, 6}), kBatch);
  BOOST_TEST(
      refused.violations() == (List{"events[3].data overflow", "events[4].data overflow", "events[6].data overflow"}),
      boost::test_tools::per_element());
  BOOST_TEST(usage(plane, "tokens", R"({"windowSize":"DAY"})") == "");
  BOOST_TEST(plane.call("POST", "events", batch_of({0, 1, 2, 5}), kBatch).status() == 204);
  BOOST_TEST(usage(plane, "tokens", R"({"filterSubscription":[")" + b + R"("]})") == "500000000000000002");
}

// S3.1
BOOST_AUTO_TEST_CASE(merged_events_count_their_requests_and_are_refused_by_name) {
  Plane plane;
  plane.make_catalog();
  BOOST_REQUIRE(plane.post("meters", R"({"slug":"calls","eventType":"api_requests","aggregation":"COUNT"})").status() ==
                201);
  const std::string id = plane.subscribe()["id"];
  const auto merged = [&](std::string_view number, std::string_view data) {
    std::string text = event(id, "01KNVXHQG356VA7T7W0V9N21GH-" + std::string(number), "api_requests", data);
    return text.replace(text.find("\"s\""), 3, "\"monetization-policy\"");
  };
  const std::string good = merged("1", R"({"total":13,"count":13,"min":1,"max":1,"last":1})");
  const std::string bad = merged("2", R"({"total":14,"count":13,"min":1,"max":1,"last":1})");
  BOOST_TEST(plane.call("POST", "events", "[" + good + "," + bad + "]", kBatch).violations() ==
                 List{"events[1].data.total merged"},
             boost::test_tools::per_element());
  BOOST_REQUIRE(plane.call("POST", "events", "[" + good + "]", kBatch).status() == 204);
  BOOST_TEST(usage(plane, "calls") == "13");
  BOOST_TEST(usage(plane, "api_requests") == "13");
}

BOOST_AUTO_TEST_CASE(a_batch_reaches_every_ledger_it_is_about) {
  Plane plane;
  plane.make_catalog();
  BOOST_REQUIRE(plane.post("customers", R"({"key":"beta","name":"B"})").status() == 201);
  const std::string a = plane.subscribe()["id"];
  const std::string b = plane.post("subscriptions", R"({"plan":{"key":"starter"},"customerKey":"beta"})")["id"];
  const std::string batch = "[" + event(a, "1", "tokens", R"({"total":1})") + "," +
                            event(b, "2", "tokens", R"({"total":20})") + "," +
                            event(a, "3", "api_requests", R"({"total":300})") + "]";
  BOOST_REQUIRE(plane.call("POST", "events", batch, kBatch).status() == 204);
  BOOST_TEST(usage(plane, "tokens") == "21");
  BOOST_TEST(usage(plane, "tokens", R"({"filterSubscription":[")" + b + R"("]})") == "20");
  BOOST_TEST(usage(plane, "api_requests") == "300");
  const Reply grouped = plane.post("meters/tokens/query", R"({"groupBy":["subscription"]})");
  BOOST_TEST(grouped.value("data").size() == 2u);
}

// A queue tries again after 503, and sends the events one by one after 400: an event that never fits must not hold up
// the others for ever.
BOOST_AUTO_TEST_CASE(an_event_that_no_sum_can_take_is_refused_for_good) {
  Plane plane;
  plane.make_catalog();
  BOOST_REQUIRE(plane.post("customers", R"({"key":"beta","name":"B"})").status() == 201);
  const std::string a = plane.subscribe()["id"];
  const std::string b = plane.post("subscriptions", R"({"plan":{"key":"starter"},"customerKey":"beta"})")["id"];
  const std::string_view most = R"({"total":"999999999999999999"})";
  BOOST_TEST(plane.post("events", event(a, "1", "tokens", most)).status() == 204);
  BOOST_TEST(plane.post("events", event(a, "2", "tokens", most)).violations() == List{"data overflow"},
             boost::test_tools::per_element());
  const std::string batch =
      "[" + event(b, "3", "tokens", R"({"total":20})") + "," + event(a, "4", "tokens", most) + "]";
  const Reply refused = plane.call("POST", "events", batch, kBatch);
  BOOST_TEST(refused.status() == 400);
  BOOST_TEST(refused.violations() == List{"events[1].data overflow"}, boost::test_tools::per_element());
  BOOST_TEST(usage(plane, "tokens", R"({"filterSubscription":[")" + b + R"("]})") == "20");
  plane.host.ledgers_are_down = true;
  BOOST_TEST(plane.call("POST", "events", batch, kBatch).status() == 503);
}

BOOST_AUTO_TEST_CASE(more_than_a_thousand_events_are_refused) {
  Plane plane;
  plane.make_catalog();
  std::string batch = "[1";
  for (int i = 0; i < 1000; ++i) batch += ",1";
  BOOST_TEST(plane.call("POST", "events", batch + "]", kBatch).violations() == List{"events length"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_query_tells_what_is_wrong_with_it) {
  Plane plane;
  plane.make_catalog();
  BOOST_TEST(plane.post("meters/none/query", "{}").status() == 404);
  const Reply reply = plane.post("meters/tokens/query", R"({"filterSubscription":["none"],"windowSize":"YEAR","x":1})");
  const List expected{"filterSubscription[0] exists", "windowSize one_of", "x unknown_field"};
  BOOST_TEST(reply.violations() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(filters_name_subscriptions_by_their_place_and_count_each_once) {
  Plane plane;
  plane.make_catalog();
  const std::string id = plane.subscribe()["id"];
  BOOST_REQUIRE(plane.post("events", event(id, "1", "tokens", R"({"total":3})")).status() == 204);
  const std::string twice = R"({"filterSubscription":[")" + id + R"(",")" + id + "\"";
  BOOST_TEST(usage(plane, "tokens", twice + "]}") == "3");
  BOOST_TEST(
      plane.post("meters/tokens/query", twice + R"(,"0"]})").violations() == List{"filterSubscription[2] exists"},
      boost::test_tools::per_element());
  std::string many = R"({"filterSubscription":[")" + id + "\"";
  for (int i = 0; i < 200; ++i) many += ",\"" + id + "\"";
  BOOST_TEST(plane.post("meters/tokens/query", many + "]}").violations() == List{"filterSubscription length"},
             boost::test_tools::per_element());
}

/// The reason lies in the query, and trying again would not help.
BOOST_AUTO_TEST_CASE(a_query_that_a_ledger_refuses_is_refused) {
  Plane plane;
  plane.make_catalog();
  const std::string id = plane.subscribe()["id"];
  std::string yesterday = event(id, "2", "tokens", R"({"total":600000000000000000})");
  yesterday.replace(yesterday.find("01-15"), 5, "01-14");
  const std::string today = event(id, "1", "tokens", R"({"total":600000000000000000})");
  BOOST_REQUIRE(plane.call("POST", "events", "[" + today + "," + yesterday + "]", kBatch).status() == 204);
  const Reply whole = plane.post("meters/tokens/query", "{}");
  BOOST_TEST(whole.status() == 422);
  BOOST_TEST(whole["code"] == "usage_overflow");
  BOOST_TEST(usage(plane, "tokens", R"({"windowSize":"DAY"})") == "600000000000000000");
}

BOOST_AUTO_TEST_CASE(dead_letters_are_kept_once_and_counted) {
  Plane plane;
  const std::string letter = R"({"reason":"no such subscription","event":{"id":"1","any":[true,null,1.50]}})";
  BOOST_TEST(plane.post("dead-letters", letter).status() == 204);
  BOOST_TEST(plane.post("dead-letters", letter).status() == 204);
  const Reply list = plane.get("dead-letters");
  BOOST_TEST(list["totalCount"] == "1");
  BOOST_TEST(list["items.0.times"] == "2");
  BOOST_TEST(list["items.0.event"] == R"({"id":"1","any":[true,null,1.50]})");
  BOOST_TEST(plane.post("dead-letters", R"({"event":1,"more":2})").violations() ==
                 (List{"more unknown_field", "reason required"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
