#pragma once

#include "gateway/routes.h"

#include <optional>
#include <string_view>

namespace tollgate::gateway {

/// The upstream of a text: `https://host[:port][/path]`, `http://` to this machine only, or `service:BINDING`. Nothing
/// where it is none of these, or has user information, a query or a fragment.
std::optional<Upstream> parse_upstream(std::string_view text);

/// Whether a text is what browsers send as `Origin`: `https://app.example.com[:port]`, in lower case.
bool is_origin(std::string_view text);

}  // namespace tollgate::gateway
