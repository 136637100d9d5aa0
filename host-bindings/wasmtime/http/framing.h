#pragma once

#include "host-bindings/wasmtime/http/fields.h"

#include <string>
#include <string_view>

namespace tollgate::http {

/// `HTTP/1.1 404 Not Found\r\n`
std::string status_line(int status);
/// `GET /todos HTTP/1.1\r\n`
std::string request_line(std::string_view method, std::string_view target);
/// The fields and the empty line behind them. A field that could break out of its line is left out.
std::string field_lines(const Fields& fields);

/// Some bytes of a body in chunks (RFC 9112, 7.1); not none, which would end it.
std::string chunk(std::string_view bytes);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace tollgate::http
