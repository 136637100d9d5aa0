#include "host-bindings/wasmtime/http/message_reader.h"

#include "base/assert.h"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>

#include <limits>
#include <optional>
#include <type_traits>

namespace tollgate::http {
namespace {

namespace beast = boost::beast;
using beast::error_code;

/// What clients send stays below 8 KiB; Node and nginx take 16 and 32.
constexpr std::uint32_t kMostHeadBytes = 32 * 1024;
/// Bytes read ahead of what is asked for.
constexpr std::size_t kMostBuffered = 2 * kMostHeadBytes;

/// A `Stream` in the shape that Beast reads from; remembers why it ended.
class Source {
 public:
  explicit Source(Stream& stream) : stream_(stream) {}

  template <class Buffers>
  std::size_t read_some(const Buffers& buffers, error_code& error) {
    const boost::asio::mutable_buffer first = *boost::asio::buffer_sequence_begin(buffers);
    const auto got = stream_.read_some({static_cast<char*>(first.data()), first.size()});
    if (!got.ok()) {
      failure_ = got.error();
      error = boost::asio::error::connection_aborted;
      return 0;
    }
    error = *got == 0 ? error_code(boost::asio::error::eof) : error_code();
    return *got;
  }
  template <class Buffers>
  std::size_t read_some(const Buffers& buffers) {
    error_code error;
    const std::size_t got = read_some(buffers, error);
    if (error) throw beast::system_error(error);
    return got;
  }

  IoError why(const error_code& error) const {
    if (error == boost::asio::error::connection_aborted) return failure_;
    if (error == beast::http::error::end_of_stream || error == beast::http::error::partial_message) {
      return IoError::closed;
    }
    if (error == beast::http::error::header_limit || error == beast::http::error::buffer_overflow) {
      return IoError::too_large;
    }
    return IoError::malformed;
  }

 private:
  Stream& stream_;
  IoError failure_ = IoError::closed;
};

}  // namespace

template <class Head>
struct MessageReader<Head>::State {
  static constexpr bool kIsRequest = std::is_same_v<Head, RequestHead>;
  using Parser = beast::http::parser<kIsRequest, beast::http::buffer_body>;

  explicit State(Stream& stream) : source(stream), buffer(kMostBuffered) {}

  Source source;
  beast::flat_buffer buffer;
  std::optional<Parser> parser;
};

template <class Head>
MessageReader<Head>::MessageReader(Stream& stream) : state_(std::make_unique<State>(stream)) {}
template <class Head>
MessageReader<Head>::~MessageReader() = default;

template <class Head>
Result<Head, IoError> MessageReader<Head>::read_head(bool to_head) {
  auto& parser = state_->parser.emplace();
  parser.header_limit(kMostHeadBytes);
  parser.body_limit(std::numeric_limits<std::uint64_t>::max());
  parser.skip(to_head);
  error_code error;
  beast::http::read_header(state_->source, state_->buffer, parser, error);
  if (error) return fail(state_->source.why(error));
  const auto& message = parser.get();
  Head head;
  if constexpr (State::kIsRequest) {
    head.method = std::string(message.method_string());
    head.target = std::string(message.target());
  } else {
    head.status = static_cast<int>(message.result_int());
  }
  for (const auto& field : message) head.fields.add(std::string(field.name_string()), std::string(field.value()));
  return head;
}

template <class Head>
bool MessageReader<Head>::has_body() const {
  return !state_->parser->is_done();
}

template <class Head>
std::optional<std::uint64_t> MessageReader<Head>::declared_length() const {
  const auto length = state_->parser->content_length();
  return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
}

template <class Head>
Result<std::size_t, IoError> MessageReader<Head>::read_body(std::span<char> room) {
  TOLLGATE_ASSERT(!room.empty());
  auto& parser = *state_->parser;
  auto& body = parser.get().body();
  body.data = room.data();
  body.size = room.size();
  body.more = true;
  while (!parser.is_done() && body.size == room.size()) {
    error_code error;
    // One step of the parser: bytes that are there are not held back until the next chunk comes.
    beast::http::read_some(state_->source, state_->buffer, parser, error);
    if (error == beast::http::error::need_buffer) break;
    if (error) return fail(state_->source.why(error));
  }
  return room.size() - body.size;
}

template <class Head>
bool MessageReader<Head>::body_has_ended() const {
  return state_->parser->is_done();
}

template <class Head>
bool MessageReader<Head>::keeps_alive() const {
  return state_->parser->keep_alive();
}

template <class Head>
bool MessageReader<Head>::is_http_1_0() const {
  return state_->parser->get().version() < 11;
}

template <class Head>
bool MessageReader<Head>::has_more() const {
  return state_->buffer.size() > 0;
}

template class MessageReader<RequestHead>;
template class MessageReader<ResponseHead>;

}  // namespace tollgate::http
