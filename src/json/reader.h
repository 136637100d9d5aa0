#pragma once

#include "base/limits.h"
#include "base/quantity.h"
#include "calendar/instant.h"

#include <simdjson.h>

#include <cstddef>
#include <string_view>
#include <utility>

namespace tollgate::json {

namespace ondemand = simdjson::ondemand;

/// Bytes that a buffer must have after a document's last one; their content does not matter.
inline constexpr std::size_t kPadding = simdjson::SIMDJSON_PADDING;
/// Deeper documents are refused. A snapshot nests 4 deep, a policies.json 5.
inline constexpr std::size_t kMaxDepth = 32;

/// The parser of one instance: allocates its working memory once, in `start`, for documents of up to `capacity` bytes.
class Reader {
 public:
  /// False when the memory is not to be had.
  bool start(std::size_t capacity) { return parser_.allocate(capacity, kMaxDepth) == simdjson::SUCCESS; }

  /// Opens a document in a buffer with `kPadding` more bytes behind it; it and everything read from it live until the
  /// next `open`.
  simdjson::error_code open(const char* text, std::size_t length, ondemand::document& document) {
    return parser_.iterate(text, length, length + kPadding).get(document);
  }

 private:
  ondemand::parser parser_;
};

/// One member of an object under iteration, with its key unescaped. False where the document breaks off.
template <class Entry>
bool take_member(Entry&& entry, ondemand::field& field, std::string_view& key) {
  if (std::forward<Entry>(entry).get(field) != simdjson::SUCCESS) return false;
  key = field.escaped_key();
  // A key that stands there as it is, and nearly all do, need not be copied out.
  for (char c : key) {
    if (c == '\\') return field.unescaped_key(false).get(key) == simdjson::SUCCESS;
  }
  return true;
}

// Each of these reads one value of the expected type and is false for any other.

inline bool read(ondemand::value& value, bool& flag) { return value.get_bool().get(flag) == simdjson::SUCCESS; }

/// A scalar as it stands in the document; of an object or array, its bracket.
inline std::string_view token_of(ondemand::value& value) {
  const std::string_view token = value.raw_json_token();
  return token.substr(0, token.find_last_not_of(" \t\n\r") + 1);
}

/// A text. One without escapes, as nearly all are, is borrowed from the document instead of copied out.
inline bool read(ondemand::value& value, std::string_view& text) {
  const std::string_view token = value.raw_json_token();
  if (token.front() != '"') return false;
  // The first stage of parsing has seen to it that the text ends.
  std::size_t end = 1;
  while (token[end] != '"' && token[end] != '\\') ++end;
  if (token[end] == '"') {
    text = token.substr(1, end - 1);
    return true;
  }
  return value.get_string().get(text) == simdjson::SUCCESS;
}

/// The digits of a number as they stand there, for exact reading.
inline bool read_number_text(ondemand::value& value, std::string_view& text) {
  ondemand::json_type type;
  if (value.type().get(type) != simdjson::SUCCESS || type != ondemand::json_type::number) return false;
  text = token_of(value);
  return true;
}

inline bool read(ondemand::value& value, Quantity& quantity) {
  std::string_view text;
  if (!read_number_text(value, text)) return false;
  const auto parsed = Quantity::parse(text);
  if (parsed.ok()) quantity = *parsed;
  return parsed.ok();
}

/// A whole number within 64 bits.
inline bool read(ondemand::value& value, std::int64_t& n) {
  Quantity quantity;
  if (!read(value, quantity)) return false;
  n = quantity.floor_units();
  return quantity == Quantity::units(n);
}

inline bool read(ondemand::value& value, Instant& instant) {
  std::string_view text;
  if (!read(value, text)) return false;
  const auto parsed = parse_instant(text);
  if (parsed.ok()) instant = *parsed;
  return parsed.ok();
}

}  // namespace tollgate::json
