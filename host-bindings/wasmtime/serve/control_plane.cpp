#include "host-bindings/wasmtime/serve/control_plane.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tollgate::serve {
namespace {

/// A text as the body of a request.
http::Body body_of(const std::string& text) {
  http::Body body;
  if (text.empty()) return body;
  body.length = text.size();
  body.read = [rest = std::span(text)](std::span<char> room) mutable {
    const std::size_t size = std::min(room.size(), rest.size());
    std::copy_n(rest.data(), size, room.data());
    rest = rest.subspan(size);
    return Result<std::size_t, http::IoError>(size);
  };
  return body;
}

}  // namespace

Result<PlaneAnswer, std::string> LocalPlane::ask(const Question& question) {
  host::ApiRequest request{question.method, question.path, question.path, {}, question.body};
  request.headers.emplace_back("authorization", "Bearer " + key_);
  if (!question.content_type.empty()) request.headers.emplace_back("content-type", question.content_type);
  control::Response response = control_.serve(request);
  return PlaneAnswer{response.status, std::move(response.body)};
}

RemotePlane::RemotePlane(http::OpenStreams& open, http::Origin origin, std::string key,
                         std::chrono::milliseconds deadline)
    : client_(open, {.connect = deadline, .head = deadline, .body = deadline}),
      origin_(std::move(origin)),
      key_(std::move(key)),
      deadline_(deadline) {}

Result<PlaneAnswer, std::string> RemotePlane::ask(const Question& question) {
  http::OutgoingRequest request{origin_, {question.method, question.path, {}}, body_of(question.body)};
  request.deadline = http::Clock::now() + deadline_;
  request.head.fields.add("authorization", "Bearer " + key_);
  if (!question.content_type.empty()) request.head.fields.add("content-type", question.content_type);
  const auto response = client_.send(request);
  if (!response.ok()) return fail(response.error());
  PlaneAnswer answer{response->head.status, {}};
  std::array<char, 16 * 1024> room;
  while (response->body.exists()) {
    const auto got = response->body.read(room);
    if (!got.ok() && got.error() == http::IoError::timeout) {
      return fail(std::string("the control plane's answer takes too long"));
    }
    if (!got.ok()) return fail(std::string("the control plane's answer broke off"));
    if (*got == 0) break;
    answer.body.append(room.data(), *got);
    if (answer.body.size() > kMostAnswerBytes) return fail(std::string("the control plane's answer is too long"));
  }
  return answer;
}

}  // namespace tollgate::serve
