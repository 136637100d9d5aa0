#pragma once

#include "host-bindings/wasmtime/http/fields.h"
#include "host-bindings/wasmtime/http/stream.h"
#include "host-bindings/wasmtime/http/url.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

namespace tollgate::http {

/// A body as it comes.
struct Body {
  /// Bytes, at least one; 0 at the end. Null: there is no body.
  std::function<Result<std::size_t, IoError>(std::span<char>)> read;
  std::optional<std::uint64_t> length;  ///< where that is known ahead

  bool exists() const { return read != nullptr; }
};

/// A request to a server elsewhere. `head.target` is what is sent; `host`, framing and connection are seen to.
struct OutgoingRequest {
  Origin origin;
  RequestHead head;
  Body body;
  /// When all of it must be over, the answer's body included; the client's patience counts beside it.
  Clock::time_point deadline = Clock::time_point::max();
};

/// What it answered. The body belongs to the connection: it is to be read to its end, or dropped with this.
struct IncomingResponse {
  ResponseHead head;
  Body body;
};

/// How long a server elsewhere may keep us waiting.
struct Patience {
  std::chrono::milliseconds connect = std::chrono::seconds(10);
  std::chrono::milliseconds head = std::chrono::minutes(5);  ///< until it begins to answer
  std::chrono::milliseconds body = std::chrono::minutes(1);  ///< between two pieces, each time anew
};

/// Sends requests, one connection for each at a time. Connections that are free are kept for further ones. The body of
/// a request is sent whole before the answer is read. May be called by several threads at once.
class Client {
 public:
  /// `open` outlives the client.
  Client(OpenStreams& open, Patience patience) : open_(open), patience_(patience) {}

  /// Fails with a sentence when no answer came. What has been sent may have been acted upon then; it is sent again only
  /// where that does no harm (RFC 9110, 9.2.2).
  Result<IncomingResponse, std::string> send(const OutgoingRequest& request);

 private:
  struct Connection;
  using Shared = std::shared_ptr<Connection>;

  Shared take_kept(const Origin& origin);
  void keep(const Origin& origin, Shared connection);
  Result<Shared, std::string> connect_to(const Origin& origin, Clock::time_point deadline);
  Result<IncomingResponse, std::string> send_on(const Shared& connection, const OutgoingRequest& request);
  bool send_body(Connection& connection, const OutgoingRequest& request);
  Body body_of(const Shared& connection, const OutgoingRequest& request);

  OpenStreams& open_;
  Patience patience_;
  std::mutex mutex_;
  std::map<std::string, std::deque<Shared>> kept_;  ///< by origin, the one used last at the end
};

}  // namespace tollgate::http
