#include "host-bindings/wasmtime/http/exchange.h"

#include "base/assert.h"
#include "base/text.h"
#include "host-bindings/wasmtime/http/framing.h"

#include <array>
#include <ctime>
#include <utility>

namespace tollgate::http {
namespace {

std::string date_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

}  // namespace

Exchange::Exchange(Stream& stream, MessageReader<RequestHead>& reader, RequestHead request,
                   std::string_view client_address)
    : stream_(stream),
      reader_(reader),
      request_(std::move(request)),
      client_address_(client_address),
      expects_continue_(reader.has_body() &&
                        equal_ignoring_case(request_.fields.joined("expect").value_or(""), "100-continue")) {}

Result<std::size_t, IoError> Exchange::read_body(std::span<char> room) {
  if (!has_body()) return std::size_t{0};
  if (std::exchange(expects_continue_, false) && !send("HTTP/1.1 100 Continue\r\n\r\n")) return fail(IoError::closed);
  stream_.set_deadline(Clock::now() + kBodyPatience);
  return reader_.read_body(room);
}

void Exchange::read_out(std::uint64_t most, std::chrono::milliseconds patience) {
  if (expects_continue_) return;
  const auto deadline = Clock::now() + patience;
  std::array<char, 16 * 1024> room;
  for (std::uint64_t seen = 0; has_body() && seen <= most;) {
    stream_.set_deadline(deadline);
    const auto got = reader_.read_body(room);
    if (!got.ok() || *got == 0) return;
    seen += *got;
  }
}

bool Exchange::respond(const ResponseHead& head, std::string_view body) {
  std::string text = start(head, body.size());
  if (framing_ != Framing::none) text.append(body);
  return send(text);
}

bool Exchange::begin(const ResponseHead& head, std::optional<std::uint64_t> length) {
  return send(start(head, length));
}

std::string Exchange::start(const ResponseHead& head, std::optional<std::uint64_t> length) {
  TOLLGATE_ASSERT(!answered_);
  answered_ = true;
  if (request_.method == "HEAD" || is_bodiless(head.status)) {
    framing_ = Framing::none;
  } else if (length) {
    framing_ = Framing::length;
  } else {
    framing_ = reader_.is_http_1_0() ? Framing::close : Framing::chunks;
  }
  return head_text(head, length);
}

std::string Exchange::head_text(const ResponseHead& head, std::optional<std::uint64_t> length) {
  Fields fields = head.fields;
  erase_hop_by_hop(fields);
  if (!fields.has("date")) fields.add("date", date_now());
  // A client that asks about a body by HEAD is told how long it is; 204 and 304 say nothing about one.
  if (length && !is_bodiless(head.status)) fields.add("content-length", std::to_string(*length));
  if (framing_ == Framing::chunks) fields.add("transfer-encoding", "chunked");
  if (!keeps_connection()) {
    fields.add("connection", "close");
  } else if (reader_.is_http_1_0()) {
    fields.add("connection", "keep-alive");
  }
  return status_line(head.status) + field_lines(fields);
}

bool Exchange::write(std::string_view bytes) {
  if (bytes.empty() || framing_ == Framing::none) return true;
  return framing_ == Framing::chunks ? send(chunk(bytes)) : send(bytes);
}

bool Exchange::end() { return framing_ != Framing::chunks || send(kLastChunk); }

bool Exchange::keeps_connection() const {
  return !cut_ && !closes_ && framing_ != Framing::close && reader_.body_has_ended() && reader_.keeps_alive();
}

bool Exchange::send(std::string_view bytes) {
  stream_.set_deadline(Clock::now() + kBodyPatience);
  const bool sent = stream_.write(bytes).ok();
  if (!sent) cut_ = true;
  return sent;
}

}  // namespace tollgate::http
