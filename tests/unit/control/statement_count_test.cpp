// What must not get slower unnoticed, told by counting: how many statements a request performs, and by which indexes.

#include "control/handle.h"
#include "tests/unit/control/world/plane.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <utility>

using namespace tollgate;
using namespace tollgate::test;

namespace {

/// A database that remembers what it was asked.
class Recorder final : public control::SqlPort {
 public:
  explicit Recorder(native::SqliteDatabase& database) : database_(database) {}

  bool run(std::string_view statement, std::string_view bindings, std::string& rows) override {
    asked_.emplace_back(statement, bindings);
    return database_.run(statement, bindings, rows);
  }

  std::size_t count() const { return asked_.size(); }

  /// What SQLite says about how it performs the statements, a line for each step.
  std::vector<std::string> plans() {
    std::vector<std::string> lines;
    for (const auto& [statement, bindings] : asked_) {
      std::string bytes;
      BOOST_REQUIRE_MESSAGE(database_.run("EXPLAIN QUERY PLAN " + statement, bindings, bytes), bytes);
      const control::Rows rows(std::move(bytes));
      for (control::Row row : rows) lines.emplace_back(row.text(3));
    }
    return lines;
  }

 private:
  native::SqliteDatabase& database_;
  std::vector<std::pair<std::string, std::string>> asked_;
};

/// A bucket with as many customers and subscriptions, on two plans.
struct Bucket {
  explicit Bucket(int subscriptions) {
    plane.make_catalog();
    plane.publish_plan(plan_json("other", R"({"type":"flat_fee","key":"x","name":"X"})"));
    for (int i = 0; i < subscriptions; ++i) {
      const std::string name = "c" + std::to_string(i);
      BOOST_REQUIRE(plane.post("customers", R"({"key":")" + name + R"(","name":"C"})").status() == 201);
      const Reply made = plane.post("subscriptions", R"({"plan":{"key":")" + std::string(i % 2 ? "other" : "starter") +
                                                         R"("},"customerKey":")" + name + R"("})");
      BOOST_REQUIRE(made.status() == 201);
      subscription = made["id"];
      digest = digest_of(made["apiKey.key"]);
    }
    key = plane.post("service-keys", R"({"name":"n","role":"admin"})")["key"];
    plane.host.run_timers(plane.bucket, plane.now);
    plane.host.pump(plane.bucket, plane.now);
  }

  /// One pass of the request, which is then undone.
  Recorder perform(std::string_view method, std::string_view path, std::string_view body = {}) {
    const std::string authorization = "Bearer " + key;
    const std::string target = "/v3/metering/" + plane.bucket + "/" + std::string(path);
    control::Request request;
    request.method = method;
    request.target = target;
    request.headers = {{"authorization", authorization}, {"content-type", "application/json"}};
    request.body = body;
    return pass(request);
  }

  /// The same of a request of the host.
  Recorder perform_as_host(std::string_view path, std::string_view body = "{}") {
    control::Request request;
    request.entry = control::Entry::host;
    request.method = "POST";
    request.target = path;
    request.body = body;
    return pass(request);
  }

  Recorder pass(control::Request& request) {
    const std::string seed(control::kSeedBytes, 's');
    request.object = plane.bucket;
    request.now = plane.now;
    request.seed = seed;
    auto& database = plane.host.database(control::Role::bucket, plane.bucket);
    Recorder recorder(database);
    database.begin();
    const control::Response response = control::handle(request, recorder);
    database.rollback();
    BOOST_TEST((response.status < 300), request.target << " " << response.body);
    return recorder;
  }

  Plane plane;
  std::string key;
  std::string subscription;
  std::string digest;
};

bool starts_with_any(std::string_view line, std::initializer_list<std::string_view> beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(), [&](auto one) { return line.starts_with(one); });
}

/// No table is read from one end to the other but those of one row, the outbox for its first one, and what a statement
/// has gathered itself.
void check_indexes(Recorder recorder, std::string_view what) {
  for (const std::string& line : recorder.plans()) {
    const bool good = !line.starts_with("SCAN") ||
                      starts_with_any(line, {"SCAN test_clock", "SCAN outbox", "SCAN CONSTANT", "SCAN chain"});
    BOOST_TEST(good, what << ": " << line);
  }
}

