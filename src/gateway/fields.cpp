#include "gateway/fields.h"

#include "base/text.h"
#include "gateway/cors.h"
#include "gateway/token_list.h"

#include <algorithm>
#include <iterator>

namespace tollgate::gateway {
namespace {

/// Between two neighbours (RFC 9110, 7.6.1), beside `Proxy-*`.
constexpr std::string_view kHopByHop = "connection, keep-alive, te, trailer, transfer-encoding, upgrade";
constexpr std::string_view kHopPrefix = "proxy-";
/// Framing and the target, which `Connection` cannot name away.
constexpr std::string_view kKept = "host, content-length";
/// Only we tell the upstream who calls, from where, and for what.
constexpr std::string_view kOwnPrefixes[] = {"x-tollgate-", "x-forwarded-"};
constexpr std::string_view kOwn =
    "forwarded, x-forwarded, x-real-ip, x-client-ip, true-client-ip, cf-connecting-ip, cf-connecting-ipv6, "
    "fastly-client-ip, x-cluster-client-ip, x-original-forwarded-for, x-original-url, x-rewrite-url";
/// What tells caches of one maker alone to keep a response.
constexpr std::string_view kCacheFields = "cdn-cache-control, cloudflare-cdn-cache-control, surrogate-control";

/// The name as servers see it that turn it into a variable: `X_Tollgate_Consumer` is `x-tollgate-consumer`.
std::string folded_name(std::string_view name) {
  std::string folded = lower_case(name);
  std::replace(folded.begin(), folded.end(), '_', '-');
  return folded;
}

/// The parts between commas, in lower case.
TokenList listed(std::string_view list) {
  TokenList parts;
  while (!list.empty()) {
    const std::string_view part = trim(take_part(list, ','));
    if (!part.empty()) parts.append(lower_case(part));
  }
  return parts;
}

bool is_hop_by_hop(const std::string& name, const TokenList& named) {
  if (is_listed(kHopByHop, name) || name.starts_with(kHopPrefix)) return true;
  return named.contains(name) && !is_listed(kKept, name);
}

bool is_ours(const std::string& folded) {
  return is_listed(kOwn, folded) || std::any_of(std::begin(kOwnPrefixes), std::end(kOwnPrefixes),
                                                [&](std::string_view prefix) { return folded.starts_with(prefix); });
}

/// As JavaScript's `encodeURIComponent` does.
std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (is_alnum(c) || std::string_view("-_.!~*'()").find(c) != std::string_view::npos) {
      encoded.push_back(c);
    } else {
      append_escape(encoded, c);
    }
  }
  return encoded;
}

/// A parameter of `Forwarded` (RFC 7239), quoted where it is no token.
void add_parameter(std::string_view name, std::string_view value, std::string& to) {
  if (value.empty()) return;
  to.append(to.empty() ? "" : ";").append(name).push_back('=');
  if (is_token(value)) {
    to.append(value);
    return;
  }
  to.push_back('"');
  for (const char c : value) {
    if (c == '"' || c == '\\') to.push_back('\\');
    to.push_back(c);
  }
  to.push_back('"');
}

std::string forwarded_text(const Caller& caller) {
  const bool is_v6 = caller.address.find(':') != std::string_view::npos;
  const std::string node = is_v6 ? "[" + std::string(caller.address) + "]" : std::string(caller.address);
  std::string text;
  add_parameter("for", node, text);
  add_parameter("host", caller.host, text);
  add_parameter("proto", caller.scheme, text);
  return text;
}

