#include "control/ledger/schema.h"

namespace tollgate::control {
namespace {

// `time_given` tells an event that carried its time from one that got it on receipt: for the latter, a repetition
// without a time is the same event.
constexpr Statement kEvents =
    "CREATE TABLE events ("
    " source TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, subject TEXT NOT NULL,"
    " time_ms INTEGER NOT NULL, time_given INTEGER NOT NULL, data TEXT NOT NULL,"
    " PRIMARY KEY (source, id)) STRICT, WITHOUT ROWID";

constexpr Statement kEventsByTime = "CREATE INDEX events_by_time ON events (type, time_ms)";

constexpr Statement kConflicts =
    "CREATE TABLE conflicts ("
    " source TEXT NOT NULL, id TEXT NOT NULL, digest TEXT NOT NULL, event TEXT NOT NULL,"
    " PRIMARY KEY (source, id, digest)) STRICT, WITHOUT ROWID";

constexpr Statement kMeasures =
    "CREATE TABLE measures (key TEXT PRIMARY KEY, definition TEXT NOT NULL) STRICT, WITHOUT ROWID";

constexpr Statement kRollups =
    "CREATE TABLE rollups ("
    " measure TEXT NOT NULL, grain_minutes INTEGER NOT NULL, start_ms INTEGER NOT NULL, subject TEXT NOT NULL,"
    " dimensions TEXT NOT NULL, count INTEGER NOT NULL, sum TEXT, min TEXT, max TEXT,"
    " latest TEXT, latest_ms INTEGER, latest_id TEXT, latest_source TEXT,"
    " PRIMARY KEY (measure, grain_minutes, start_ms, subject, dimensions)) STRICT, WITHOUT ROWID";

constexpr Statement kDistinctValues =
    "CREATE TABLE distinct_values ("
    " measure TEXT NOT NULL, grain_minutes INTEGER NOT NULL, start_ms INTEGER NOT NULL, subject TEXT NOT NULL,"
    " dimensions TEXT NOT NULL, digest TEXT NOT NULL,"
    " PRIMARY KEY (measure, grain_minutes, start_ms, subject, dimensions, digest)) STRICT, WITHOUT ROWID";

// Written anew by every request of an edge, so it is kept apart from the events.
constexpr Statement kSenders =
    "CREATE TABLE senders ("
    " instance TEXT PRIMARY KEY, totals TEXT NOT NULL, received_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID";

constexpr Statement kSendersByTime = "CREATE INDEX senders_by_time ON senders (received_ms)";

constexpr Statement kFirst[] = {kEvents, kEventsByTime, kConflicts, kMeasures, kRollups, kDistinctValues};

constexpr Statement kHighWater[] = {kSenders, kSendersByTime};

constexpr Migration kMigrations[] = {{kFirst}, {kHighWater}};

}  // namespace

std::span<const Migration> ledger_migrations() { return kMigrations; }

}  // namespace tollgate::control