bool uses(Recorder recorder, std::string_view index) {
  const auto plans = recorder.plans();
  return std::any_of(plans.begin(), plans.end(),
                     [&](const std::string& line) { return line.find(index) != line.npos; });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(statement_counts)

BOOST_AUTO_TEST_CASE(lists_take_as_many_statements_whatever_their_length) {
  Bucket few(2);
  Bucket many(40);
  for (std::string_view path : {"subscriptions?pageSize=100", "subscriptions?pageSize=100&status=active",
                                "subscriptions?pageSize=100&planKey=starter", "customers?pageSize=100", "plans",
                                "features", "meters", "service-keys", "plan-invites"}) {
    BOOST_TEST(few.perform("GET", path).count() == many.perform("GET", path).count(), path);
  }
}

/// Authentication and the clock are two of each. Whoever raises one of these has a reason.
BOOST_AUTO_TEST_CASE(requests_take_few_statements) {
  Bucket bucket(3);
  BOOST_TEST(bucket.perform("GET", "customers/c1").count() <= 3U);
  BOOST_TEST(bucket.perform("GET", "customers").count() <= 4U);
  BOOST_TEST(bucket.perform("POST", "customers", R"({"key":"new","name":"N"})").count() <= 7U);
  BOOST_TEST(bucket.perform("GET", "subscriptions/" + bucket.subscription).count() <= 4U);
  BOOST_TEST(bucket.perform("GET", "subscriptions?pageSize=100").count() <= 6U);
  const std::string_view body = R"({"plan":{"key":"starter"},"customerKey":"acme"})";
  BOOST_TEST(bucket.perform("POST", "subscriptions", body).count() <= 14U);
  BOOST_TEST(bucket.perform("GET", "snapshots/" + bucket.digest).count() <= 13U);
}

BOOST_AUTO_TEST_CASE(requests_find_their_rows_by_indexes) {
  Bucket bucket(3);
  check_indexes(bucket.perform("GET", "customers/c1"), "customer");
  check_indexes(bucket.perform("GET", "subscriptions/" + bucket.subscription), "subscription");
  check_indexes(bucket.perform("GET", "subscriptions/" + bucket.subscription + "/api-keys"), "keys");
  check_indexes(bucket.perform("POST", "subscriptions/" + bucket.subscription + "/cancel"), "cancel");
}

BOOST_AUTO_TEST_CASE(customers_are_found_by_their_address) {
  Bucket bucket(3);
  check_indexes(bucket.perform("GET", "customers?email=a@b.example"), "email");
  check_indexes(bucket.perform("GET", "customers?key=c1"), "key");
}

/// What is drawn up at a month's end, when every other invoice is open too.
BOOST_AUTO_TEST_CASE(invoices_are_drawn_up_and_settled_by_indexes) {
  Bucket bucket(1);
  Plane& plane = bucket.plane;
  plane.publish_plan(plan_json("paid", R"({"type":"flat_fee","key":"fee","name":"Fee","billingCadence":"P1M",
    "price":{"type":"flat","amount":"9.00"}})"));
  BOOST_REQUIRE(plane.post("customers", R"({"key":"payer","name":"P"})").status() == 201);
  BOOST_REQUIRE(plane.post("subscriptions", R"({"plan":{"key":"paid"},"customerKey":"payer"})").status() == 201);
  plane.host.run_timers(plane.bucket, plane.now);
  const std::string first = plane.get("invoices")["items.0.id"];
  check_indexes(bucket.perform("POST", "invoices/" + first + "/void", R"({"reason":"r"})"), "void");
  const Recorder paying = bucket.perform("POST", "invoices/" + first + "/mark-paid");
  check_indexes(paying, "mark-paid");
  BOOST_TEST(!uses(paying, "invoices_by_status"));
  BOOST_REQUIRE(plane.post("invoices/" + first + "/mark-paid").status() == 200);
  plane.now = at("2026-02-15T10:00:00Z");
  const Recorder billing = bucket.perform_as_host("/timers/run");
  check_indexes(billing, "billing");
  BOOST_TEST(!uses(billing, "invoices_by_status"));
  BOOST_TEST(uses(billing, "invoices_by_subscription"));
  BOOST_TEST(uses(billing, "billed_lines_to_check"));
}

BOOST_AUTO_TEST_CASE(what_is_due_in_the_outbox_is_found_in_its_index) {
  Bucket bucket(2);
  BOOST_REQUIRE(bucket.plane.post("subscriptions/" + bucket.subscription + "/cancel").status() == 200);
  BOOST_TEST(uses(bucket.perform_as_host("/outbox/take"), "SEARCH outbox USING INDEX outbox_by_time"));
  BOOST_TEST(uses(bucket.perform_as_host("/outbox/settle"), "SEARCH outbox USING COVERING INDEX outbox_by_time"));
}

BOOST_AUTO_TEST_CASE(snapshots_are_found_by_digest) {
  Bucket bucket(3);
  BOOST_TEST(uses(bucket.perform("GET", "snapshots/" + bucket.digest), "SEARCH api_keys USING INDEX"));
}

BOOST_AUTO_TEST_CASE(filtered_lists_count_and_find_their_page_in_an_index) {
  Bucket bucket(3);
  BOOST_TEST(uses(bucket.perform("GET", "subscriptions?status=active"),
                  "SEARCH subscriptions USING COVERING INDEX subscriptions_by_dates"));
  for (std::string_view path : {"subscriptions?planKey=other", "subscriptions?planKey=other&status=active"}) {
    BOOST_TEST(uses(bucket.perform("GET", path), "SEARCH subscriptions USING COVERING INDEX subscriptions_by_plan"),
               path);
  }
  BOOST_TEST(uses(bucket.perform("GET", "subscriptions?customerKey=c1"),
                  "SEARCH subscriptions USING INDEX subscriptions_by_customer"));
}

BOOST_AUTO_TEST_SUITE_END()
