#pragma once

#include "control/port/sql.h"

#include <span>

namespace tollgate::control {

/// One step of the schema: statements that are run once, in order. Steps are only ever appended.
struct Migration {
  std::span<const Statement> statements;
};

/// Brings the database to the newest step; `schema_version` remembers how far it is. A database that is newer than this
/// code fails the request rather than being written by code that does not know it.
///
/// Hosts run it once per object and instance (`POST /start`), before anything else.
bool migrate(Sql& sql, std::span<const Migration> migrations);

}  // namespace tollgate::control
