#pragma once

#include "control/http/problem.h"
#include "control/ledger/ledger.h"
#include "control/ledger/schema.h"
#include "control/port/sql.h"
#include "host-bindings/native/sqlite/database.h"
#include "tests/reference/usage_reference.h"

#include <boost/test/unit_test.hpp>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::control {

inline constexpr const char* kSubscription = "01KNVXHQG356VA7T7W0V9N21GH";

/// A ledger over a real SQLite database in memory, driven as a host drives it: one transaction for each request, rolled
/// back unless the response commits.
class TestLedger {
 public:
  explicit TestLedger(std::string subscription = kSubscription) : object_("working-copy/" + subscription) {
    Sql sql(port_);
    BOOST_REQUIRE(migrate(sql, ledger_migrations()));
  }

  Response post(std::string_view target, std::string_view body) { return request("POST", target, body); }
  Response request(std::string_view method, std::string_view target, std::string_view body) {
    Request request;
    request.role = Role::ledger;
    request.entry = Entry::host;
    request.object = object_;
    request.method = method;
    request.target = target;
    request.body = body;
    request.now = now;
    Sql sql(port_);
    port_.begin();
    Response response = handle_ledger(request, sql);
    if (sql.failed()) response = problem(request, 500, "sql", sql.error());
    response.commits() ? port_.commit() : port_.rollback();
    return response;
  }

  /// Everything that the ledger holds, in an order that depends on nothing else.
  std::string dump() {
    std::string text;
    const auto add = [&](const Rows& rows) {
      for (const Row row : rows) text.append(row.text(0)).append("\n");
    };
    Sql sql(port_);
    add(sql.query(
        "SELECT json_array('event', source, id, type, subject, time_ms, time_given, data) FROM events ORDER BY 1"));
    add(sql.query("SELECT json_array('conflict', source, id, digest, event) FROM conflicts ORDER BY 1"));
    add(sql.query("SELECT json_array('measure', key, definition) FROM measures ORDER BY 1"));
    add(sql.query(
        "SELECT json_array('rollup', measure, grain_minutes, start_ms, subject, dimensions, count, sum, min, max,"
        " latest, latest_ms, latest_id, latest_source) FROM rollups ORDER BY 1"));
    add(
        sql.query("SELECT json_array('distinct', measure, grain_minutes, start_ms, subject, dimensions, digest)"
                  " FROM distinct_values ORDER BY 1"));
    add(sql.query("SELECT json_array('sender', instance, totals) FROM senders ORDER BY 1"));
    BOOST_REQUIRE(!sql.failed());
    return text;
  }

  std::int64_t number(Statement statement) {
    Sql sql(port_);
    const Rows rows = sql.query(statement);
    BOOST_REQUIRE(!sql.failed());
    return rows.first().number(0);
  }

  /// Makes the n-th statement from now on fail, as a full disk would; 0: none.
  void fail_at(int statement) { port_.fail_at = statement; }
  int statements() const { return port_.statements; }

  Instant now = *parse_instant("2026-03-02T12:34:56.789Z");

 private:
  /// The native host's database, which takes no more at once than a Durable Object does, and can be told to fail.
  class FailingDatabase : public native::SqliteDatabase {
   public:
    bool run(std::string_view statement, std::string_view bindings, std::string& rows) override {
      ++statements;
      const bool full = fail_at > 0 && --fail_at == 0;
      if (full || bindings.size() > 2'000'000) {
        rows = full ? "disk full" : "string or blob too big";
        return false;
      }
      return SqliteDatabase::run(statement, bindings, rows);
    }
    int statements = 0;
    int fail_at = 0;
  };

  FailingDatabase port_;
  std::string object_;
};

/// `{"id": …}` of one event; `more` is further members, each with a comma in front.
inline std::string event_json(const std::string& id, const std::string& time, const std::string& data,
                              const std::string& type = "generate", const std::string& subject = "alice") {
  return R"({"specversion":"1.0","id":")" + id + R"(","source":"test","type":")" + type + R"(","subject":")" + subject +
         R"(","subscription":")" + kSubscription + "\"" + (time.empty() ? "" : ",\"time\":\"" + time + "\"") +
         (data.empty() ? "" : ",\"data\":" + data) + "}";
}

/// The name of the n-th edge instance.
inline std::string edge_instance(std::uint64_t n) {
  std::string digits = std::to_string(n);
  return "01KNVXHQG356VA7T7W" + std::string(8 - digits.size(), '0') + digits;
}

/// An event of the policy, by the n-th edge instance.
inline std::string policy_event_json(std::uint64_t instance, int number, std::uint64_t total,
                                     const std::string& type = "generate") {
  std::string text = event_json(edge_instance(instance) + "-" + std::to_string(number), "2026-03-02T10:00:00Z",
                                R"({"total":)" + std::to_string(total) + "}", type);
  return text.replace(text.find("\"test\""), 6, "\"monetization-policy\"");
}

/// The body of an ingesting request.
inline std::string ingest_body(const std::vector<std::string>& events, const std::vector<std::string>& meters) {
  const auto list = [](const std::vector<std::string>& items) {
    std::string text;
    for (const std::string& item : items) text += (text.empty() ? "" : ",") + item;
    return "[" + text + "]";
  };
  return "{\"events\":" + list(events) + ",\"meters\":" + list(meters) + "}";
}

inline constexpr const char* kSumMeter =
    R"({"slug":"tokens","eventType":"generate","aggregation":"SUM","valueProperty":"$.total"})";

/// Usage of one meter over a period, as the ledger answers it.
inline std::string usage(TestLedger& ledger, const std::string& meter, const std::string& from, const std::string& to) {
  const Response response = ledger.post("/ledger/usage", R"({"periods":[{"key":"x","meter":)" + meter + R"(,"from":")" +
                                                             from + R"(","to":")" + to + "\"}]}");
  BOOST_REQUIRE_MESSAGE(response.status == 200, response.body);
  const std::string head = R"({"usage":{"x":")";
  BOOST_REQUIRE(response.body.starts_with(head) && response.body.ends_with("\"}}"));
  return response.body.substr(head.size(), response.body.size() - head.size() - 3);
}

}  // namespace tollgate::control
