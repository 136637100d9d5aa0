#include "host-bindings/wasmtime/http/stream.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

namespace tollgate::http {
namespace {

/// Whether `events` came before the deadline. An error counts as an event: the next call tells it.
bool wait_for(int descriptor, short events, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd one{descriptor, events, 0};
    const int ready = poll(&one, 1, static_cast<int>(std::clamp<std::int64_t>(left, 0, INT_MAX)));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

class PlainStream final : public Stream {
 public:
  PlainStream(int descriptor, OpenStreams& open) : descriptor_(descriptor), open_(open) {
    fcntl(descriptor_, F_SETFL, fcntl(descriptor_, F_GETFL, 0) | O_NONBLOCK);
    const int on = 1;
    setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    open_.add(descriptor_);
  }
  ~PlainStream() override {
    open_.remove(descriptor_);
    close(descriptor_);
  }

  Result<std::size_t, IoError> read_some(std::span<char> room) override {
    for (;;) {
      const ssize_t got = recv(descriptor_, room.data(), room.size(), 0);
      if (got >= 0) return static_cast<std::size_t>(got);
      if (!would_block()) return fail(IoError::closed);
      if (!wait_for(descriptor_, POLLIN, deadline_)) return fail(IoError::timeout);
    }
  }

  Result<bool, IoError> write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t sent = send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      } else if (!would_block()) {
        return fail(IoError::closed);
      } else if (!wait_for(descriptor_, POLLOUT, deadline_)) {
        return fail(IoError::timeout);
      }
    }
    return true;
  }

  int descriptor() const override { return descriptor_; }

 private:
  int descriptor_;
  OpenStreams& open_;
};

/// The settings of all TLS connections; lives as long as the process.
SSL_CTX* tls_settings() {
  static SSL_CTX* const settings = [] {
    SSL_CTX* const made = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_default_verify_paths(made);
    SSL_CTX_set_verify(made, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_min_proto_version(made, TLS1_2_VERSION);
    SSL_CTX_set_mode(made, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return made;
  }();
  return settings;
}

class TlsStream final : public Stream {
 public:
  TlsStream(std::unique_ptr<Stream> below, const std::string& host)
      : below_(std::move(below)), ssl_(SSL_new(tls_settings())) {
    SSL_set_tlsext_host_name(ssl_, host.c_str());
    SSL_set1_host(ssl_, host.c_str());
    SSL_set_fd(ssl_, below_->descriptor());
  }
  ~TlsStream() override { SSL_free(ssl_); }

  Result<bool, IoError> shake_hands(Clock::time_point deadline) {
    set_deadline(deadline);
    const auto done = repeat([this] { return SSL_connect(ssl_); });
    if (!done.ok()) return fail(done.error());
    return true;
  }

  Result<std::size_t, IoError> read_some(std::span<char> room) override {
    const int most = static_cast<int>(std::min<std::size_t>(room.size(), INT_MAX));
    return repeat([&] { return SSL_read(ssl_, room.data(), most); });
  }

  Result<bool, IoError> write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const int most = static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX));
      const auto sent = repeat([&] { return SSL_write(ssl_, bytes.data(), most); });
      if (!sent.ok()) return fail(sent.error());
      if (*sent == 0) return fail(IoError::closed);
      bytes.remove_prefix(*sent);
    }
    return true;
  }

  int descriptor() const override { return below_->descriptor(); }
  bool is_readable() const override { return SSL_pending(ssl_) > 0 || below_->is_readable(); }

 private:
  /// Does `step` again until it gets somewhere; 0 at the orderly end.
  template <class Step>
  Result<std::size_t, IoError> repeat(Step step) {
    for (;;) {
      ERR_clear_error();
      const int done = step();
      if (done > 0) return static_cast<std::size_t>(done);
      const int why = SSL_get_error(ssl_, done);
      if (why == SSL_ERROR_ZERO_RETURN) return std::size_t{0};
      if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) return fail(IoError::closed);
      const short events = why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
      if (!wait_for(descriptor(), events, deadline_)) return fail(IoError::timeout);
    }
  }

  std::unique_ptr<Stream> below_;
  SSL* ssl_;
};

/// A socket that is connected to one address; -1 where that failed.
int connected_to(const addrinfo& address, Clock::time_point deadline) {
  const int descriptor =
      socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address.ai_protocol);
  if (descriptor < 0) return -1;
  int error = connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno;
  if (error == EINPROGRESS && wait_for(descriptor, POLLOUT, deadline)) {
    socklen_t size = sizeof error;
    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
  }
  if (error == 0) return descriptor;
  close(descriptor);
  return -1;
}

}  // namespace

bool Stream::is_readable() const { return wait_for(descriptor(), POLLIN, Clock::now()); }

void OpenStreams::add(int descriptor) {
  const std::lock_guard lock(mutex_);
  descriptors_.insert(descriptor);
  if (shut_) shutdown(descriptor, SHUT_RDWR);
}

void OpenStreams::remove(int descriptor) {
  const std::lock_guard lock(mutex_);
  descriptors_.erase(descriptor);
}

void OpenStreams::shut_down() {
  const std::lock_guard lock(mutex_);
  shut_ = true;
  for (const int descriptor : descriptors_) shutdown(descriptor, SHUT_RDWR);
}

std::unique_ptr<Stream> plain_stream(int descriptor, OpenStreams& open) {
  return std::make_unique<PlainStream>(descriptor, open);
}

Result<std::unique_ptr<Stream>, std::string> connect(const std::string& host, std::uint16_t port, bool tls,
                                                     Clock::time_point deadline, OpenStreams& open) {
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found); error != 0) {
    return fail(host + ": " + gai_strerror(error));
  }
  int descriptor = -1;
  for (const addrinfo* address = found; address != nullptr && descriptor < 0; address = address->ai_next) {
    descriptor = connected_to(*address, deadline);
  }
  freeaddrinfo(found);
  if (descriptor < 0) return fail("no connection to " + host + ":" + std::to_string(port));
  auto plain = plain_stream(descriptor, open);
  if (!tls) return plain;
  auto secured = std::make_unique<TlsStream>(std::move(plain), host);
  if (!secured->shake_hands(deadline).ok()) return fail("no TLS with " + host + ":" + std::to_string(port));
  return std::unique_ptr<Stream>(std::move(secured));
}

}  // namespace tollgate::http
