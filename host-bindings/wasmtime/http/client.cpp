#include "host-bindings/wasmtime/http/client.h"

#include "host-bindings/wasmtime/http/framing.h"
#include "host-bindings/wasmtime/http/message_reader.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tollgate::http {
namespace {

constexpr std::size_t kPieceBytes = 32 * 1024;
constexpr std::size_t kMostKeptForOrigin = 64;
/// Servers close what has been idle for longer; Node's default is 5 s.
constexpr std::chrono::seconds kMostIdle{4};
/// How long a server that stopped listening is given to say why.
constexpr std::chrono::seconds kLastWords{1};

bool is_repeatable(const OutgoingRequest& request) {
  const std::string_view method = request.head.method;
  return !request.body.exists() && (method == "GET" || method == "HEAD" || method == "OPTIONS");
}

/// When a wait of this length ends that begins now.
Clock::time_point end_of(std::chrono::milliseconds patience, Clock::time_point deadline) {
  return std::min(Clock::now() + patience, deadline);
}

std::string head_text(const OutgoingRequest& request) {
  Fields fields = request.head.fields;
  erase_hop_by_hop(fields);
  fields.erase("expect");
  fields.set("host", request.origin.authority());
  const bool takes_body = request.head.method != "GET" && request.head.method != "HEAD";
  if (request.body.exists() && !request.body.length) {
    fields.add("transfer-encoding", "chunked");
  } else if (request.body.exists() || takes_body) {
    fields.add("content-length", std::to_string(request.body.length.value_or(0)));
  }
  return request_line(request.head.method, request.head.target) + field_lines(fields);
}

}  // namespace

struct Client::Connection {
  explicit Connection(std::unique_ptr<Stream> connected) : stream(std::move(connected)), reader(*stream) {}

  /// Not once the server has stopped listening.
  void write(std::string_view bytes, Clock::time_point deadline) {
    if (!is_heard) return;
    stream->set_deadline(deadline);
    is_heard = stream->write(bytes).ok();
  }
  bool can_be_kept() const { return is_heard && reader.keeps_alive(); }

  std::unique_ptr<Stream> stream;
  MessageReader<ResponseHead> reader;
  bool is_heard = true;
  Clock::time_point idle_since;
};

Result<IncomingResponse, std::string> Client::send(const OutgoingRequest& request) {
  if (is_repeatable(request)) {
    if (const Shared kept = take_kept(request.origin)) {
      auto answer = send_on(kept, request);
      // The server may have closed it at this very moment.
      if (answer.ok() || Clock::now() >= request.deadline) return answer;
    }
  }
  const auto fresh = connect_to(request.origin, request.deadline);
  if (!fresh.ok()) return fail(fresh.error());
  return send_on(*fresh, request);
}

Client::Shared Client::take_kept(const Origin& origin) {
  const std::lock_guard lock(mutex_);
  auto& kept = kept_[origin.text()];
  while (!kept.empty()) {
    Shared connection = std::move(kept.back());
    kept.pop_back();
    const bool is_fresh = Clock::now() - connection->idle_since < kMostIdle;
    // Bytes that nobody asked for, or the end.
    if (is_fresh && !connection->stream->is_readable()) return connection;
  }
  return nullptr;
}

void Client::keep(const Origin& origin, Shared connection) {
  connection->idle_since = Clock::now();
  const std::lock_guard lock(mutex_);
  auto& kept = kept_[origin.text()];
  if (kept.size() >= kMostKeptForOrigin) kept.pop_front();
  kept.push_back(std::move(connection));
}

Result<Client::Shared, std::string> Client::connect_to(const Origin& origin, Clock::time_point deadline) {
  auto stream = connect(origin.host, origin.port, origin.tls, end_of(patience_.connect, deadline), open_);
  if (!stream.ok()) return fail(stream.error());
  return std::make_shared<Connection>(std::move(*stream));
}

Result<IncomingResponse, std::string> Client::send_on(const Shared& connection, const OutgoingRequest& request) {
  connection->write(head_text(request), end_of(patience_.body, request.deadline));
  if (request.body.exists() && !send_body(*connection, request)) {
    return fail(std::string("the request's body broke off"));
  }
  const auto patience = connection->is_heard ? patience_.head : std::chrono::milliseconds(kLastWords);
  connection->stream->set_deadline(end_of(patience, request.deadline));
  for (;;) {
    auto head = connection->reader.read_head(request.head.method == "HEAD");
    if (!head.ok() && head.error() == IoError::timeout) return fail(std::string("the server does not answer"));
    if (!head.ok()) return fail(std::string("the server broke off or does not speak HTTP"));
    if (head->status < 200) continue;
    return IncomingResponse{std::move(*head), body_of(connection, request)};
  }
}

/// False when the body did not come to its end.
bool Client::send_body(Connection& connection, const OutgoingRequest& request) {
  const Body& body = request.body;
  const auto until = [&] { return end_of(patience_.body, request.deadline); };
  const bool is_chunked = !body.length;
  std::array<char, kPieceBytes> room;
  while (connection.is_heard) {
    const auto piece = body.read(room);
    if (!piece.ok()) return false;
    const std::string_view bytes(room.data(), *piece);
    if (bytes.empty()) break;
    if (is_chunked) {
      connection.write(chunk(bytes), until());
    } else {
      connection.write(bytes, until());
    }
  }
  if (is_chunked) connection.write(kLastChunk, until());
  return true;
}

Body Client::body_of(const Shared& connection, const OutgoingRequest& request) {
  const Origin& origin = request.origin;
  Body body;
  body.length = connection->reader.declared_length();
  if (!connection->reader.has_body()) {
    if (connection->can_be_kept()) keep(origin, connection);
    return body;
  }
  // The connection is let go of at the body's end: whoever takes it next must not meet a reader of this one.
  body.read = [this, mine = connection, origin,
               deadline = request.deadline](std::span<char> room) mutable -> Result<std::size_t, IoError> {
    if (mine == nullptr) return std::size_t{0};
    mine->stream->set_deadline(end_of(patience_.body, deadline));
    const auto got = mine->reader.read_body(room);
    if (!got.ok() || *got > 0) return got;
    if (mine->can_be_kept()) keep(origin, mine);
    mine = nullptr;
    return got;
  };
  return body;
}

}  // namespace tollgate::http
