#pragma once

#include "host-bindings/wasmtime/http/message_reader.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace tollgate::http {

/// How long the other side may keep us waiting, each time anew.
inline constexpr std::chrono::seconds kHeadPatience{30};
inline constexpr std::chrono::seconds kBodyPatience{30};

/// One request on a connection of a server, and its answer. The handler reads the body as far as it likes, then answers
/// once: with `respond`, or with `begin`, any number of `write`s, and `end`. All of it blocks.
///
///     exchange.respond({404, {{"content-type", "text/plain"}}}, "no such path");
class Exchange {
 public:
  /// `client_address` outlives the exchange.
  Exchange(Stream& stream, MessageReader<RequestHead>& reader, RequestHead request, std::string_view client_address);

  const RequestHead& request() const { return request_; }
  /// Of the other side of the connection, without a port.
  std::string_view client_address() const { return client_address_; }

  bool has_body() const { return reader_.has_body(); }
  std::optional<std::uint64_t> declared_length() const { return reader_.declared_length(); }
  /// Bytes of the body, at least one; 0 at its end.
  Result<std::size_t, IoError> read_body(std::span<char> room);
  /// Reads the rest of the body and throws it away, up to `most` bytes and for `patience` at most: a sender that is cut
  /// off in the middle does not get to see the answer. One who waits for a "100 Continue" has not begun, and need not.
  void read_out(std::uint64_t most, std::chrono::milliseconds patience);

  /// Each of these is false when the client has gone. `head` needs no fields about connection and framing; those that
  /// it has are replaced.
  bool respond(const ResponseHead& head, std::string_view body);
  /// `length` is that of the body; without one, it ends where `end` is called.
  bool begin(const ResponseHead& head, std::optional<std::uint64_t> length);
  bool write(std::string_view bytes);
  bool end();
  /// Ends the answer in the middle, so that the client sees that it is not whole.
  void cut() { cut_ = true; }

  /// Keeps another request from being taken on this connection.
  void close_afterwards() { closes_ = true; }
  bool is_answered() const { return answered_; }
  /// Whether another request may come on this connection, once this one is answered.
  bool keeps_connection() const;

 private:
  enum class Framing : std::uint8_t { none, length, chunks, close };

  /// Settles how the answer is framed, and gives its head.
  std::string start(const ResponseHead& head, std::optional<std::uint64_t> length);
  std::string head_text(const ResponseHead& head, std::optional<std::uint64_t> length);
  bool send(std::string_view bytes);

  Stream& stream_;
  MessageReader<RequestHead>& reader_;
  RequestHead request_;
  std::string_view client_address_;
  bool expects_continue_;
  Framing framing_ = Framing::none;
  bool answered_ = false;  ///< or begun to be
  bool cut_ = false;
  bool closes_ = false;
};

}  // namespace tollgate::http
