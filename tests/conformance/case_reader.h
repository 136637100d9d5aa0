#pragma once

#include "calendar/instant.h"
#include "json/document.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::conformance {

/// What is wrong with a vector file: sentences. A file with any is not run.
using Mistakes = std::vector<std::string>;

/// Reads the members of one object of a vector file. What is missing or of another type is a mistake, and so is, once
/// `refuse_others` is called, a member that nobody asked for.
class CaseReader {
 public:
  /// `where` names the object in messages.
  CaseReader(json::Value object, std::string where, Mistakes& mistakes);

  /// The member as it is; absent where it is missing, which is no mistake.
  json::Value any(std::string_view name);
  bool has(std::string_view name) const { return !object_.member(name).absent(); }

  json::Value object(std::string_view name) { return required(name, json::Kind::object); }
  json::Value array(std::string_view name) { return required(name, json::Kind::array); }
  std::string text(std::string_view name);
  bool truth(std::string_view name);
  std::uint32_t integer(std::string_view name);
  Instant instant(std::string_view name);

  void refuse_others();
  void mistake(std::string_view name, std::string_view what);
  const std::string& where() const { return where_; }

 private:
  json::Value required(std::string_view name, json::Kind kind);

  json::Value object_;
  std::string where_;
  Mistakes& mistakes_;
  std::vector<std::string_view> known_;
};

}  // namespace tollgate::conformance
