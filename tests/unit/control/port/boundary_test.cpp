#include "control/port/frame.h"
#include "control/port/schema.h"
#include "control/port/sql.h"
#include "host-bindings/native/sqlite/database.h"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace tollgate;
using namespace tollgate::control;

namespace {

constexpr Statement kFirst[] = {"CREATE TABLE a (x INTEGER) STRICT", "INSERT INTO a VALUES (1)"};
constexpr Statement kSecond[] = {"UPDATE a SET x = x + 1"};
constexpr Migration kMigrations[] = {{kFirst}, {kSecond}};

}  // namespace

BOOST_AUTO_TEST_SUITE(boundary)

BOOST_AUTO_TEST_CASE(values_pass_through_the_database_unchanged) {
  native::SqliteDatabase database;
  Sql sql(database);
  sql.exec("CREATE TABLE t (i INTEGER, s TEXT, b BLOB, n TEXT) STRICT");
  const std::string bytes("\0\xff\x01", 3);
  const std::int64_t largest = std::int64_t{1} << 53;
  sql.exec("INSERT INTO t VALUES (?, ?, ?, ?)", -largest, "é\n", Blob{bytes}, nullptr);
  sql.exec("INSERT INTO t VALUES (?, ?, ?, ?)", largest, std::string(), Blob{""}, *Quantity::parse("-0.000000001"));
  sql.exec("INSERT INTO t VALUES (?, ?, ?, ?)", true, std::optional<std::string_view>(), std::nullopt, "x");
  const Rows rows = sql.query("SELECT i, s, b, n FROM t ORDER BY rowid");
  BOOST_REQUIRE(!sql.failed());
  BOOST_REQUIRE(rows.size() == 3u);
  BOOST_TEST(rows.at(0).number(0) == -largest);
  BOOST_TEST(rows.at(0).text(1) == "é\n");
  BOOST_TEST(rows.at(0).text(2) == bytes);
  BOOST_TEST(rows.at(0).is_null(3));
  BOOST_TEST(rows.at(1).number(0) == largest);
  BOOST_TEST(!rows.at(1).is_null(1));
  BOOST_TEST(rows.at(1).text(1).empty());
  BOOST_TEST((rows.at(1).quantity(3) == *Quantity::parse("-0.000000001")));
  BOOST_TEST(rows.at(2).truth(0));
  BOOST_TEST(rows.at(2).is_null(1));
  BOOST_TEST(rows.at(2).is_null(2));
  BOOST_TEST(rows.at(0).text(0).empty());
  BOOST_TEST(rows.at(0).number(1) == 0);
  BOOST_TEST(rows.at(0).is_null(4));
}

BOOST_AUTO_TEST_CASE(after_a_failure_nothing_is_performed) {
  native::SqliteDatabase database;
  Sql sql(database);
  sql.exec("CREATE TABLE t (x INTEGER NOT NULL) STRICT");
  sql.exec("INSERT INTO t VALUES (?)", nullptr);
  BOOST_TEST(sql.failed());
  BOOST_TEST(sql.error().find("NOT NULL") != std::string_view::npos);
  sql.exec("INSERT INTO t VALUES (1)");
  const Rows none = sql.query("SELECT 7");
  BOOST_TEST(none.empty());
  BOOST_TEST(none.first().number(0) == 0);
  BOOST_TEST(none.first().text(3).empty());
  Sql later(database);
  BOOST_TEST(later.query("SELECT count(*) FROM t").first().number(0) == 0);
}

BOOST_AUTO_TEST_CASE(statements_that_cannot_be_performed_fail) {
  native::SqliteDatabase database;
  const auto fails = [&](Statement statement) {
    Sql sql(database);
    sql.exec(statement);
    return sql.failed();
  };
  BOOST_TEST(fails("SELEC 1"));
  BOOST_TEST(fails("SELECT ?"));        // nothing bound
  BOOST_TEST(fails("SELECT 1.5"));      // no whole number
  BOOST_TEST(fails("SELECT 1 << 60"));  // beyond 2^53
  BOOST_TEST(!fails("SELECT 1 << 53"));
}

BOOST_AUTO_TEST_CASE(rows_that_are_not_of_the_form_are_refused) {
  const auto valid = [](std::string bytes) { return Rows(std::move(bytes)).valid(); };
  const std::string one("\1\0\0\0", 4);
  BOOST_TEST(valid(one));
  BOOST_TEST(valid(one + std::string(1, '\0')));
  BOOST_TEST(!valid(""));
  BOOST_TEST(!valid(one + "\5"));
  BOOST_TEST(!valid(one + std::string("\2\7\0\0\0", 5) + "abc"));
  BOOST_TEST(!valid(one + std::string("\1\0\0", 3)));
  BOOST_TEST(!valid(std::string("\2\0\0\0\0", 5)));
  BOOST_TEST(!valid(std::string(5, '\0')));
}

BOOST_AUTO_TEST_CASE(migrations_are_run_once_and_in_order) {
  native::SqliteDatabase database;
  Sql sql(database);
  const std::span all(kMigrations);
  BOOST_TEST(migrate(sql, all.first(1)));
  BOOST_TEST(sql.query("SELECT x FROM a").first().number(0) == 1);
  BOOST_TEST(migrate(sql, all));
  BOOST_TEST(migrate(sql, all));
  BOOST_TEST(sql.query("SELECT x FROM a").first().number(0) == 2);
  BOOST_TEST(sql.query("SELECT version FROM schema_version").first().number(0) == 2);
  BOOST_TEST(!migrate(sql, all.first(1)));
}

BOOST_AUTO_TEST_CASE(frames_carry_everything) {
  const std::string seed(kSeedBytes, 's');
  Request request;
  request.role = Role::ledger;
  request.entry = Entry::host;
  request.object = "o";
  request.method = "POST";
  request.target = "/t?a=b";
  request.headers = {{"Content-Type", "x"}, {"b", ""}};
  request.body = std::string_view("\0x", 2);
  request.now = {1'768'471'200'123};
  request.seed = seed;
  request.settings = {"k", true};
  request.answers = {{"q", 200, "a"}, {"", 0, ""}};
  const std::string frame = encode_request(request);
  const auto read = decode_request(frame);
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST(encode_request(*read) == frame);
  BOOST_TEST(read->header("content-type") == "x");
  BOOST_TEST(read->header("none").empty());
  for (std::size_t cut = 0; cut < frame.size(); ++cut) {
    BOOST_TEST(!decode_request(std::string_view(frame).substr(0, cut)).has_value(), cut);
  }
  BOOST_TEST(!decode_request(frame + "x").has_value());

  Response response;
  response.status = 201;
  response.headers = {{"a", "b"}};
  response.body = "body";
  response.needs = {{"q", Role::bucket, "o", "p", "b", {1}}};
  response.work = control::Work::soon;
  response.next_timers = kLastInstant;
  response.log = "log";
  const std::string answer = encode_response(response);
  const auto again = decode_response(answer);
  BOOST_REQUIRE(again.has_value());
  BOOST_TEST(encode_response(*again) == answer);
  BOOST_TEST(!decode_response(std::string_view(answer).substr(1)).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
