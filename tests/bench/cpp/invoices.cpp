// Invoices, natively: bench_invoices [SUBSCRIPTIONS [only]]
//
// Subscriptions of three cards each (a fee in advance, two kinds of usage) whose period ends at one instant: how long
// it takes until all their invoices are final, and what one invoice costs with few and with many events behind it. The
// bucket is the control module's, in memory; all subscriptions share one ledger, which is asked as often as if each had
// its own. Prints a line for each series, fields separated by tabs: host, contender, what was measured, samples in
// seconds, or in microseconds per invoice.

#include "control/handle.h"
#include "host-bindings/native/sqlite/database.h"
#include "json/document.h"
#include "tests/bench/cpp/give_up.h"

#include <chrono>
#include <iostream>
#include <string>
#include <vector>

namespace tollgate::bench {
namespace {

using control::Request;
using control::Response;
using control::Role;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kKey = "tg_admin_local";
constexpr std::int64_t kDay = 86'400'000;
constexpr Instant kBegin{1'767'225'600'000};  // 2026-01-01T00:00:00Z
constexpr Instant kBoundary{kBegin.ms + 31 * kDay};
constexpr std::string_view kCards = R"(
  {"type":"flat_fee","key":"base","name":"Base","billingCadence":"P1M","price":{"type":"flat","amount":"29.00"}},
  {"type":"usage_based","key":"tokens","name":"Tokens","featureKey":"tokens","billingCadence":"P1M",
   "price":{"type":"tiered","mode":"graduated","tiers":[{"upToAmount":1000,"unitPrice":{"type":"unit","amount":"0.10"}},
     {"unitPrice":{"type":"unit","amount":"0.05"}}]}},
  {"type":"usage_based","key":"requests","name":"Requests","featureKey":"requests","billingCadence":"P1M",
   "price":{"type":"package","amount":"10","quantityPerPackage":1000}})";

/// One bucket and the ledger that all its subscriptions share.
class Plane {
 public:
  Plane() {
    host(Role::bucket, "/start", "");
    host(Role::ledger, "/start", "");
    for (const std::string name : {"tokens", "requests"}) {
      api("meters",
          R"({"slug":")" + name + R"(","eventType":")" + name + R"(","aggregation":"SUM","valueProperty":"$.total"})");
      api("features", R"({"key":")" + name + R"(","name":"F","meterSlug":")" + name + R"("})");
    }
    const std::string plan = api("plans", R"({"key":"p","name":"P","currency":"USD","billingCadence":"P1M","phases":[
        {"key":"d","name":"D","rateCards":[)" +
                                              std::string(kCards) + "]}]}");
    api("plans/" + plan + "/publish", "");
    api("customers", R"({"key":"c","name":"C"})");
    api("subscriptions", R"({"plan":{"key":"p"},"customerKey":"c"})");
  }

  /// Copies of the one subscription, all with what falls due at its beginning billed.
  void multiply(int subscriptions) {
    control::Sql sql(bucket_);
    bucket_.begin();
    sql.exec(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
        " INSERT INTO subscriptions (id, customer_id, plan_id, name, metadata, active_from, billing_anchor,"
        " billables_must_align, starting_phase, payment_status, is_first_payment, revision, created_at, updated_at)"
        " SELECT printf('01S%023d', i), customer_id, plan_id, name, metadata, active_from, billing_anchor,"
        " billables_must_align, starting_phase, payment_status, is_first_payment, revision, created_at, updated_at"
        " FROM (SELECT * FROM subscriptions LIMIT 1), n",
        subscriptions - 1);
    sql.exec(
        "INSERT INTO timers (kind, subject, due_at) SELECT 'billing', id, active_from FROM subscriptions WHERE true ON "
        "CONFLICT DO NOTHING");
    bucket_.commit();
    if (sql.failed()) give_up(std::string(sql.error()));
    run_timers(kBegin);
  }

  /// Events of both kinds, evenly over the period.
  void use(int events) {
    constexpr int kBatch = 500;
    now_ = kBoundary;
    for (int first = 0; first < events; first += kBatch) {
      std::string batch;
      for (int i = first; i < std::min(first + kBatch, events); ++i) {
        const Instant time{kBegin.ms + 31 * kDay / events * i};
        char text[kInstantText];
        batch.append(batch.empty() ? "" : ",")
            .append(R"({"specversion":"1.0","source":"b","id":")" + std::to_string(events) + "-" + std::to_string(i))
            .append(i % 2 == 0 ? R"(","type":"tokens")" : R"(","type":"requests")")
            .append(R"(,"subject":"s","subscription":"x","time":")")
            .append(text, write_instant(time, text))
            .append(R"(","data":{"total":1}})");
      }
      host(Role::ledger, "/ledger/ingest",
           R"({"events":[)" + batch + R"(],"meters":[)" + meter("tokens") + "," + meter("requests") + "]}");
    }
  }

