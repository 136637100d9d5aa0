#include "host-bindings/wasmtime/gateway/demo_upstream.h"

#include "base/text.h"
#include "json/document.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>

namespace tollgate::gateway {
namespace {

constexpr std::string_view kTodos =
    R"([{"id":1,"title":"Write the API","done":true},{"id":2,"title":"Put a gate in front of it","done":true},)"
    R"({"id":3,"title":"Send the first invoice","done":false}])";
constexpr std::size_t kMostBodyBytes = 64 * 1024;
constexpr int kMostTokens = 1'000'000;

http::IncomingResponse answer(int status, std::string body) {
  return whole_response(status, "application/json", std::move(body));
}

http::IncomingResponse fault(int status, std::string_view message) {
  return answer(status, "{\"error\":\"" + std::string(message) + "\"}");
}

/// Nothing where it is longer than that.
std::optional<std::string> bounded_text(const http::Body& body) {
  std::string text;
  std::array<char, 8 * 1024> room;
  while (body.exists()) {
    const auto got = body.read(room);
    if (!got.ok() || *got == 0) break;
    text.append(room.data(), *got);
    if (text.size() > kMostBodyBytes) return std::nullopt;
  }
  return text;
}

/// Pretends to generate text: uses as many tokens as it is asked to, and says so.
http::IncomingResponse generate(const http::OutgoingRequest& request) {
  const auto text = bounded_text(request.body);
  if (!text) return fault(413, "the body is longer than 65536 bytes");
  json::Document document;
  if (!document.parse(*text).ok()) return fault(400, "the body is not JSON");
  const json::Value asked = document.root().member("tokens");
  const std::string_view digits = asked.text();
  int tokens = -1;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), tokens);
  const bool is_number = asked.is(json::Kind::number) && read.ptr == digits.data() + digits.size();
  if (!is_number || tokens < 0 || tokens > kMostTokens) {
    return fault(400, "tokens must be a whole number from 0 to 1000000");
  }
  return answer(200, "{\"text\":\"lorem ipsum\",\"usage\":{\"total_tokens\":" + std::to_string(tokens) + "}}");
}

/// The number of `/status/{code}`; 0 where it is none from 200 to 599.
int status_of(std::string_view path) {
  constexpr std::string_view kStatus = "/status/";
  if (!path.starts_with(kStatus)) return 0;
  path.remove_prefix(kStatus.size());
  int status = 0;
  const auto read = std::from_chars(path.data(), path.data() + path.size(), status);
  const bool whole = path.size() == 3 && is_digit(path.front()) && read.ptr == path.data() + path.size();
  return whole && status >= 200 && status <= 599 ? status : 0;
}

}  // namespace

http::IncomingResponse whole_response(int status, std::string_view type, std::string body) {
  http::IncomingResponse response;
  response.head.status = status;
  if (http::is_bodiless(status)) return response;
  response.head.fields.add("content-type", std::string(type));
  response.body.length = body.size();
  response.body.read = [rest = std::move(body), at = std::size_t{0}](std::span<char> room) mutable {
    const std::size_t size = std::min(room.size(), rest.size() - at);
    std::copy_n(rest.data() + at, size, room.data());
    at += size;
    return Result<std::size_t, http::IoError>(size);
  };
  return response;
}

http::IncomingResponse demo_upstream(const http::OutgoingRequest& request) {
  const std::string_view path = std::string_view(request.head.target).substr(0, request.head.target.find('?'));
  if (path == "/todos") return answer(200, std::string(kTodos));
  if (path == "/export") return answer(200, "{\"exported\":3,\"todos\":" + std::string(kTodos) + "}");
  if (path == "/generate") return generate(request);
  const int status = status_of(path);
  // Of the successes, the one that asks for an empty form has nothing to say either (RFC 9110, 15.3.6).
  if (status == 205) return answer(status, "");
  if (status > 0) return answer(status, "{\"status\":" + std::to_string(status) + "}");
  return fault(404, "no such path; a status is a number from 200 to 599");
}

}  // namespace tollgate::gateway
