#pragma once

#include "base/result.h"
#include "control/port/sql.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

struct sqlite3;
struct sqlite3_stmt;

namespace tollgate::native {

/// The `sql` host function of the control module over libsqlite3: one database, one object. Behaves as a SQLite-backed
/// Durable Object does: foreign keys are enforced, and every number is bound as a double, as JavaScript's are.
///
///     SqliteDatabase database;  // in memory
///     database.begin();
///     Response response = handle(request, database);
///     response.commits() ? database.commit() : database.rollback();
class SqliteDatabase : public control::SqlPort {
 public:
  /// Opens or creates the file; traps where that is not possible, since nothing can go on without it.
  explicit SqliteDatabase(const std::string& path = ":memory:");
  /// Opens or creates a file for good: what was committed outlives a power cut. Fails with SQLite's words.
  static Result<std::unique_ptr<SqliteDatabase>, std::string> open_durable(const std::string& path);
  ~SqliteDatabase() override;
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;

  bool run(std::string_view statement, std::string_view bindings, std::string& rows) override;

  void begin() { must("BEGIN IMMEDIATE"); }
  void commit() { must("COMMIT"); }
  void rollback() { must("ROLLBACK"); }

  /// The same for files, which can fail: a disk is full, a constraint that was left to the end is broken. False:
  /// `error` says why, and nothing of the transaction has happened.
  bool try_begin(std::string& error) { return perform("BEGIN IMMEDIATE", error); }
  bool try_commit(std::string& error);
  /// Rolls back what is still to be rolled back: some failures have done so themselves.
  void give_up();

 private:
  explicit SqliteDatabase(sqlite3* database) : database_(database) {}
  bool perform(const char* statement, std::string& error);
  void must(const char* statement);
  /// A prepared statement, kept under its text; null where it does not compile.
  sqlite3_stmt* prepared(std::string_view statement);
  bool failed(std::string& rows) const;

  struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  sqlite3* database_ = nullptr;
  std::unordered_map<std::string, sqlite3_stmt*, TextHash, std::equal_to<>> statements_;
};

}  // namespace tollgate::native
