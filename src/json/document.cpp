#include "json/document.h"

#include "base/limits.h"
#include "base/text.h"

#include <simdjson.h>

#include <vector>

namespace tollgate::json {
namespace {

/// Steps over a run of digits; false if there is none.
bool skip_digits(std::string_view& text) {
  const std::size_t before = text.size();
  while (!text.empty() && is_digit(text.front())) text.remove_prefix(1);
  return text.size() < before;
}

/// The grammar of a JSON number (RFC 8259, section 6).
bool is_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const bool leading_zero = text.starts_with('0');
  const std::size_t before = text.size();
  if (!skip_digits(text) || (leading_zero && before - text.size() > 1)) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (!skip_digits(text)) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (!skip_digits(text)) return false;
  }
  return text.empty();
}

std::string_view without_space_after(std::string_view token) {
  while (!token.empty() && (is_blank(token.back()) || token.back() == '\n' || token.back() == '\r')) {
    token.remove_suffix(1);
  }
  return token;
}

}  // namespace

struct Document::State {
  simdjson::ondemand::parser parser;
  simdjson::padded_string text;
  std::vector<Value::Node> nodes;
  DocumentError error = DocumentError::malformed;

  bool parse(std::string_view source);

 private:
  template <class Source>
  bool read(Source& source, std::string_view name, std::size_t depth);
  template <class Source>
  bool read_scalar(Source& source, simdjson::ondemand::json_type type, Value::Node& node);
  bool read_members(simdjson::ondemand::object object, std::size_t parent, std::size_t depth);
  bool read_elements(simdjson::ondemand::array array, std::size_t parent, std::size_t depth);
  bool fail(DocumentError reason) {
    error = reason;
    return false;
  }
};

bool Document::State::parse(std::string_view source) {
  nodes.clear();
  if (source.size() > limits::kMaxDocumentBytes) return fail(DocumentError::too_large);
  text = simdjson::padded_string(source);
  error = DocumentError::malformed;
  simdjson::ondemand::document document;
  if (parser.iterate(text).get(document) != simdjson::SUCCESS) return false;
  return read(document, {}, 0) && document.at_end();
}

template <class Source>
bool Document::State::read(Source& source, std::string_view name, std::size_t depth) {
  simdjson::ondemand::json_type type;
  if (source.type().get(type) != simdjson::SUCCESS) return false;
  const std::size_t index = nodes.size();
  nodes.emplace_back().name = name;
  if (type == simdjson::ondemand::json_type::object || type == simdjson::ondemand::json_type::array) {
    if (depth == limits::kMaxJsonDepth) return fail(DocumentError::too_deep);
    simdjson::ondemand::object object;
    simdjson::ondemand::array array;
    const bool is_object = type == simdjson::ondemand::json_type::object;
    nodes[index].kind = is_object ? Kind::object : Kind::array;
    const auto opened = is_object ? source.get_object().get(object) : source.get_array().get(array);
    if (opened != simdjson::SUCCESS) return false;
    if (!(is_object ? read_members(object, index, depth + 1) : read_elements(array, index, depth + 1))) return false;
  } else if (!read_scalar(source, type, nodes[index])) {
    return false;
  }
  nodes[index].span = static_cast<std::uint32_t>(nodes.size() - index);
  return true;
}

template <class Source>
bool Document::State::read_scalar(Source& source, simdjson::ondemand::json_type type, Value::Node& node) {
  using simdjson::ondemand::json_type;
  if (type == json_type::string) {
    node.kind = Kind::string;
    return source.get_string().get(node.text) == simdjson::SUCCESS;
  }
  if (type == json_type::number) {
    node.kind = Kind::number;
    std::string_view token;
    if (simdjson::simdjson_result<std::string_view>(source.raw_json_token()).get(token) != simdjson::SUCCESS)
      return false;
    node.text = without_space_after(token);
    // Steps over a document that is a single number; it is never read as binary floating point ($1).
    return is_number(node.text) &&
           simdjson::simdjson_result<std::string_view>(source.raw_json()).get(token) == simdjson::SUCCESS;
  }
  bool truth = false;
  if (type == json_type::boolean) {
    node.kind = Kind::boolean;
    if (source.get_bool().get(truth) != simdjson::SUCCESS) return false;
    node.text = truth ? "true" : "false";
    return true;
  }
  return source.is_null().get(truth) == simdjson::SUCCESS && truth;
}

bool Document::State::read_members(simdjson::ondemand::object object, std::size_t parent, std::size_t depth) {
  for (auto entry : object) {
    simdjson::ondemand::field field;
    std::string_view name;
    if (std::move(entry).get(field) != simdjson::SUCCESS) return false;
    if (field.unescaped_key(false).get(name) != simdjson::SUCCESS) return false;
    if (!read(field.value(), name, depth)) return false;
    ++nodes[parent].size;
  }
  return names_differ(nodes, parent) || fail(DocumentError::duplicate_name);
}

bool Document::State::read_elements(simdjson::ondemand::array array, std::size_t parent, std::size_t depth) {
  for (auto entry : array) {
    simdjson::ondemand::value element;
    if (entry.get(element) != simdjson::SUCCESS || !read(element, {}, depth)) return false;
    ++nodes[parent].size;
  }
  return true;
}

Document::Document() : state_(std::make_unique<State>()) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Result<bool, DocumentError> Document::parse(std::string_view text) {
  if (state_->parse(text)) return true;
  state_->nodes.clear();
  return fail(state_->error);
}

Value Document::root() const { return state_->nodes.empty() ? Value() : Value(state_->nodes.data()); }

}  // namespace tollgate::json
