#pragma once

#include "gateway/routes.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::gateway {

/// What the routes say about a request.
struct Match {
  enum class Outcome : std::uint8_t {
    route,            ///< `route` serves it
    not_found,        ///< 404
    not_allowed,      ///< 405: the path takes other methods
    ambiguous_path,   ///< 400: the path cannot be brought into one form, and no route takes it raw
    not_implemented,  ///< 501: nobody passes that method on
  };
  Outcome outcome = Outcome::not_found;
  const Route* route = nullptr;
  std::string path;   ///< in normal form: what the upstream is sent
  std::string allow;  ///< `GET, HEAD`: the methods of the path
};

/// Finds the route of a request. A path without parameters goes before one with, a longer one before a shorter `*`;
/// beyond that the order of the file decides.
///
/// What differs from a guarded path in the case of its letters or in a slash at its end alone never reaches an open
/// route: some servers behind would take it for that path.
///
///     Router(routes).match("GET", "//tod%6Fs").route->path == "/todos"
class Router {
 public:
  /// `routes` outlive the router.
  explicit Router(const Routes& routes);

  Match match(std::string_view method, std::string_view raw_path) const;
  /// The methods that a path takes, sorted.
  TokenList methods_of(std::string_view raw_path) const;

 private:
  bool is_implemented(std::string_view method) const;
  bool shadows_guarded(const Route& open, std::string_view path) const;

  std::vector<const Route*> by_rank_;
};

}  // namespace tollgate::gateway
