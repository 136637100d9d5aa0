#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tollgate::gateway {

/// The paths that a route takes: `/a/{name}/b`; a last `*` stands for any rest.
struct Pattern {
  std::string segments;   ///< `/a//b`: in normal form, folded (path.h); a parameter is empty. Nothing for `/` and `/*`
  std::size_t count = 0;  ///< of the segments
  bool is_open = false;   ///< ends in `*`
  bool has_parameter = false;

  bool is_literal() const { return !is_open && !has_parameter; }
};

/// Nothing where the text is no pattern.
std::optional<Pattern> parse_pattern(std::string_view text);

/// Whether letters of either case are one. Some servers take them so.
enum class Case : bool { exact, ignored };

/// A parameter takes any segment but an empty one, `*` at least one segment, which may be empty.
///
/// @param path  folded
bool fits(const Pattern& pattern, std::string_view path, Case letters = Case::exact);
/// Whether there is a path that fits both, letters of either case taken for one.
bool overlap(const Pattern& one, const Pattern& other);
/// Whether the two take the same paths.
bool is_same(const Pattern& one, const Pattern& other);

}  // namespace tollgate::gateway
