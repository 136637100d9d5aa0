#include "gateway/router.h"

#include "gateway/path.h"

#include <algorithm>

namespace tollgate::gateway {
namespace {

/// Smaller comes first.
int rank(const Pattern& pattern) { return pattern.is_literal() ? 0 : pattern.is_open ? 2 : 1; }

bool goes_before(const Route* one, const Route* other) {
  const int ranks[] = {rank(one->pattern), rank(other->pattern)};
  if (ranks[0] != ranks[1]) return ranks[0] < ranks[1];
  return one->pattern.count > other->pattern.count;
}

void add_all(TokenList& to, const TokenList& methods) {
  methods.each([&](std::string_view method) { to.insert(method); });
}

}  // namespace

Router::Router(const Routes& routes) : by_rank_(routes.routes.size()) {
  std::size_t ranked = 0;
  for (const Route& route : routes.routes) {
    std::size_t place = ranked++;
    for (; place > 0 && goes_before(&route, by_rank_[place - 1]); --place) by_rank_[place] = by_rank_[place - 1];
    by_rank_[place] = &route;
  }
}

bool Router::is_implemented(std::string_view method) const {
  if (method == "TRACE" || method == "CONNECT") return false;
  return is_listed(kMethods, method) || std::any_of(by_rank_.begin(), by_rank_.end(), [&](const Route* route) {
           return route->methods.contains(method);
         });
}

/// Whether the path is one that a route guards, but for letters' case and a last slash.
bool Router::shadows_guarded(const Route& open, std::string_view path) const {
  if (open.policy >= 0 || open.pattern.is_literal()) return false;
  const std::string_view shorter = path.size() > 1 && path.back() == '/' ? path.substr(0, path.size() - 1) : path;
  return std::any_of(by_rank_.begin(), by_rank_.end(), [&](const Route* guarded) {
    const Pattern& pattern = guarded->pattern;
    return guarded->policy >= 0 && !fits(pattern, path) &&
           (fits(pattern, shorter, Case::ignored) || fits(pattern, path, Case::ignored));
  });
}

Match Router::match(std::string_view method, std::string_view raw_path) const {
  Match match;
  match.outcome = Match::Outcome::not_implemented;
  if (!is_implemented(method)) return match;
  auto normal = normalise(raw_path);
  match.outcome = Match::Outcome::ambiguous_path;
  if (!normal) return match;
  const std::string path = folded(normal->path);
  match.path = std::move(normal->path);
  TokenList allow;
  for (const Route* const route : by_rank_) {
    if (!fits(route->pattern, path) || shadows_guarded(*route, path)) continue;
    if (!route->methods.contains(method)) {
      add_all(allow, route->methods);
      continue;
    }
    if (normal->is_ambiguous && !route->is_raw) return match;
    match.outcome = Match::Outcome::route;
    match.route = route;
    return match;
  }
  if (normal->is_ambiguous) return match;
  match.outcome = allow.empty() ? Match::Outcome::not_found : Match::Outcome::not_allowed;
  match.allow = allow.text();
  return match;
}

TokenList Router::methods_of(std::string_view raw_path) const {
  TokenList methods;
  const auto normal = normalise(raw_path);
  if (!normal || normal->is_ambiguous) return methods;
  const std::string path = folded(normal->path);
  for (const Route* const route : by_rank_) {
    if (fits(route->pattern, path) && !shadows_guarded(*route, path)) add_all(methods, route->methods);
  }
  return methods;
}

}  // namespace tollgate::gateway
