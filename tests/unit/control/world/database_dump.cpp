#include "tests/unit/control/world/database_dump.h"

#include "control/port/sql.h"

#include <boost/test/unit_test.hpp>

namespace tollgate::test {
namespace {

control::Rows rows_of(native::SqliteDatabase& database, std::string_view statement) {
  std::string rows;
  BOOST_REQUIRE_MESSAGE(database.run(statement, {}, rows), statement << ": " << rows);
  return control::Rows(std::move(rows));
}

std::string with_single_blanks(std::string_view text) {
  std::string result;
  for (char c : text) {
    const bool blank = c == ' ' || c == '\n';
    if (!blank || (!result.empty() && result.back() != ' ')) result += blank ? ' ' : c;
  }
  return result;
}

/// One statement for each table, which answers its rows as JSON.
constexpr std::string_view kTables =
    "SELECT 'SELECT json_array(''' || m.name || ''',' || group_concat('\"' || c.name || '\"') || ') FROM ' || m.name"
    " FROM sqlite_master m JOIN pragma_table_info(m.name) c"
    " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' GROUP BY m.name ORDER BY m.name";

}  // namespace

std::vector<std::string> lines_of(native::SqliteDatabase& database, std::string_view statement) {
  std::vector<std::string> lines;
  const control::Rows rows = rows_of(database, statement);
  for (control::Row row : rows) lines.emplace_back(row.text(0));
  return lines;
}

void execute(native::SqliteDatabase& database, std::string_view statement) { rows_of(database, statement); }

std::string dump(native::SqliteDatabase& database) {
  std::string text;
  for (const std::string& table : lines_of(database, kTables)) {
    for (const std::string& line : lines_of(database, table)) text.append(line).append("\n");
  }
  return text;
}

std::string schema_of(native::SqliteDatabase& database) {
  std::string text;
  for (const std::string& line : lines_of(
           database, "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_master ORDER BY type, name")) {
    text.append(with_single_blanks(line)).append("\n");
  }
  return text;
}

}  // namespace tollgate::test
