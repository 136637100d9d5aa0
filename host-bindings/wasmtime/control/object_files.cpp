#include "host-bindings/wasmtime/control/object_files.h"

#include "base/text.h"

#include <algorithm>

namespace tollgate::host {
namespace {

using control::Role;

/// `bucket` or `bucket/ledger`: names are ours, but nothing else may ever become a path.
bool is_name(Role role, std::string_view name) {
  const auto is_part = [](std::string_view part) {
    return !part.empty() && std::all_of(part.begin(), part.end(), [](char c) { return is_alnum(c) || c == '-'; });
  };
  const std::size_t slash = name.find('/');
  if (role == Role::bucket) return slash == std::string_view::npos && is_part(name);
  return slash != std::string_view::npos && is_part(name.substr(0, slash)) && is_part(name.substr(slash + 1));
}

/// `buckets/working-copy`, `ledgers/working-copy/01K…`
std::string key_of(Role role, std::string_view name) {
  return std::string(role == Role::bucket ? "buckets/" : "ledgers/").append(name);
}

}  // namespace

Result<ObjectFiles::Object*, std::string> ObjectFiles::open(Role role, std::string_view name) {
  std::string key = key_of(role, name);
  Entries& entries = role == Role::bucket ? buckets_ : ledgers_;
  if (const auto known = by_key_.find(key); known != by_key_.end()) {
    entries.splice(entries.begin(), entries, known->second);
    return &known->second->object;
  }
  if (!is_name(role, name)) return fail("There is no object \"" + std::string(name) + "\".");
  const std::filesystem::path file = folder_ / (key + ".sqlite");
  std::error_code error;
  std::filesystem::create_directories(file.parent_path(), error);
  if (error) return fail(file.parent_path().string() + ": " + error.message());
  auto database = native::SqliteDatabase::open_durable(file.string());
  if (!database.ok()) return fail(database.error());
  if (role == Role::ledger && ledgers_.size() >= open_ledgers_) {
    by_key_.erase(ledgers_.back().key);
    ledgers_.pop_back();
  }
  entries.push_front({key, {std::move(*database), false}});
  by_key_.emplace(std::move(key), entries.begin());
  return &entries.front().object;
}

void ObjectFiles::close(Role role, std::string_view name) {
  const auto known = by_key_.find(key_of(role, name));
  if (known == by_key_.end()) return;
  (role == Role::bucket ? buckets_ : ledgers_).erase(known->second);
  by_key_.erase(known);
}

}  // namespace tollgate::host