  /// Until nothing is due any more.
  void run_timers(Instant now) {
    now_ = now;
    while (host(Role::bucket, "/timers/run", "{}").body.find(R"("more":true)") != std::string::npos) {
    }
  }

  std::int64_t final_invoices() {
    control::Sql sql(bucket_);
    return sql.query("SELECT count(*) FROM invoices WHERE number IS NOT NULL").first().number(0);
  }

 private:
  static std::string meter(const std::string& name) {
    return R"({"slug":")" + name + R"(","eventType":")" + name + R"(","aggregation":"SUM","valueProperty":"$.total"})";
  }

  Response pass(Role role, const Request& request) {
    native::SqliteDatabase& database = role == Role::bucket ? bucket_ : ledger_;
    database.begin();
    Response response = control::handle(request, database);
    response.commits() ? database.commit() : database.rollback();
    return response;
  }

  Response perform(Request request) {
    ++requests_;
    std::string seed(control::kSeedBytes, '\0');
    for (std::size_t i = 0; i < sizeof requests_; ++i) seed[i] = static_cast<char>(requests_ >> (8 * i));
    request.seed = seed;
    request.now = now_;
    std::vector<std::pair<std::string, Response>> kept;
    while (true) {
      Response response = pass(request.role, request);
      if (response.needs.empty()) {
        if (response.status >= 300) give_up(response.body);
        return response;
      }
      for (const control::ObjectRequest& need : response.needs) {
        Request question;
        question.role = need.role;
        question.entry = control::Entry::host;
        question.object = need.object;
        question.method = "POST";
        question.target = need.path;
        question.body = need.body;
        question.now = need.now;
        question.seed = seed;
        kept.emplace_back(need.question, pass(need.role, question));
      }
      request.answers.clear();
      for (const auto& [text, answer] : kept) request.answers.push_back({text, answer.status, answer.body});
    }
  }

  Response host(Role role, std::string_view path, const std::string& body) {
    Request request;
    request.role = role;
    request.entry = control::Entry::host;
    request.object = role == Role::bucket ? "production" : "production/x";
    request.method = "POST";
    request.target = path;
    request.body = body;
    return perform(request);
  }

  /// The id of what was made.
  std::string api(const std::string& path, const std::string& body) {
    const std::string target = "/v3/metering/production/" + path;
    const std::string authorization = "Bearer " + std::string(kKey);
    Request request;
    request.object = "production";
    request.method = "POST";
    request.target = target;
    request.body = body;
    request.headers = {{"authorization", authorization}, {"content-type", body.empty() ? "" : "application/json"}};
    request.settings = {kKey, true};
    const Response response = perform(request);
    json::Document document;
    if (!document.parse(response.body).ok()) give_up(response.body);
    return std::string(document.root().member("id").text());
  }

  native::SqliteDatabase bucket_;
  native::SqliteDatabase ledger_;
  Instant now_ = kBegin;
  std::uint64_t requests_ = 0;
};

/// Seconds until the invoices of one boundary are final.
double time_boundary(int subscriptions, int events) {
  Plane plane;
  plane.use(events);
  plane.multiply(subscriptions);
  const auto start = Clock::now();
  plane.run_timers(kBoundary);
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  if (plane.final_invoices() != 2 * subscriptions) give_up("not every subscription has its two invoices");
  return seconds;
}

void measure_many(int subscriptions) {
  std::cout << "native\tcontrol\tinvoices of " << subscriptions << " subscriptions, s\t"
            << time_boundary(subscriptions, 2'000) << std::endl;
}

void measure_growth(int events) {
  constexpr int kSubscriptions = 1'000;
  std::cout << "native\tcontrol\tone invoice, " << events << " events, us";
  for (int round = 0; round < 3; ++round) {
    std::cout << '\t' << time_boundary(kSubscriptions, events) * 1e6 / kSubscriptions;
  }
  std::cout << std::endl;
}

}  // namespace
}  // namespace tollgate::bench

int main(int argc, char** argv) {
  tollgate::bench::measure_many(argc > 1 ? std::stoi(argv[1]) : 100'000);
  if (argc > 2) return 0;
  for (const int events : {100, 10'000, 200'000}) tollgate::bench::measure_growth(events);
}
