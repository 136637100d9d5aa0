#include "control/port/request.h"

#include "base/text.h"

namespace tollgate::control {

std::string_view Request::header(std::string_view name) const {
  for (const Header& header : headers) {
    if (equal_ignoring_case(header.name, name)) return header.value;
  }
  return {};
}

std::string_view subscription_of(const Request& request) {
  return request.object.substr(request.object.rfind('/') + 1);
}

}  // namespace tollgate::control
