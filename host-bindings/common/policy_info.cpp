#include "host-bindings/common/policy_info.h"

#include <simdjson.h>

#include <string>

namespace tollgate::host {

std::optional<PolicyInfo> read_policy_info(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::element policy;
  std::string_view name;
  std::string_view header;
  PolicyInfo info;
  if (parser.parse(json.data(), json.size()).get(policy) != simdjson::SUCCESS ||
      policy["name"].get(name) != simdjson::SUCCESS || policy["authHeader"].get(header) != simdjson::SUCCESS ||
      policy["quotaHeaders"].get(info.quota_headers) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  info.name = name;
  info.auth_header = header;
  return info;
}

}  // namespace tollgate::host
