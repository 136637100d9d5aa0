#include "control/port/schema.h"

namespace tollgate::control {

bool migrate(Sql& sql, std::span<const Migration> migrations) {
  sql.exec("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL) STRICT");
  const Rows rows = sql.query("SELECT version FROM schema_version");
  const auto newest = static_cast<std::int64_t>(migrations.size());
  if (rows.empty()) sql.exec("INSERT INTO schema_version (version) VALUES (0)");
  const std::int64_t present = rows.first().number(0);
  if (present > newest) return false;
  for (const Migration& migration : migrations.subspan(static_cast<std::size_t>(present))) {
    for (const Statement& statement : migration.statements) sql.exec(statement);
  }
  if (present < newest) sql.exec("UPDATE schema_version SET version = ?", newest);
  return !sql.failed();
}

}  // namespace tollgate::control
