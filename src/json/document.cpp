#include "json/document.h"

#include "base/limits.h"
#include "base/text.h"

#include <simdjson.h>

#include <algorithm>
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
  bool names_differ(std::size_t parent);
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
  return names_differ(parent);
}

bool Document::State::read_elements(simdjson::ondemand::array array, std::size_t parent, std::size_t depth) {
  for (auto entry : array) {
    simdjson::ondemand::value element;
    if (entry.get(element) != simdjson::SUCCESS || !read(element, {}, depth)) return false;
    ++nodes[parent].size;
  }
  return true;
}

/// Sorts instead of comparing each with each: the number of names is the caller's choice.
bool Document::State::names_differ(std::size_t parent) {
  std::vector<std::string_view> names;
  names.reserve(nodes[parent].size);
  for (std::size_t i = parent + 1; i < nodes.size(); i += nodes[i].span) names.push_back(nodes[i].name);
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) == names.end() || fail(DocumentError::duplicate_name);
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

std::string_view described(Kind kind) {
  constexpr std::string_view kDescriptions[] = {"null", "a boolean", "a number", "a string", "an array", "an object"};
  return kDescriptions[static_cast<std::size_t>(kind)];
}

Kind Value::kind() const { return absent() ? Kind::null : node_->kind; }
std::string_view Value::text() const { return absent() ? std::string_view() : node_->text; }
std::string_view Value::name() const { return absent() ? std::string_view() : node_->name; }
std::size_t Value::size() const { return absent() ? 0 : node_->size; }

Value Value::member(std::string_view name) const {
  if (!is(Kind::object)) return {};
  for (Value value : *this) {
    if (value.name() == name) return value;
  }
  return {};
}

Value Value::element(std::size_t index) const {
  if (!is(Kind::array)) return {};
  for (Value value : *this) {
    if (index-- == 0) return value;
  }
  return {};
}

Value::Iterator Value::begin() const { return Iterator(absent() ? nullptr : node_ + 1); }
Value::Iterator Value::end() const { return Iterator(absent() ? nullptr : node_ + node_->span); }

void write(Writer<Text>& to, Value value) {
  switch (value.kind()) {
    case Kind::object:
      to.begin_object();
      for (Value member : value) {
        to.key(member.name());
        write(to, member);
      }
      to.end_object();
      break;
    case Kind::array:
      to.begin_array();
      for (Value element : value) write(to, element);
      to.end_array();
      break;
    case Kind::string: to.value(value.text()); break;
    case Kind::number:
    case Kind::boolean: to.raw(value.text()); break;
    case Kind::null: to.null(); break;
  }
}

std::string compact(Value value) {
  Text text;
  Writer<Text> writer(text);
  write(writer, value);
  return text.take();
}

}  // namespace tollgate::json
