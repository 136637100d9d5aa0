#include "host-bindings/common/policy_info.h"

#include "json/document.h"

namespace tollgate::host {

std::optional<PolicyInfo> read_policy_info(std::string_view json) {
  json::Document document;
  if (!document.parse(json).ok()) return std::nullopt;
  const json::Value policy = document.root();
  const json::Value name = policy.member("name");
  const json::Value header = policy.member("authHeader");
  const json::Value quota_headers = policy.member("quotaHeaders");
  if (!name.is(json::Kind::string) || !header.is(json::Kind::string) || !quota_headers.is(json::Kind::boolean)) {
    return std::nullopt;
  }
  return PolicyInfo{std::string(name.text()), std::string(header.text()), quota_headers.truth()};
}

}  // namespace tollgate::host
