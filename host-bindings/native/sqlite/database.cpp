#include "host-bindings/native/sqlite/database.h"

#include "control/port/wire.h"

#include <sqlite3.h>

namespace tollgate::native {
namespace {

using control::WireReader;
using control::WireType;
using control::WireWriter;

int bind_one(sqlite3_stmt* statement, int index, WireReader& wire) {
  const WireType type = wire.type();
  if (type == WireType::null) return sqlite3_bind_null(statement, index);
  if (type == WireType::number) return sqlite3_bind_double(statement, index, wire.real());
  const std::string_view bytes = wire.text();
  const int size = static_cast<int>(bytes.size());
  // An empty view may have no address, and that would bind NULL.
  const char* const data = bytes.empty() ? "" : bytes.data();
  if (type == WireType::text) return sqlite3_bind_text(statement, index, data, size, SQLITE_TRANSIENT);
  if (type == WireType::blob) return sqlite3_bind_blob(statement, index, data, size, SQLITE_TRANSIENT);
  return SQLITE_MISUSE;
}

bool bind_all(sqlite3_stmt* statement, std::string_view bindings) {
  WireReader wire(bindings);
  int count = 0;
  while (!wire.at_end()) {
    if (bind_one(statement, ++count, wire) != SQLITE_OK) return false;
  }
  return wire.ok() && count == sqlite3_bind_parameter_count(statement);
}

void write_cell(WireWriter& wire, sqlite3_stmt* statement, int column) {
  const int type = sqlite3_column_type(statement, column);
  if (type == SQLITE_INTEGER || type == SQLITE_FLOAT) {
    wire.type(WireType::number);
    wire.real(sqlite3_column_double(statement, column));
  } else if (type == SQLITE_NULL) {
    wire.type(WireType::null);
  } else {
    wire.type(type == SQLITE_TEXT ? WireType::text : WireType::blob);
    const auto* const data = static_cast<const char*>(sqlite3_column_blob(statement, column));
    wire.text({data == nullptr ? "" : data, static_cast<std::size_t>(sqlite3_column_bytes(statement, column))});
  }
}

}  // namespace

SqliteDatabase::SqliteDatabase(const std::string& path) {
  TOLLGATE_ASSERT(sqlite3_open(path.c_str(), &database_) == SQLITE_OK);
  must("PRAGMA foreign_keys = ON");
}

Result<std::unique_ptr<SqliteDatabase>, std::string> SqliteDatabase::open_durable(const std::string& path) {
  sqlite3* opened = nullptr;
  const bool is_open = sqlite3_open(path.c_str(), &opened) == SQLITE_OK;
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(opened));
  std::string error;
  if (!is_open) error = sqlite3_errmsg(opened);
  for (const char* setting : {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON"}) {
    if (error.empty() && !database->perform(setting, error)) break;
  }
  if (!error.empty()) return fail(path + ": " + error);
  return database;
}

SqliteDatabase::~SqliteDatabase() {
  for (const auto& [text, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(database_);
}

void SqliteDatabase::must(const char* statement) {
  TOLLGATE_ASSERT(sqlite3_exec(database_, statement, nullptr, nullptr, nullptr) == SQLITE_OK);
}

bool SqliteDatabase::perform(const char* statement, std::string& error) {
  if (sqlite3_exec(database_, statement, nullptr, nullptr, nullptr) == SQLITE_OK) return true;
  error = sqlite3_errmsg(database_);
  return false;
}

bool SqliteDatabase::try_commit(std::string& error) {
  if (perform("COMMIT", error)) return true;
  give_up();
  return false;
}

void SqliteDatabase::give_up() {
  if (sqlite3_get_autocommit(database_) == 0) must("ROLLBACK");
}

sqlite3_stmt* SqliteDatabase::prepared(std::string_view statement) {
  const auto known = statements_.find(statement);
  if (known != statements_.end()) return known->second;
  sqlite3_stmt* fresh = nullptr;
  sqlite3_prepare_v3(database_, statement.data(), static_cast<int>(statement.size()), SQLITE_PREPARE_PERSISTENT, &fresh,
                     nullptr);
  if (fresh != nullptr) statements_.emplace(statement, fresh);
  return fresh;
}

bool SqliteDatabase::failed(std::string& rows) const {
  rows = sqlite3_errmsg(database_);
  return false;
}

bool SqliteDatabase::run(std::string_view statement, std::string_view bindings, std::string& rows) {
  sqlite3_stmt* const prepared_statement = prepared(statement);
  if (prepared_statement == nullptr) return failed(rows);
  WireWriter wire;
  const int columns = sqlite3_column_count(prepared_statement);
  wire.word(static_cast<std::uint32_t>(columns));
  int step = bind_all(prepared_statement, bindings) ? SQLITE_ROW : SQLITE_MISUSE;
  while (step == SQLITE_ROW && (step = sqlite3_step(prepared_statement)) == SQLITE_ROW) {
    for (int column = 0; column < columns; ++column) write_cell(wire, prepared_statement, column);
  }
  rows = wire.take();
  const bool done = step == SQLITE_DONE || failed(rows);
  sqlite3_reset(prepared_statement);
  sqlite3_clear_bindings(prepared_statement);
  return done;
}

}  // namespace tollgate::native
