#pragma once

#include "tests/conformance/case_reader.h"

#include <string>
#include <vector>

namespace tollgate::conformance {

/// A case of the suite `gateway`: one configuration, and what is asked of it. Points into the file's document.
struct GatewayCase {
  std::string name;
  std::string kind;
  std::string routes;    ///< a `routes.json`
  std::string policies;  ///< as JSON
  json::Value expect;    ///< of the kind `routes`
  std::vector<json::Value> asks;
};

GatewayCase read_gateway_case(json::Value value, Mistakes& mistakes);

}  // namespace tollgate::conformance
