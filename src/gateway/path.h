#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tollgate::gateway {

/// The path of a request in its one normal form (S2.10): what is matched, and what the upstream is sent.
///
///     normalise("//a/./%7Eb/../%63")->path == "/a/c"
struct NormalPath {
  std::string path;
  /// Whether something in it means one thing to one reader and another to the next, so that only a route with
  /// `rawPath` may take it: an encoded slash, backslash or control byte, `;`, a backslash, an escape that is none.
  /// Escapes among these stay as they came; the others are encoded where they may not stand in a path.
  bool is_ambiguous = false;
};

/// Unreserved characters are decoded, other escapes get upper-case digits, empty and dot segments go, whatever may not
/// stand in a path is encoded. A slash at the end stays (docs/decisions/0013-the-gateway-once.md).
///
/// @param raw  the path as received, up to the `?`; nothing comes back for what does not begin with a slash
std::optional<NormalPath> normalise(std::string_view raw);

/// A path for comparison: all that may stand there plainly is decoded, so that `/%40me` and `/@me` are one path to the
/// router, whatever they are to an upstream.
std::string folded(std::string_view path);

}  // namespace tollgate::gateway
