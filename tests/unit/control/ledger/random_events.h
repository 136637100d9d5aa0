#pragma once

#include "tests/reference/usage_reference.h"

#include <random>
#include <string>
#include <vector>

namespace tollgate::control {

/// Events that crowd at the bounds of minutes, quarters, hours, days and months, and agree in time and value often
/// enough.
inline std::vector<reference::UsageEvent> random_events(std::mt19937_64& random, std::size_t count,
                                                        const std::string& subscription, std::int64_t now_ms) {
  const std::int64_t kWidths[] = {60'000, 900'000, 3'600'000, 86'400'000};
  std::vector<reference::UsageEvent> events;
  for (std::size_t i = 0; i < count; ++i) {
    reference::UsageEvent event;
    event.source = random() % 4 == 0 ? "edge" : "test";
    event.id = "e" + std::to_string(i);
    event.type = random() % 8 == 0 ? "other" : "generate";
    event.subject = std::string("subject ") + static_cast<char>('a' + random() % 3);
    event.subscription = subscription;
    event.time_ms =
        now_ms - static_cast<std::int64_t>(random() % (random() % 2 == 0 ? 34 * 86'400'000ULL : 3'600'000ULL));
    if (random() % 2 == 0) {
      const std::int64_t width = kWidths[random() % 4];
      event.time_ms -= event.time_ms % width;
      event.time_ms -= static_cast<std::int64_t>(random() % 3) - 1;
    }
    event.value_nanos =
        static_cast<std::int64_t>(random() % 3 == 0 ? random() % 5 * 1'000'000'000 : random() % 1'000'000'000'000);
    event.who = "user " + std::to_string(random() % 20);
    if (random() % 3 != 0) event.dimensions["model"] = random() % 2 == 0 ? "large" : "small";
    if (random() % 3 != 0) event.dimensions["region"] = random() % 2 == 0 ? "eu" : "us";
    events.push_back(event);
  }
  return events;
}

inline std::string json_of(const reference::UsageEvent& event) {
  std::string data = R"({"who":")" + event.who + R"(","total":)" + reference::decimal(event.value_nanos);
  for (const auto& [name, value] : event.dimensions) data += ",\"" + name + "\":\"" + value + "\"";
  return R"({"specversion":"1.0","id":")" + event.id + R"(","source":")" + event.source + R"(","type":")" + event.type +
         R"(","subject":")" + event.subject + R"(","subscription":")" + event.subscription + R"(","time":")" +
         reference::instant_text(event.time_ms) + R"(","data":)" + data + "}}";
}

struct TestMeter {
  catalog::Meter meter;
  std::string json;
};

/// One meter for each aggregation, broken down by model and region.
inline std::vector<TestMeter> all_meters() {
  std::vector<TestMeter> meters;
  const std::string_view kNames[] = {"SUM", "COUNT", "MIN", "MAX", "AVG", "UNIQUE_COUNT", "LATEST"};
  for (std::size_t i = 0; i < std::size(kNames); ++i) {
    const auto aggregation = static_cast<catalog::Aggregation>(i);
    const std::string path = aggregation == catalog::Aggregation::count          ? ""
                             : aggregation == catalog::Aggregation::unique_count ? "$.who"
                                                                                 : "$.total";
    catalog::Meter meter{"meter", "generate", aggregation, path, {{"region", "$.region"}, {"model", "$.model"}}};
    std::string json = R"({"slug":"meter","eventType":"generate","aggregation":")" + std::string(kNames[i]) + "\"";
    if (!path.empty()) json += R"(,"valueProperty":")" + path + "\"";
    meters.push_back({meter, json + R"(,"groupBy":{"region":"$.region","model":"$.model"}})"});
  }
  return meters;
}

}  // namespace tollgate::control
