#pragma once

#include "base/quantity.h"
#include "base/violations.h"
#include "calendar/instant.h"
#include "json/document.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::json {

/// What a text must be like. `accepts` is null where only the length counts.
struct TextRule {
  std::size_t shortest = 1;  ///< in characters, not bytes
  std::size_t longest = 0;
  bool (*accepts)(std::string_view) = nullptr;
  std::string_view rule = "format";   ///< of the violation when `accepts` says no
  std::string_view description = {};  ///< `lower-case letters, digits and underscores`
};

extern const TextRule kKeyText;          ///< catalog/key.h
extern const TextRule kLabelText;        ///< names: no control characters
extern const TextRule kDescriptionText;  ///< may be empty and have line breaks
extern const TextRule kUlidText;

/// Reads the members of one object, each at most once, and adds whatever is missing or wrong to a list, so that a
/// caller hears of everything at once. `null` counts as absent. What comes back for a wrong member is a harmless
/// default.
///
///     ObjectReader fields(body, "", violations);
///     feature.key = fields.text("key", kKeyText);
///     feature.meter = fields.optional_text("meterSlug", kKeyText);
///     fields.refuse_others();
class ObjectReader {
 public:
  /// `path` is where the object stands in the body, "" for the body itself.
  ObjectReader(Value object, std::string_view path, Violations& violations);

  std::string text(std::string_view name, const TextRule& rule);
  std::optional<std::string> optional_text(std::string_view name, const TextRule& rule);
  /// One of a few words; the index of the word, or nothing.
  std::optional<std::size_t> word(std::string_view name, std::span<const std::string_view> words);
  std::optional<std::size_t> optional_word(std::string_view name, std::span<const std::string_view> words);
  std::optional<bool> optional_truth(std::string_view name);
  std::optional<std::int64_t> optional_integer(std::string_view name, std::int64_t least, std::int64_t most);
  std::optional<Instant> optional_instant(std::string_view name);
  /// The digits of a decimal, which may stand there as a number or as a string (S7.6).
  std::optional<std::string_view> optional_digits(std::string_view name);
  /// A decimal ≥ 0 with up to nine fractional digits.
  std::optional<Quantity> optional_decimal(std::string_view name);
  Quantity decimal(std::string_view name);
  Value optional_object(std::string_view name);
  /// Absent unless it is an array of `least` to `most` elements.
  Value optional_array(std::string_view name, std::size_t least, std::size_t most);
  Value array(std::string_view name, std::size_t least, std::size_t most);

  /// The member as it is; absent for `null`. Marks it as known.
  Value take(std::string_view name);
  /// Whether the object says anything under the name; `null` is nothing.
  bool has(std::string_view name) const;
  /// Adds a violation for every member that nobody asked for (S10). Call it last.
  void refuse_others();

  std::string path(std::string_view name) const { return field_path(path_, name); }
  void refuse(std::string_view name, std::string_view rule, std::string_view message) {
    violations_.add(path(name), rule, message);
  }
  /// Nothing is missing from what is no object: that it is none was said already.
  void refuse_missing(std::string_view name) {
    if (!object_.absent()) refuse(name, "required", "is required");
  }
  Violations& violations() { return violations_; }

 private:
  Value take(std::string_view name, Kind kind);
  bool check(std::string_view name, std::string_view text, const TextRule& rule);

  Value object_;
  std::string path_;
  Violations& violations_;
  std::vector<std::string_view> known_;
};

}  // namespace tollgate::json
