#pragma once

#include "host-bindings/wasmtime/gateway/routes.h"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::gateway {

/// Finds the route of a request. A path without parameters goes before one with, a longer one before a shorter `*`;
/// beyond that the order of the file decides.
class Router {
 public:
  /// What the routes say about a request: its route, or the methods that its path knows (none: no such path).
  struct Match {
    std::size_t route = 0;  ///< index; meant only where `found`
    bool found = false;
    std::set<std::string> allow;
  };

  /// `routes` outlive the router.
  explicit Router(std::span<const Route> routes);

  Match match(const std::string& method, std::string_view path) const;

 private:
  struct Pattern {
    std::vector<std::string> segments;
    bool open = false;  ///< ends in `*`
    std::size_t route = 0;
  };

  static bool fits(const Pattern& pattern, std::span<const std::string_view> path);
  bool takes(std::size_t route, const std::string& method, Match& match) const;

  std::span<const Route> routes_;
  std::map<std::string, std::vector<std::size_t>, std::less<>> exact_;
  std::vector<Pattern> patterns_;
};

}  // namespace tollgate::gateway
