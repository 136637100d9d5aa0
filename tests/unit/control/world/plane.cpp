#include "tests/unit/control/world/plane.h"

#include "base/sha256.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace tollgate::test {

Instant at(std::string_view text) {
  const auto instant = parse_instant(text);
  BOOST_REQUIRE_MESSAGE(instant.ok(), text);
  return *instant;
}

std::string text_of(Instant instant) {
  char text[kInstantText];
  return std::string(text, write_instant(instant, text));
}

json::Value Reply::value(std::string_view path) const {
  json::Value value = document->root();
  while (!path.empty()) {
    const std::size_t dot = std::min(path.find('.'), path.size());
    const std::string_view step = path.substr(0, dot);
    value = value.is(json::Kind::array) ? value.element(static_cast<std::size_t>(std::stoul(std::string(step))))
                                        : value.member(step);
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return value;
}

std::string Reply::operator[](std::string_view path) const {
  const json::Value found = value(path);
  const bool scalar = !found.is(json::Kind::object) && !found.is(json::Kind::array);
  return scalar ? std::string(found.text()) : json::compact(found);
}

std::string Reply::header(std::string_view name) const {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

std::vector<std::string> Reply::violations() const {
  std::vector<std::string> list;
  for (json::Value one : value("invalidParameters")) {
    list.push_back(std::string(one.member("field").text()) + " " + std::string(one.member("rule").text()));
    BOOST_TEST(!one.member("message").text().empty());
  }
  std::sort(list.begin(), list.end());
  return list;
}

Reply Plane::raw(std::string_view method, std::string_view target, std::string_view body, const Extra& extra) {
  const std::string authorization = extra.authorization.value_or("Bearer " + key);
  const std::string content_type = extra.content_type.value_or(body.empty() ? "" : "application/json");
  control::Request request;
  request.object = bucket;
  request.method = method;
  request.target = target;
  request.headers = {{"authorization", authorization}, {"content-type", content_type}};
  if (extra.idempotency_key.has_value()) request.headers.push_back({"idempotency-key", *extra.idempotency_key});
  if (extra.if_match.has_value()) request.headers.push_back({"if-match", *extra.if_match});
  request.body = body;
  request.now = now;
  request.settings = {operator_key, local};
  Reply reply{host.perform(request), std::make_shared<json::Document>()};
  const bool is_json = reply.header("content-type").find("json") != std::string::npos;
  if (is_json) BOOST_TEST(reply.document->parse(reply.response.body).ok(), reply.response.body);
  return reply;
}

Reply Plane::call(std::string_view method, std::string_view path, std::string_view body, const Extra& extra) {
  return raw(method, "/v3/metering/" + bucket + "/" + std::string(path), body, extra);
}

std::string Plane::publish_plan(std::string_view definition) {
  const Reply draft = post("plans", definition);
  BOOST_REQUIRE_MESSAGE(draft.status() == 201, draft.response.body);
  BOOST_REQUIRE(post("plans/" + draft["id"] + "/publish").status() == 200);
  return draft["id"];
}

std::string Plane::make_catalog() {
  for (std::string_view slug : {"api_requests", "tokens"}) {
    const std::string name(slug);
    BOOST_REQUIRE(post("meters", R"({"slug":")" + name + R"(","eventType":")" + name +
                                     R"(","aggregation":"SUM","valueProperty":"$.total"})")
                      .status() == 201);
    BOOST_REQUIRE(post("features", R"({"key":")" + name + R"(","name":"F","meterSlug":")" + name + R"("})").status() ==
                  201);
  }
  BOOST_REQUIRE(post("features", R"({"key":"export","name":"Export"})").status() == 201);
  BOOST_REQUIRE(post("customers", R"({"key":"acme","name":"Acme"})").status() == 201);
  return publish_plan(plan_json("starter", kStarterCards));
}

Reply Plane::subscribe() { return post("subscriptions", R"({"plan":{"key":"starter"},"customerKey":"acme"})"); }

Reply Plane::ingest(std::string_view subscription, std::string_view id, std::string_view type, std::string_view total) {
  const std::string event = std::string(R"({"specversion":"1.0","source":"test","id":")")
                                .append(id)
                                .append(R"(","type":")")
                                .append(type)
                                .append(R"(","subject":"s","time":")")
                                .append(text_of(now))
                                .append(R"(","subscription":")")
                                .append(subscription)
                                .append(R"(","data":{"total":)")
                                .append(total)
                                .append("}}");
  return call("POST", "events", event, {.content_type = "application/cloudevents+json"});
}

std::string plan_json(std::string_view key, std::string_view rate_cards, std::string_view more) {
  return std::string(R"({"key":")")
      .append(key)
      .append(R"(","name":"Plan","currency":"USD","billingCadence":"P1M",)")
      .append(more)
      .append(R"("phases":[{"key":"default","name":"Default","rateCards":[)")
      .append(rate_cards)
      .append("]}]}");
}

std::string digest_of(std::string_view key) { return digest_hex(key); }

}  // namespace tollgate::test
