#include "host-bindings/wasmtime/http/server.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace tollgate::http {
namespace {

constexpr int kBacklog = 512;
constexpr int kScanMs = 1000;
constexpr std::chrono::milliseconds kFullPause{10};

/// A listening socket, or a sentence.
Result<int, std::string> listen_at(const std::string& host, std::uint16_t port) {
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found); error != 0) {
    return fail(host + ": " + gai_strerror(error));
  }
  const int listener = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, found->ai_protocol);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const bool bound =
      listener >= 0 && bind(listener, found->ai_addr, found->ai_addrlen) == 0 && listen(listener, kBacklog) == 0;
  const int error = errno;
  freeaddrinfo(found);
  if (bound) return listener;
  if (listener >= 0) close(listener);
  return fail("cannot listen at " + host + ":" + std::to_string(port) + ": " + std::strerror(error));
}

std::uint16_t port_of(int listener) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                                             : reinterpret_cast<sockaddr_in&>(address).sin_port);
}

/// Without a port; an IPv4 address that came by way of IPv6 as what it is.
std::string text_of(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = "";
  const in6_addr& v6 = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  if (address.ss_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text, sizeof text);
  } else if (address.ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&v6)) {
    inet_ntop(AF_INET, &v6.s6_addr[sizeof v6 - sizeof(in_addr)], text, sizeof text);
  } else if (address.ss_family == AF_INET6) {
    inet_ntop(AF_INET6, &v6, text, sizeof text);
  }
  return text;
}

void refuse(Stream& stream, IoError why) {
  if (why != IoError::malformed && why != IoError::too_large) return;
  const std::string_view answer = why == IoError::malformed
                                      ? "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
                                      : "HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n"
                                        "content-length: 0\r\n\r\n";
  static_cast<void>(stream.write(answer).ok());
}

}  // namespace

struct Server::Connection {
  Connection(int descriptor_of_socket, std::string client_address, OpenStreams& open)
      : stream(plain_stream(descriptor_of_socket, open)),
        reader(*stream),
        descriptor(descriptor_of_socket),
        client(std::move(client_address)) {}

  std::unique_ptr<Stream> stream;
  MessageReader<RequestHead> reader;
  int descriptor;
  std::string client;       ///< its address
  bool is_watched = false;  ///< known to epoll
  Clock::time_point idle_since = Clock::now();
};

Result<std::unique_ptr<Server>, std::string> Server::listen(ServerOptions options, OpenStreams& open, Handler handler) {
  const auto listener = listen_at(options.host, options.port);
  if (!listener.ok()) return fail(listener.error());
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  const int bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return std::unique_ptr<Server>(new Server(std::move(options), open, std::move(handler), *listener, epoll, bell));
}

Server::Server(ServerOptions options, OpenStreams& open, Handler handler, int listener, int epoll, int bell)
    : options_(std::move(options)),
      open_(open),
      handler_(std::move(handler)),
      listener_(listener),
      epoll_(epoll),
      bell_(bell),
      port_(port_of(listener)) {
  for (const int descriptor : {listener_, bell_}) {
    epoll_event event{EPOLLIN, {.fd = descriptor}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
  }
}

Server::~Server() {
  for (const int descriptor : {listener_, epoll_, bell_}) close(descriptor);
}

void Server::stop() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t rung = write(bell_, &one, sizeof one);
}

void Server::run(std::chrono::milliseconds grace) {
  watch();
  finish(grace);
}

void Server::watch() {
  std::array<epoll_event, 64> events{};
  Clock::time_point scanned = Clock::now();
  for (;;) {
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), kScanMs);
    for (int i = 0; i < count; ++i) {
      const int descriptor = events[static_cast<std::size_t>(i)].data.fd;
      if (descriptor == bell_) return;
      if (descriptor == listener_) {
        accept_one();
      } else {
        take_up(descriptor);
      }
    }
    if (Clock::now() - scanned < std::chrono::milliseconds(kScanMs)) continue;
    scanned = Clock::now();
    let_idle_ones_go();
  }
}

