#pragma once

#include "control/sql.h"

#include <cstddef>
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
  ~SqliteDatabase() override;
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;

  bool run(std::string_view statement, std::string_view bindings, std::string& rows) override;

  void begin() { must("BEGIN IMMEDIATE"); }
  void commit() { must("COMMIT"); }
  void rollback() { must("ROLLBACK"); }

 private:
  void must(const char* statement);
  /// A prepared statement, kept under its text; null where it does not compile.
  sqlite3_stmt* prepared(std::string_view statement);
  bool failed(std::string& rows) const;

  sqlite3* database_ = nullptr;
  std::unordered_map<std::string, sqlite3_stmt*> statements_;
};

}  // namespace tollgate::native
