#pragma once

#include <string_view>
#include <vector>

namespace tollgate::test {

/// What a route is expected to be: written down here a second time, apart from the router's table, so that a role that
/// is let in by mistake shows.
struct ExpectedRoute {
  std::string_view method;
  std::string_view path;   ///< behind `/v3/metering/{bucket}/`; `$meters` stands for the name of some meter, and so on
  std::string_view roles;  ///< of service keys, besides admin: `r`ead-only, `e`dge, `p`ortal
  std::string_view body = {};
};

const std::vector<ExpectedRoute>& expected_routes();

}  // namespace tollgate::test
