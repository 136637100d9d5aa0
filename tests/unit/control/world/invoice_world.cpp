#include "tests/unit/control/world/invoice_world.h"

#include <boost/test/unit_test.hpp>

namespace tollgate::test {

InvoiceWorld::InvoiceWorld() {
  make_catalog();
  publish_plan(plan_json("pro", kProCards));
  publish_plan(plan_json("big", kBigCards));
  publish_plan(plan_json("small", kSmallCards));
}

std::string InvoiceWorld::subscribe_to(std::string_view plan_key, std::string_view more) {
  const Reply made = post("subscriptions", std::string(R"({"plan":{"key":")")
                                               .append(plan_key)
                                               .append(R"("},"customerKey":"acme")")
                                               .append(more)
                                               .append("}"));
  BOOST_REQUIRE_MESSAGE(made.status() == 201, made.response.body);
  host.run_timers(bucket, now);
  return made["id"];
}

void InvoiceWorld::go(std::string_view to) {
  const Instant target = at(to);
  while (true) {
    const auto next = host.run_timers(bucket, now);
    if (!next.has_value() || *next > target) break;
    now = *next;
  }
  now = target;
  host.run_timers(bucket, now);
}

void InvoiceWorld::use(std::string_view subscription, std::string_view meter, std::string_view total,
                       std::string_view when) {
  const Instant present = std::exchange(now, at(when));
  const std::string id = "e" + std::to_string(++events_);
  const std::string event = std::string(R"({"specversion":"1.0","source":"test","id":")" + id + R"(","type":")")
                                .append(meter)
                                .append(R"(","subject":"s","time":")" + text_of(now) + R"(","subscription":")")
                                .append(subscription)
                                .append(R"(","data":{"total":)")
                                .append(total)
                                .append("}}");
  now = present;
  const Reply sent = call("POST", "events", event, {.content_type = "application/cloudevents+json"});
  BOOST_REQUIRE_MESSAGE(sent.status() == 204, sent.response.body);
}

std::vector<std::string> InvoiceWorld::invoices(std::string_view subscription) {
  const Reply list = get("subscriptions/" + std::string(subscription) + "/invoices?pageSize=100");
  std::vector<std::string> texts;
  for (json::Value one : list.value("items")) {
    const std::string_view number = one.member("number").text();
    texts.push_back(std::string(number.empty() ? "-" : number)
                        .append(" ")
                        .append(one.member("status").text())
                        .append(" ")
                        .append(one.member("date").text())
                        .append(" ")
                        .append(one.member("total").text()));
  }
  return texts;
}

Reply InvoiceWorld::invoice(std::string_view subscription, std::size_t index) {
  const Reply list = get("subscriptions/" + std::string(subscription) + "/invoices?pageSize=100");
  return get("invoices/" + list["items." + std::to_string(index) + ".id"]);
}

std::vector<std::string> InvoiceWorld::lines(std::string_view subscription, std::size_t index) {
  const Reply one = invoice(subscription, index);
  std::vector<std::string> texts;
  for (json::Value line : one.value("lines")) {
    texts.push_back(std::string(line.member("kind").text()).append(" ").append(line.member("amount").text()));
  }
  return texts;
}

Reply InvoiceWorld::change(std::string_view subscription, std::string_view plan_key, std::string_view timing) {
  const Reply changed = post(
      "subscriptions/" + std::string(subscription) + "/change",
      std::string(R"({"plan":{"key":")").append(plan_key).append(R"("},"timing":")").append(timing).append(R"("})"));
  BOOST_REQUIRE_MESSAGE(changed.status() == 200, changed.response.body);
  host.run_timers(bucket, now);
  return changed;
}

}  // namespace tollgate::test
