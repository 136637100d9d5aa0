#pragma once

#include "base/result.h"
#include "json/value.h"

#include <string>
#include <string_view>
#include <vector>

namespace tollgate::json {

/// What `Document` is, read by the `Scanner`: small instead of fast, for what is read once. Same values, same errors.
class ScannedDocument {
 public:
  ScannedDocument() = default;
  ScannedDocument(const ScannedDocument&) = delete;
  ScannedDocument& operator=(const ScannedDocument&) = delete;

  /// Replaces what was there. On failure the document is empty and `root()` is absent.
  Result<bool, DocumentError> parse(std::string_view text);
  Value root() const { return nodes_.empty() ? Value() : Value(nodes_.data()); }

 private:
  std::string characters_;  ///< of all names and texts; never longer than the document, so it never moves
  std::vector<Value::Node> nodes_;
};

}  // namespace tollgate::json
