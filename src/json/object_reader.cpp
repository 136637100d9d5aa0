#include "json/object_reader.h"

#include "base/limits.h"
#include "base/text.h"
#include "base/ulid.h"
#include "catalog/key.h"

#include <algorithm>

namespace tollgate::json {
namespace {

bool without_control(std::string_view text) { return !has_control(text); }

bool is_prose(std::string_view text) {
  for (char c : text) {
    if (is_control(c) && c != '\n' && c != '\r' && c != '\t') return false;
  }
  return true;
}

bool is_integer(std::string_view digits) {
  if (digits.starts_with('-')) digits.remove_prefix(1);
  return !digits.empty() && digits.size() <= 18 && std::all_of(digits.begin(), digits.end(), is_digit);
}

/// Of a text that `is_integer`.
std::int64_t integer_of(std::string_view text) {
  const bool negative = text.starts_with('-');
  std::int64_t n = 0;
  for (char c : text.substr(negative)) n = n * 10 + (c - '0');
  return negative ? -n : n;
}

std::string between(std::int64_t least, std::int64_t most) {
  return "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most);
}

std::string_view why(QuantityError error) {
  switch (error) {
    case QuantityError::too_many_digits: return "has more than nine fractional digits";
    case QuantityError::out_of_range: return "must be below 10^18";
    case QuantityError::not_a_number: break;
  }
  return "must be a decimal number, as a number or as a string";
}

}  // namespace

const TextRule kKeyText = {1, limits::kMaxNameLength, catalog::is_key, "key_format",
                           "lower-case letters, digits and underscores"};
const TextRule kLabelText = {1, limits::kMaxLabel, without_control, "no_control_characters",
                             "text without control characters"};
const TextRule kDescriptionText = {0, limits::kMaxDescription, is_prose, "no_control_characters",
                                   "text without control characters"};
const TextRule kUlidText = {Ulid::kLength, Ulid::kLength, is_ulid, "ulid", "a ULID"};

ObjectReader::ObjectReader(Value object, std::string_view path, Violations& violations)
    : object_(object), path_(path), violations_(violations) {
  if (!object_.is(Kind::object)) {
    violations_.add(path_, "type", "must be an object, not " + std::string(described(object_.kind())));
    object_ = {};
  }
}

Value ObjectReader::take(std::string_view name) {
  known_.push_back(name);
  const Value value = object_.member(name);
  return value.is(Kind::null) ? Value() : value;
}

bool ObjectReader::has(std::string_view name) const {
  const Value value = object_.member(name);
  return !value.absent() && !value.is(Kind::null);
}

Value ObjectReader::take(std::string_view name, Kind kind) {
  const Value value = take(name);
  if (value.absent() || value.is(kind)) return value;
  refuse(name, "type", "must be " + std::string(described(kind)) + ", not " + std::string(described(value.kind())));
  return {};
}

bool ObjectReader::check(std::string_view name, std::string_view text, const TextRule& rule) {
  const std::size_t length = count_characters(text);
  if (length < rule.shortest || length > rule.longest) {
    refuse(name, "length",
           rule.shortest == rule.longest
               ? "must have " + std::to_string(rule.longest) + " characters"
               : "must have " + std::to_string(rule.shortest) + " to " + std::to_string(rule.longest) + " characters");
    return false;
  }
  if (rule.accepts != nullptr && !rule.accepts(text)) {
    refuse(name, rule.rule, "must be " + std::string(rule.description));
    return false;
  }
  return true;
}

std::optional<std::string> ObjectReader::optional_text(std::string_view name, const TextRule& rule) {
  const Value value = take(name, Kind::string);
  if (value.absent() || !check(name, value.text(), rule)) return std::nullopt;
  return std::string(value.text());
}

std::string ObjectReader::text(std::string_view name, const TextRule& rule) {
  if (!has(name)) refuse_missing(name);
  return optional_text(name, rule).value_or(std::string());
}

std::optional<std::size_t> ObjectReader::optional_word(std::string_view name, std::span<const std::string_view> words) {
  const Value value = take(name, Kind::string);
  if (value.absent()) return std::nullopt;
  std::string known;
  std::size_t index = 0;
  for (std::string_view word : words) {
    if (word == value.text()) return index;
    known += (index++ == 0 ? "" : ", ") + std::string(word);
  }
  refuse(name, "one_of", "must be one of " + known);
  return std::nullopt;
}

std::optional<std::size_t> ObjectReader::word(std::string_view name, std::span<const std::string_view> words) {
  if (!has(name)) refuse_missing(name);
  return optional_word(name, words);
}

std::optional<bool> ObjectReader::optional_truth(std::string_view name) {
  const Value value = take(name, Kind::boolean);
  if (value.absent()) return std::nullopt;
  return value.truth();
}

std::optional<std::int64_t> ObjectReader::optional_integer(std::string_view name, std::int64_t least,
                                                           std::int64_t most) {
  const Value value = take(name, Kind::number);
  if (value.absent()) return std::nullopt;
  const std::int64_t n = is_integer(value.text()) ? integer_of(value.text()) : least - 1;
  if (n >= least && n <= most) return n;
  refuse(name, "range", between(least, most));
  return std::nullopt;
}

std::optional<Instant> ObjectReader::optional_instant(std::string_view name) {
  const Value value = take(name, Kind::string);
  if (value.absent()) return std::nullopt;
  const auto at = parse_instant(value.text());
  if (at.ok()) return *at;
  refuse(name, "date_time", "must be a date and time as RFC 3339 writes it, such as 2026-01-15T10:00:00Z");
  return std::nullopt;
}

std::optional<std::string_view> ObjectReader::optional_digits(std::string_view name) {
  const Value value = take(name);
  if (value.absent()) return std::nullopt;
  if (value.is(Kind::number) || value.is(Kind::string)) return value.text();
  refuse(name, "type", why(QuantityError::not_a_number));
  return std::nullopt;
}

std::optional<Quantity> ObjectReader::optional_decimal(std::string_view name) {
  const auto digits = optional_digits(name);
  if (!digits.has_value()) return std::nullopt;
  const auto quantity = Quantity::parse(*digits);
  if (!quantity.ok()) {
    refuse(name, "decimal", why(quantity.error()));
    return std::nullopt;
  }
  if (quantity->negative()) {
    refuse(name, "range", "must not be negative");
    return std::nullopt;
  }
  return *quantity;
}

Quantity ObjectReader::decimal(std::string_view name) {
  if (!has(name)) refuse_missing(name);
  return optional_decimal(name).value_or(Quantity());
}

Value ObjectReader::optional_object(std::string_view name) { return take(name, Kind::object); }

Value ObjectReader::optional_array(std::string_view name, std::size_t least, std::size_t most) {
  const Value value = take(name, Kind::array);
  if (value.absent() || (value.size() >= least && value.size() <= most)) return value;
  refuse(name, "length", "must have " + std::to_string(least) + " to " + std::to_string(most) + " elements");
  return {};
}

Value ObjectReader::array(std::string_view name, std::size_t least, std::size_t most) {
  if (!has(name)) refuse_missing(name);
  return optional_array(name, least, most);
}

void ObjectReader::refuse_others() {
  for (Value member : object_) {
    if (std::find(known_.begin(), known_.end(), member.name()) == known_.end()) {
      refuse(member.name(), "unknown_field", "is not a field that is known here");
    }
  }
}

}  // namespace tollgate::json
