#include "json/scanned_document.h"

#include "base/limits.h"
#include "json/scanner.h"

#include <optional>
#include <utility>

namespace tollgate::json {
namespace {

/// Makes the nodes of a document out of what a scanner tells.
class Builder {
 public:
  Builder(std::string& characters, std::vector<Value::Node>& nodes) : characters_(characters), nodes_(nodes) {}

  /// What is wrong, if anything is.
  std::optional<DocumentError> take(Scan told, std::string_view piece) {
    switch (told) {
      case Scan::begin_object:
      case Scan::begin_array:
        if (open_.size() == limits::kMaxJsonDepth) return DocumentError::too_deep;
        open_.push_back(add(told == Scan::begin_object ? Kind::object : Kind::array));
        break;
      case Scan::end_object:
      case Scan::end_array: return close();
      case Scan::name:
      case Scan::text:
      case Scan::number: characters_.append(piece); break;
      case Scan::name_end: name_ = taken(); break;
      case Scan::text_end: add(Kind::string, taken()); break;
      case Scan::number_end: add(Kind::number, taken()); break;
      case Scan::literal: add_literal(piece); break;
      case Scan::more:
      case Scan::malformed: break;
    }
    return std::nullopt;
  }

 private:
  /// The characters since the last ones that were taken.
  std::string_view taken() {
    const std::string_view all = characters_;
    const std::size_t from = std::exchange(begin_, all.size());
    return all.substr(from);
  }

  std::size_t add(Kind kind, std::string_view text = {}) {
    if (!open_.empty()) ++nodes_[open_.back()].size;
    Value::Node& node = nodes_.emplace_back();
    node.kind = kind;
    node.name = std::exchange(name_, {});
    node.text = text;
    return nodes_.size() - 1;
  }

  void add_literal(std::string_view piece) {
    if (piece == "null") {
      add(Kind::null);
    } else {
      add(Kind::boolean, piece == "true" ? "true" : "false");
    }
  }

  std::optional<DocumentError> close() {
    const std::size_t node = open_.back();
    open_.pop_back();
    const bool is_unclear = nodes_[node].kind == Kind::object && !names_differ(nodes_, node);
    nodes_[node].span = static_cast<std::uint32_t>(nodes_.size() - node);
    return is_unclear ? std::optional(DocumentError::duplicate_name) : std::nullopt;
  }

  std::string& characters_;
  std::vector<Value::Node>& nodes_;
  std::vector<std::size_t> open_;
  std::string_view name_;
  std::size_t begin_ = 0;
};

std::optional<DocumentError> build(std::string_view text, Builder& builder) {
  Scanner scanner;
  for (;;) {
    const Scan told = text.empty() ? scanner.end() : scanner.next(text);
    if (told == Scan::malformed) return DocumentError::malformed;
    if (told == Scan::more && text.empty() && scanner.done()) return std::nullopt;
    if (const auto error = builder.take(told, scanner.piece())) return error;
  }
}

}  // namespace

Result<bool, DocumentError> ScannedDocument::parse(std::string_view text) {
  nodes_.clear();
  characters_.clear();
  if (text.size() > limits::kMaxDocumentBytes) return fail(DocumentError::too_large);
  characters_.reserve(text.size());
  Builder builder(characters_, nodes_);
  const auto error = build(text, builder);
  if (!error) return true;
  nodes_.clear();
  return fail(*error);
}

}  // namespace tollgate::json