void Server::accept_one() {
  bool is_full = false;
  {
    const std::lock_guard lock(mutex_);
    is_full = connections_ >= options_.connections;
  }
  if (is_full) {
    // Those who come wait in the backlog. The listener stays readable and would be told of at once, again and again.
    std::this_thread::sleep_for(kFullPause);
    return;
  }
  sockaddr_storage client{};
  socklen_t size = sizeof client;
  const int descriptor = accept4(listener_, reinterpret_cast<sockaddr*>(&client), &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (descriptor < 0) return;
  {
    const std::lock_guard lock(mutex_);
    ++connections_;
  }
  park(std::make_unique<Connection>(descriptor, text_of(client), open_));
}

void Server::park(Owned connection) {
  connection->idle_since = Clock::now();
  const int descriptor = connection->descriptor;
  const int verb = std::exchange(connection->is_watched, true) ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
  const std::lock_guard lock(mutex_);
  if (stopping_) {
    --connections_;
    return;
  }
  parked_.insert_or_assign(descriptor, std::move(connection));
  epoll_event event{EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, {.fd = descriptor}};
  epoll_ctl(epoll_, verb, descriptor, &event);
}

void Server::take_up(int descriptor) {
  std::unique_lock lock(mutex_);
  const auto found = parked_.find(descriptor);
  if (found == parked_.end()) return;
  Owned connection = std::move(found->second);
  parked_.erase(found);
  lock.unlock();
  hand_to_thread(std::move(connection));
}

void Server::let_idle_ones_go() {
  const auto oldest = Clock::now() - options_.idle;
  const std::lock_guard lock(mutex_);
  connections_ -= std::erase_if(parked_, [&](const auto& entry) { return entry.second->idle_since < oldest; });
}

void Server::hand_to_thread(Owned connection) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(connection));
  if (busy_ + waiting_.size() > threads_.size() && threads_.size() < options_.threads) start_thread();
  work_signal_.notify_one();
}

void Server::start_thread() {
  try {
    threads_.emplace_back([this] { work(); });
  } catch (const std::system_error&) {
    // This machine gives no more threads: those that there are have to do, and nobody asks again.
    options_.threads = std::max<std::size_t>(threads_.size(), 1);
  }
}

void Server::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    work_signal_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    Owned connection = std::move(waiting_.front());
    waiting_.pop_front();
    ++busy_;
    lock.unlock();
    serve(std::move(connection));
    lock.lock();
    --busy_;
    idle_signal_.notify_all();
  }
}

void Server::serve(Owned connection) {
  while (serve_one(*connection)) {
    if (connection->reader.has_more() || connection->stream->is_readable()) continue;
    return park(std::move(connection));
  }
  connection.reset();
  const std::lock_guard lock(mutex_);
  --connections_;
}

bool Server::serve_one(Connection& connection) {
  connection.stream->set_deadline(Clock::now() + kHeadPatience);
  auto request = connection.reader.read_head();
  if (!request.ok()) {
    refuse(*connection.stream, request.error());
    return false;
  }
  // Which host a request is for must not be open to two readings (RFC 9112, 3.2).
  const std::size_t hosts = request->fields.count("host");
  if (hosts > 1 || (hosts == 0 && !connection.reader.is_http_1_0())) {
    refuse(*connection.stream, IoError::malformed);
    return false;
  }
  Exchange exchange(*connection.stream, connection.reader, std::move(*request), connection.client);
  handler_(exchange);
  return exchange.is_answered() && exchange.keeps_connection();
}

void Server::finish(std::chrono::milliseconds grace) {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  connections_ -= parked_.size();
  parked_.clear();
  work_signal_.notify_all();
  const auto is_over = [this] { return busy_ == 0 && waiting_.empty(); };
  if (!idle_signal_.wait_for(lock, grace, is_over)) open_.shut_down();
  lock.unlock();
  for (std::thread& thread : threads_) thread.join();
}

}  // namespace tollgate::http
