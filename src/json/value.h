#pragma once

#include "base/assert.h"
#include "json/text.h"
#include "json/writer.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::json {

enum class Kind : std::uint8_t { null, boolean, number, string, array, object };

/// `an object`, `a string`: for messages.
std::string_view described(Kind kind);

enum class DocumentError : std::uint8_t {
  malformed,       ///< not JSON (RFC 8259), or not UTF-8
  too_deep,        ///< nested deeper than `limits::kMaxJsonDepth`
  too_large,       ///< more than `limits::kMaxDocumentBytes`
  duplicate_name,  ///< an object names a member twice: readers would disagree on which one counts
};

/// A value inside a document (`Document`, `ScannedDocument`), which must outlive it. Cheap to copy. A
/// default-constructed one is `absent()`: what `member` gives for a name that is not there, so that look-ups can be
/// chained.
class Value {
 public:
  class Iterator;

  Value() = default;

  bool absent() const { return node_ == nullptr; }
  bool is(Kind kind) const { return node_ != nullptr && this->kind() == kind; }
  Kind kind() const;

  /// Of a string its characters, unescaped; of a number its digits as they were written (numbers are decimals, never
  /// binary floating point); `true` or `false` of a boolean. Empty otherwise.
  std::string_view text() const;
  bool truth() const { return text() == "true"; }
  /// The name under which an object holds this value; empty for elements of arrays.
  std::string_view name() const;

  /// Members of an object or elements of an array; 0 for anything else.
  std::size_t size() const;
  Value member(std::string_view name) const;
  Value element(std::size_t index) const;
  Iterator begin() const;
  Iterator end() const;

  /// What a document keeps of a value.
  struct Node {
    Kind kind = Kind::null;
    std::uint32_t size = 0;  ///< members or elements
    std::uint32_t span = 1;  ///< this node and everything below it: the next sibling stands that much further on
    std::string_view name;
    std::string_view text;
  };

  /// The value of a node, behind which those of its parts stand, each parent before its children.
  explicit Value(const Node* node) : node_(node) {}

 private:
  const Node* node_ = nullptr;
};

class Value::Iterator {
 public:
  Value operator*() const { return Value(node_); }
  Iterator& operator++() {
    TOLLGATE_ASSERT(node_ != nullptr);
    node_ += node_->span;
    return *this;
  }
  bool operator!=(const Iterator& other) const { return node_ != other.node_; }

 private:
  friend class Value;
  explicit Iterator(const Node* node) : node_(node) {}
  const Node* node_;
};

/// Whether all members of an object, the last thing that was read, have names of their own. Sorts instead of comparing
/// each with each: the number of names is the caller's choice.
bool names_differ(const std::vector<Value::Node>& nodes, std::size_t object);

/// Writes the value again, compactly; numbers keep their digits.
void write(Writer<Text>& to, Value value);
/// The same as a text of its own.
std::string compact(Value value);

}  // namespace tollgate::json
