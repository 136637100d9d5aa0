#pragma once

#include "tests/unit/control/role_table.h"
#include "tests/unit/control/world/plane.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::test {

inline constexpr std::array<std::string_view, 4> kRoleNames = {"admin", "read-only", "edge", "portal"};

/// A request that somebody sends with a service key, in a world of three buckets.
struct Attempt {
  std::size_t route = 0;    ///< of `expected_routes`
  std::size_t holder = 0;   ///< the bucket that the key belongs to
  std::size_t role = 0;     ///< of `kRoleNames`
  std::size_t target = 0;   ///< the bucket that the request is for
  std::uint32_t names = 0;  ///< which of all names, of whatever bucket, the request mentions
};

/// Three buckets that hold the same kinds of things under the same keys, each with its own ids and a secret of its own
/// in every text that it may hold.
class IsolationWorld {
 public:
  IsolationWorld();

  struct Outcome {
    std::string request;  ///< for a message: who, what
    std::string sent;     ///< path and body: what the caller knew already
    Reply reply;
  };
  /// Sends the request, and has everything done that it leaves to do.
  Outcome send(const Attempt& attempt);

  /// Whether the role may use the route, by the table of the test.
  static bool may(const Attempt& attempt);
  /// What each object holds, by its name, and KV by bucket.
  std::map<std::string, std::string> contents();
  /// Ids and secrets of the bucket: what nobody may learn in another one.
  const std::vector<std::string>& secrets(std::size_t bucket) const { return secrets_[bucket]; }

 private:
  void fill(std::size_t bucket);
  void remember(std::size_t bucket, const std::string& resource, const std::string& name);
  void settle(std::string_view bucket);
  std::string resolve(std::string_view text, std::uint32_t names) const;

  Plane plane_;
  std::map<std::string, std::vector<std::string>, std::less<>> names_;  ///< by resource
  std::array<std::vector<std::string>, 3> secrets_;
  std::array<std::array<std::string, kRoleNames.size()>, 3> keys_;
};

}  // namespace tollgate::test
