#include "host-bindings/wasmtime/gateway/router.h"

#include <algorithm>

namespace tollgate::gateway {
namespace {

template <class Text>
std::vector<Text> segments_of(std::string_view path) {
  std::vector<Text> segments;
  for (path.remove_prefix(1);; path.remove_prefix(segments.back().size() + 1)) {
    segments.emplace_back(path.substr(0, path.find('/')));
    if (segments.back().size() == path.size()) return segments;
  }
}

}  // namespace

Router::Router(std::span<const Route> routes) : routes_(routes) {
  for (std::size_t i = 0; i < routes.size(); ++i) {
    const std::string& path = routes[i].path;
    if (path.find('{') == std::string::npos && !path.ends_with('*')) {
      exact_[path].push_back(i);
      continue;
    }
    Pattern pattern{segments_of<std::string>(path), false, i};
    pattern.open = pattern.segments.back() == "*";
    if (pattern.open) pattern.segments.pop_back();
    patterns_.push_back(std::move(pattern));
  }
  std::sort(patterns_.begin(), patterns_.end(), [](const Pattern& a, const Pattern& b) {
    if (a.open != b.open) return b.open;
    return a.segments.size() != b.segments.size() ? a.segments.size() > b.segments.size() : a.route < b.route;
  });
}

bool Router::takes(std::size_t route, const std::string& method, Match& match) const {
  if (!routes_[route].takes(method)) {
    match.allow.insert(routes_[route].methods.begin(), routes_[route].methods.end());
    return false;
  }
  match.route = route;
  match.found = true;
  return true;
}

bool Router::fits(const Pattern& pattern, std::span<const std::string_view> path) {
  const auto& wanted = pattern.segments;
  if (pattern.open ? path.size() <= wanted.size() : path.size() != wanted.size()) return false;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].starts_with('{') ? path[i].empty() : path[i] != wanted[i]) return false;
  }
  return true;
}

Router::Match Router::match(const std::string& method, std::string_view path) const {
  Match match;
  if (const auto exact = exact_.find(path); exact != exact_.end()) {
    for (const std::size_t route : exact->second) {
      if (takes(route, method, match)) return match;
    }
  }
  const auto segments = segments_of<std::string_view>(path);
  for (const Pattern& pattern : patterns_) {
    if (fits(pattern, segments) && takes(pattern.route, method, match)) return match;
  }
  return match;
}

}  // namespace tollgate::gateway
