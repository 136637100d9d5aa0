#include "control/ledger_schema.h"

namespace tollgate::control {
namespace {

constexpr Statement kFirst[] = {
    // `time_given` tells an event that carried its time from one that got it on receipt: for the latter, a repetition
    // without a time is the same event.
    "CREATE TABLE events ("
    " source TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, subject TEXT NOT NULL,"
    " time_ms INTEGER NOT NULL, time_given INTEGER NOT NULL, data TEXT NOT NULL,"
    " PRIMARY KEY (source, id)) STRICT, WITHOUT ROWID",
    "CREATE INDEX events_by_time ON events (type, time_ms)",

    "CREATE TABLE conflicts ("
    " source TEXT NOT NULL, id TEXT NOT NULL, digest TEXT NOT NULL, event TEXT NOT NULL,"
    " PRIMARY KEY (source, id, digest)) STRICT, WITHOUT ROWID",

    "CREATE TABLE measures (key TEXT PRIMARY KEY, definition TEXT NOT NULL) STRICT, WITHOUT ROWID",

    "CREATE TABLE rollups ("
    " measure TEXT NOT NULL, grain_minutes INTEGER NOT NULL, start_ms INTEGER NOT NULL, subject TEXT NOT NULL,"
    " dimensions TEXT NOT NULL, count INTEGER NOT NULL, sum TEXT, min TEXT, max TEXT,"
    " latest TEXT, latest_ms INTEGER, latest_id TEXT, latest_source TEXT,"
    " PRIMARY KEY (measure, grain_minutes, start_ms, subject, dimensions)) STRICT, WITHOUT ROWID",

    "CREATE TABLE distinct_values ("
    " measure TEXT NOT NULL, grain_minutes INTEGER NOT NULL, start_ms INTEGER NOT NULL, subject TEXT NOT NULL,"
    " dimensions TEXT NOT NULL, digest TEXT NOT NULL,"
    " PRIMARY KEY (measure, grain_minutes, start_ms, subject, dimensions, digest)) STRICT, WITHOUT ROWID",
};

constexpr Migration kMigrations[] = {{kFirst}};

}  // namespace

std::span<const Migration> ledger_migrations() { return kMigrations; }

}  // namespace tollgate::control
