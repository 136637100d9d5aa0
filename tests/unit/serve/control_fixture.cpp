#include "tests/unit/serve/control_fixture.h"

#include "host-bindings/wasmtime/control/machine_clock.h"

#include <sqlite3.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace tollgate::test {
namespace {

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

/// All rows that a statement gives, one a line.
std::string rows_of(sqlite3* database, const std::string& statement) {
  std::string rows;
  sqlite3_stmt* prepared = nullptr;
  BOOST_REQUIRE(sqlite3_prepare_v2(database, statement.c_str(), -1, &prepared, nullptr) == SQLITE_OK);
  while (sqlite3_step(prepared) == SQLITE_ROW) {
    for (int column = 0; column < sqlite3_column_count(prepared); ++column) {
      const auto* const bytes = static_cast<const char*>(sqlite3_column_blob(prepared, column));
      const auto size = static_cast<std::size_t>(sqlite3_column_bytes(prepared, column));
      rows.append(bytes == nullptr ? "NULL" : std::string(bytes, size)).push_back('|');
    }
    rows.push_back('\n');
  }
  sqlite3_finalize(prepared);
  return rows;
}

std::string tables_of(const std::filesystem::path& file) {
  sqlite3* database = nullptr;
  BOOST_REQUIRE(sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK);
  std::string all = rows_of(database, "SELECT sql FROM sqlite_schema ORDER BY name");
  const std::string names = rows_of(database, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
  for (std::size_t at = 0; at < names.size();) {
    const std::size_t end = names.find('|', at);
    const std::string name = names.substr(at, end - at);
    all += name + "\n" + rows_of(database, "SELECT * FROM " + in_quotes(name));
    at = end + 2;
  }
  sqlite3_close(database);
  return all;
}

}  // namespace

Control::Control(const std::filesystem::path& folder, const Options& options) {
  auto kv = host::KvStore::open((folder / "kv.sqlite").string());
  if (!kv.ok()) BOOST_FAIL(kv.error());
  kv_ = std::move(*kv);
  host::ControlLimits limits;
  limits.traps = [this] { return trap_at > 0 && --trap_at == 0; };
  auto module = host::ControlModule::load("build/wasi/control.wasm", std::move(limits));
  if (!module.ok()) BOOST_FAIL(module.error());
  host::ControlOptions of_host;
  of_host.state = folder;
  of_host.admin_key = "tg_admin_local";
  of_host.local = true;
  of_host.seed = options.seed;
  of_host.open_ledgers = options.open_ledgers;
  host_ = std::make_unique<host::ControlHost>(std::move(*module), *kv_, std::move(of_host));
}

control::Response Control::call(std::string_view method, std::string_view path, std::string_view body,
                                std::string_view idempotency_key) {
  host::ApiRequest request;
  request.method = method;
  request.target = "/v3/metering/working-copy/" + std::string(path);
  request.path = request.target.substr(0, request.target.find('?'));
  request.headers = {{"authorization", "Bearer tg_admin_local"},
                     {"content-type", path == "events" ? "application/cloudevents-batch+json" : "application/json"}};
  if (!idempotency_key.empty()) request.headers.emplace_back("idempotency-key", idempotency_key);
  request.body = body;
  return host_->serve(request);
}

std::string member(const control::Response& response, std::string_view path) {
  json::Document document;
  BOOST_REQUIRE_MESSAGE(document.parse(response.body).ok(), response.body);
  json::Value value = document.root();
  while (!path.empty()) {
    const std::string_view step = path.substr(0, path.find('.'));
    std::size_t index = 0;
    const bool is_index = std::from_chars(step.data(), step.data() + step.size(), index).ec == std::errc();
    value = is_index && index < value.size() ? value.element(index) : value.member(step);
    path.remove_prefix(std::min(step.size() + 1, path.size()));
  }
  return std::string(value.text());
}

std::string everything(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".sqlite") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::string all;
  for (const auto& file : files) all += file.string() + "\n" + tables_of(file);
  return all;
}

std::string plan_json(std::string_view key) {
  std::string cards;
  for (const std::string_view feature : {"api_requests", "tokens"}) {
    const std::string name = in_quotes(feature);
    cards += (cards.empty() ? "" : ",") + std::string(R"({"type":"flat_fee","key":)") + name + R"(,"name":)" + name +
             R"(,"featureKey":)" + name +
             R"(,"entitlementTemplate":{"type":"metered","issueAfterReset":20,"isSoftLimit":false}})";
  }
  return R"({"key":)" + in_quotes(key) +
         R"(,"name":"Plan","currency":"USD","billingCadence":"P1M","phases":[{"key":"default","name":"Default",)" +
         R"("rateCards":[)" + cards + "]}]}";
}

std::string make_catalog(Control& control) {
  for (const std::string_view slug : {"api_requests", "tokens"}) {
    const std::string name = in_quotes(slug);
    const std::string meter = R"({"slug":)" + name + R"(,"name":)" + name + R"(,"eventType":)" + name +
                              R"(,"aggregation":"SUM","valueProperty":"$.total"})";
    BOOST_REQUIRE(control.post("meters", meter).status == 201);
    const std::string feature = R"({"key":)" + name + R"(,"name":)" + name + R"(,"meterSlug":)" + name + "}";
    BOOST_REQUIRE(control.post("features", feature).status == 201);
  }
  const control::Response plan = control.post("plans", plan_json("starter"));
  BOOST_REQUIRE_MESSAGE(plan.status == 201, plan.body);
  BOOST_REQUIRE(control.post("plans/" + member(plan, "id") + "/publish").status == 200);
  return member(plan, "id");
}

std::string event_json(std::string_view subscription, std::string_view id) {
  char now[kInstantText];
  const std::size_t length = write_instant(host::machine_now(), now);
  return R"([{"specversion":"1.0","source":"test","type":"api_requests","id":)" + in_quotes(id) + R"(,"subject":)" +
         in_quotes(subscription) + R"(,"subscription":)" + in_quotes(subscription) + R"(,"time":)" +
         in_quotes({now, length}) + R"(,"data":{"total":1}}])";
}

}  // namespace tollgate::test
