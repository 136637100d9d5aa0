#pragma once

#include <string>

namespace tollgate::gateway {

/// An id for people to quote.
std::string new_request_id();

}  // namespace tollgate::gateway
