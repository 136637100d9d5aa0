#pragma once

#include "base/result.h"
#include "control/port/request.h"
#include "host-bindings/native/sqlite/database.h"

#include <cstddef>
#include <filesystem>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tollgate::host {

/// The databases of buckets and ledgers: one SQLite file for each object, below one folder. Buckets stay open; of the
/// ledgers, those that were used last do. One thread at a time.
class ObjectFiles {
 public:
  struct Object {
    std::unique_ptr<native::SqliteDatabase> database;
    bool is_started = false;  ///< its schema is up to date
  };

  ObjectFiles(std::filesystem::path folder, std::size_t open_ledgers)
      : folder_(std::move(folder)), open_ledgers_(open_ledgers) {}

  /// The object's database, opened or created; valid until another one is asked for. Fails with a sentence.
  Result<Object*, std::string> open(control::Role role, std::string_view name);
  /// Closes it, so that it is opened and started anew.
  void close(control::Role role, std::string_view name);

 private:
  struct Entry {
    std::string key;
    Object object;
  };
  using Entries = std::list<Entry>;

  std::filesystem::path folder_;
  std::size_t open_ledgers_;
  Entries buckets_;
  Entries ledgers_;  ///< the one used last at the front
  std::unordered_map<std::string, Entries::iterator> by_key_;
};

}  // namespace tollgate::host
