#pragma once

#include <initializer_list>
#include <string_view>
#include <utility>

namespace tollgate::gateway {

enum class Severity : unsigned char { warn, error };

/// One line of JSON on standard error. Never given a key, a header's value or a body.
void log(Severity severity, std::string_view message,
         std::initializer_list<std::pair<std::string_view, std::string_view>> fields = {});

}  // namespace tollgate::gateway
