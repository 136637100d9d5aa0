#pragma once

#include "json/value.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tollgate::gateway {

/// Reads members of a `routes.json`. Every step returns false once something is refused; `error` then is a sentence of
/// where, the field, its value, and the rule.
class ConfigurationReader {
 public:
  const std::string& error() const { return error_; }

  /// What is read now: `route 1 (/todos)`, and a part of it.
  void enter(std::string_view where) { where_ = where; }
  void enter_part(std::string_view name) { where_.append(", ").append(name); }
  const std::string& where() const { return where_; }

  bool refuse(std::string_view field, std::string_view value, std::string_view rule);
  bool refuse(std::string_view field, json::Value value, std::string_view rule);
  bool is_object(json::Value value);
  /// Whether the object has no members but these: a list such as `path, methods`.
  bool knows(json::Value object, std::string_view known);
  /// False where the member is missing.
  bool read_truth(json::Value object, std::string_view field, bool& to);
  /// `to` keeps its value where the member is missing.
  bool read_integer(json::Value object, std::string_view field, std::int64_t least, std::int64_t most,
                    std::int64_t& to);

 private:
  std::string where_;
  std::string error_;
};

}  // namespace tollgate::gateway
