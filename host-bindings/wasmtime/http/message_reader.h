#pragma once

#include "host-bindings/wasmtime/http/fields.h"
#include "host-bindings/wasmtime/http/stream.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace tollgate::http {

/// Reads the HTTP/1.1 messages that come on one connection, one after the other: a head, then its body as it comes. A
/// message whose framing is not beyond doubt (RFC 9112, 6.3) is refused, so that nobody can smuggle one request inside
/// another. `stream` outlives it.
template <class Head>
class MessageReader {
 public:
  explicit MessageReader(Stream& stream);
  ~MessageReader();

  /// The next head. `IoError::closed` where the other side ended the connection in between two messages.
  /// @param to_head  the response is one to HEAD, which has no body
  Result<Head, IoError> read_head(bool to_head = false);

  bool has_body() const;
  /// How long the body says it is; nothing where it does not say.
  std::optional<std::uint64_t> declared_length() const;
  /// Bytes of the body, at least one; 0 at its end.
  Result<std::size_t, IoError> read_body(std::span<char> room);
  bool body_has_ended() const;
  /// Whether another message may follow this one.
  bool keeps_alive() const;
  bool is_http_1_0() const;
  /// Whether bytes of a next message have come already.
  bool has_more() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

extern template class MessageReader<RequestHead>;
extern template class MessageReader<ResponseHead>;

}  // namespace tollgate::http
