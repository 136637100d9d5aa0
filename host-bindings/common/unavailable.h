#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tollgate::host {

inline constexpr std::uint32_t kUnavailableStatus = 503;

/// The problem body (the shape of S2.3) for a request that could not be decided because the instance trapped. The
/// module cannot write it: it is gone.
std::string unavailable_problem(std::string_view path, std::string_view request_id, std::string_view build_id,
                                double now_ms);

}  // namespace tollgate::host
