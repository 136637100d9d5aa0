#pragma once

#include "base/result.h"
#include "json/value.h"

#include <memory>
#include <string_view>

namespace tollgate::json {

/// A parsed body. Owns a copy of the text and everything that `Value`s point into.
///
///     Document document;
///     if (!document.parse(body).ok()) return refuse();
///     document.root().member("slug").text();
class Document {
 public:
  Document();
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  /// Replaces what was there. On failure the document is empty and `root()` is absent.
  Result<bool, DocumentError> parse(std::string_view text);
  Value root() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tollgate::json
