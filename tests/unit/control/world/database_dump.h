#pragma once

#include "host-bindings/native/sqlite/database.h"

#include <string>
#include <string_view>
#include <vector>

namespace tollgate::test {

/// What a statement with one column of text answers.
std::vector<std::string> lines_of(native::SqliteDatabase& database, std::string_view statement);
/// Performs a statement that has to succeed.
void execute(native::SqliteDatabase& database, std::string_view statement);

/// Every row of every table: two databases with the same dump hold the same.
std::string dump(native::SqliteDatabase& database);
/// Every table and index as it was declared, whatever the blanks.
std::string schema_of(native::SqliteDatabase& database);

}  // namespace tollgate::test
