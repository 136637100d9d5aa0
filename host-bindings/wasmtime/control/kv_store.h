#pragma once

#include "base/result.h"
#include "host-bindings/common/snapshot_source.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace tollgate::host {

/// The KV of one process, in a SQLite file of its own: `snapshot/{bucket}/{digest}` → a snapshot, when it was taken,
/// when it expires. Written by the control plane and by the gateway, read by the gateway. What it has taken outlives a
/// power cut, or a key that was revoked would come to life again. May be called by several threads at once.
class KvStore {
 public:
  /// Opens or creates the file; fails with a sentence.
  static Result<std::unique_ptr<KvStore>, std::string> open(const std::string& file);
  ~KvStore();

  /// 404 where nothing is stored or what was stored has expired; `TG_UNREACHABLE` where the file cannot be read.
  Lookup get(std::string_view name);
  /// False, with `error`, where that failed. What is stored expires `seconds` from now, by the machine's clock.
  bool put(std::string_view name, std::string_view body, double taken_at_ms, std::uint32_t seconds, std::string& error);
  bool remove(std::string_view name, std::string& error);

 private:
  explicit KvStore(sqlite3* database) : database_(database) {}
  bool prepare();
  bool step(sqlite3_stmt* statement, std::string& error);

  std::mutex mutex_;
  sqlite3* database_;
  sqlite3_stmt* get_ = nullptr;
  sqlite3_stmt* put_ = nullptr;
  sqlite3_stmt* remove_ = nullptr;
  sqlite3_stmt* sweep_ = nullptr;
};

/// The name of a snapshot. The bucket is part of it: a key opens its own bucket only.
std::string snapshot_name(std::string_view bucket, std::string_view digest);

}  // namespace tollgate::host
