#pragma once

#include "base/text.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace tollgate::gateway {

/// What a host does to the fields of a message, in order. Names of fields are compared without case. As a text, which
/// is how a module says it, a line for each: `-name` drops all lines of that name, `=name: value` puts a value in their
/// place, `+name: value` adds a line. Values are of one line.
class FieldEdits {
 public:
  void drop(std::string_view name) { add('-', name, {}); }
  void set(std::string_view name, std::string_view value) { add('=', name, value); }
  void append(std::string_view name, std::string_view value) { add('+', name, value); }

  const std::string& text() const { return text_; }
  std::size_t size() const { return size_; }

  /// Calls `visit(kind, name, value)` for each, the kind being `-`, `=` or `+`.
  template <class Visit>
  void each(Visit visit) const {
    for (std::string_view rest = text_; !rest.empty();) {
      std::string_view line = take_part(rest, '\n');
      const char kind = line.front();
      line.remove_prefix(1);
      const std::string_view name = take_part(line, ':');
      visit(kind, name, trim(line));
    }
  }

 private:
  void add(char kind, std::string_view name, std::string_view value);

  std::string text_;
  std::size_t size_ = 0;
};

}  // namespace tollgate::gateway
