#include "host-bindings/wasmtime/control/kv_store.h"

#include "host-bindings/wasmtime/control/machine_clock.h"

#include <sqlite3.h>

#include <algorithm>

namespace tollgate::host {
namespace {

constexpr const char* kSetUp = R"(
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS kv (
    name TEXT PRIMARY KEY, body BLOB NOT NULL, taken_at REAL NOT NULL, expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS kv_by_expiry ON kv (expires_at);
)";
constexpr const char* kGet = "SELECT body, taken_at FROM kv WHERE name = ?1 AND expires_at > ?2";
constexpr const char* kPut = "INSERT OR REPLACE INTO kv (name, body, taken_at, expires_at) VALUES (?1, ?2, ?3, ?4)";
constexpr const char* kRemove = "DELETE FROM kv WHERE name = ?1";
/// Two for each that comes: the file does not grow for ever, and nobody waits for a great sweep.
constexpr const char* kSweep =
    "DELETE FROM kv WHERE name IN (SELECT name FROM kv WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 2)";

void bind_text(sqlite3_stmt* statement, int index, std::string_view text) {
  sqlite3_bind_text(statement, index, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
}

/// Of KV at Cloudflare, and as good as any here.
constexpr std::uint32_t kLeastSeconds = 60;

}  // namespace

Result<std::unique_ptr<KvStore>, std::string> KvStore::open(const std::string& file) {
  sqlite3* database = nullptr;
  const bool is_open = sqlite3_open(file.c_str(), &database) == SQLITE_OK;
  std::unique_ptr<KvStore> store(new KvStore(database));
  if (is_open && sqlite3_exec(database, kSetUp, nullptr, nullptr, nullptr) == SQLITE_OK && store->prepare()) {
    return store;
  }
  return fail(file + ": " + sqlite3_errmsg(database));
}

KvStore::~KvStore() {
  for (sqlite3_stmt* statement : {get_, put_, remove_, sweep_}) sqlite3_finalize(statement);
  sqlite3_close(database_);
}

bool KvStore::prepare() {
  const auto prepared = [this](const char* text, sqlite3_stmt*& to) {
    return sqlite3_prepare_v3(database_, text, -1, SQLITE_PREPARE_PERSISTENT, &to, nullptr) == SQLITE_OK;
  };
  return prepared(kGet, get_) && prepared(kPut, put_) && prepared(kRemove, remove_) && prepared(kSweep, sweep_);
}

Lookup KvStore::get(std::string_view name) {
  const std::lock_guard lock(mutex_);
  bind_text(get_, 1, name);
  sqlite3_bind_int64(get_, 2, machine_now().ms);
  const int step = sqlite3_step(get_);
  Lookup found;
  if (step == SQLITE_ROW) {
    const auto* const body = static_cast<const char*>(sqlite3_column_blob(get_, 0));
    found.status = 200;
    found.body.assign(body == nullptr ? "" : body, static_cast<std::size_t>(sqlite3_column_bytes(get_, 0)));
    found.taken_at_ms = sqlite3_column_double(get_, 1);
  } else if (step == SQLITE_DONE) {
    found.status = 404;
  }
  sqlite3_reset(get_);
  return found;
}

bool KvStore::put(std::string_view name, std::string_view body, double taken_at_ms, std::uint32_t seconds,
                  std::string& error) {
  const std::lock_guard lock(mutex_);
  const std::int64_t now = machine_now().ms;
  sqlite3_bind_int64(sweep_, 1, now);
  bind_text(put_, 1, name);
  sqlite3_bind_blob(put_, 2, body.empty() ? "" : body.data(), static_cast<int>(body.size()), SQLITE_TRANSIENT);
  sqlite3_bind_double(put_, 3, taken_at_ms);
  sqlite3_bind_int64(put_, 4, now + std::int64_t{std::max(seconds, kLeastSeconds)} * kMsPerSecond);
  // Of the two only the second has to succeed.
  std::string of_sweep;
  step(sweep_, of_sweep);
  return step(put_, error);
}

bool KvStore::remove(std::string_view name, std::string& error) {
  const std::lock_guard lock(mutex_);
  bind_text(remove_, 1, name);
  return step(remove_, error);
}

bool KvStore::step(sqlite3_stmt* statement, std::string& error) {
  const bool done = sqlite3_step(statement) == SQLITE_DONE;
  if (!done) error = sqlite3_errmsg(database_);
  sqlite3_reset(statement);
  return done;
}

std::string snapshot_name(std::string_view bucket, std::string_view digest) {
  return std::string("snapshot/").append(bucket).append("/").append(digest);
}

}  // namespace tollgate::host