/// A location at the upstream as one at this gateway; empty where it is none of those that the route serves.
std::string location_here(const Upstream& upstream, std::string_view location) {
  std::string_view path = location;
  const bool is_absolute = !upstream.origin.empty() && path.size() >= upstream.origin.size() &&
                           equal_ignoring_case(path.substr(0, upstream.origin.size()), upstream.origin);
  if (is_absolute) path.remove_prefix(upstream.origin.size());
  if (upstream.origin.empty() || path.starts_with("//") || (!is_absolute && !path.starts_with('/'))) return {};
  if (is_absolute && (path.empty() || path.starts_with('?') || path.starts_with('#'))) {
    return upstream.base_path.empty() ? "/" + std::string(path) : std::string();
  }
  if (!path.starts_with(upstream.base_path)) return {};
  path.remove_prefix(upstream.base_path.size());
  if (path.empty() || path.starts_with('?') || path.starts_with('#')) return "/" + std::string(path);
  return path.starts_with('/') ? std::string(path) : std::string();
}

/// `Cache-Control` that keeps a response out of shared caches; empty where the upstream's does so.
std::string private_caching(std::string_view value) {
  TokenList kept;
  bool is_private = false;
  listed(value).each([&](std::string_view directive) {
    const std::string_view name = directive.substr(0, directive.find('='));
    is_private = is_private || directive == "private" || directive == "no-store";
    if (name != "public" && name != "s-maxage" && name != "private" && name != "proxy-revalidate") {
      kept.append(directive);
    }
  });
  if (is_private) return {};
  kept.append("private");
  return kept.text();
}

/// The value of a list that may come in several lines.
std::string joined(std::span<const FieldLine> lines, std::string_view name) {
  std::string list;
  for (const FieldLine& line : lines) {
    if (equal_ignoring_case(line.name, name)) list.append(line.value).push_back(',');
  }
  return list;
}

bool is_hidden(const Route& route, const std::string& name) {
  return std::any_of(route.response_meters.begin(), route.response_meters.end(),
                     [&](const ResponseMeter& meter) { return meter.header == name; });
}

}  // namespace

FieldEdits request_fields(const Route& route, std::string_view connection, std::span<const std::string_view> names) {
  const TokenList named = listed(connection);
  const bool drops_credential = route.policy >= 0 && !route.forwards_credential;
  FieldEdits edits;
  for (const std::string_view name : names) {
    const std::string lowered = lower_case(name);
    const std::string folded = folded_name(name);
    if (is_hop_by_hop(lowered, named) || is_ours(folded) ||
        (drops_credential && folded == folded_name(route.credential_header))) {
      edits.drop(lowered);
    }
  }
  return edits;
}

FieldEdits own_fields(const Route& route, const Caller& caller) {
  FieldEdits edits;
  const auto set = [&](std::string_view name, std::string_view value) {
    if (!value.empty() && !has_control(value)) edits.set(name, value);
  };
  set("x-forwarded-for", caller.address);
  set("x-forwarded-host", caller.host);
  set("x-forwarded-proto", caller.scheme);
  set("forwarded", forwarded_text(caller));
  set("x-tollgate-consumer", percent_encoded(caller.consumer));
  set("x-tollgate-subscription", percent_encoded(caller.subscription));
  // What is to be read has to come unpacked.
  if (route.reads_body()) set("accept-encoding", "identity");
  return edits;
}

FieldEdits response_fields(const Routes& routes, const Route& route, std::string_view origin,
                           std::span<const FieldLine> lines) {
  const TokenList named = listed(joined(lines, "connection"));
  const Cors* const cors = routes.cors_of(&route);
  const bool is_private = route.policy >= 0 && !route.shares_cache;
  FieldEdits edits;
  for (const FieldLine& line : lines) {
    const std::string name = lower_case(line.name);
    const bool is_of_cors = cors != nullptr && name.starts_with("access-control-");
    if (is_hop_by_hop(name, named) || is_hidden(route, name) || is_of_cors ||
        (is_private && is_listed(kCacheFields, name))) {
      edits.drop(name);
    } else if (name == "location" || name == "content-location") {
      const std::string here = location_here(route.upstream, line.value);
      if (!here.empty() && here != line.value) edits.set(name, here);
    }
  }
  const std::string caching = is_private ? private_caching(joined(lines, "cache-control")) : std::string();
  if (!caching.empty()) edits.set("cache-control", caching);
  add_cors_fields(cors, origin, edits);
  return edits;
}

}  // namespace tollgate::gateway
