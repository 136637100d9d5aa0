#include "host-bindings/wasmtime/http/framing.h"

#include "base/text.h"

#include <array>
#include <charconv>
// clang-format off: the second of these forgets the first
#include <ostream>
#include <boost/beast/http/status.hpp>
// clang-format on

namespace tollgate::http {

std::string status_line(int status) {
  const auto known = boost::beast::http::int_to_status(static_cast<unsigned>(status));
  return "HTTP/1.1 " + std::to_string(status) + " " + std::string(boost::beast::http::obsolete_reason(known)) + "\r\n";
}

std::string request_line(std::string_view method, std::string_view target) {
  return std::string(method).append(" ").append(target).append(" HTTP/1.1\r\n");
}

std::string field_lines(const Fields& fields) {
  std::string lines;
  for (const auto& [name, value] : fields) {
    if (!is_token(name) || value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) continue;
    lines.append(name).append(": ").append(value).append("\r\n");
  }
  return lines.append("\r\n");
}

std::string chunk(std::string_view bytes) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), bytes.size(), 16);
  std::string text(digits.data(), end.ptr);
  return text.append("\r\n").append(bytes).append("\r\n");
}

}  // namespace tollgate::http
