#pragma once

#include "host-bindings/wasmtime/http/exchange.h"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace tollgate::http {

struct ServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;          ///< 0: any that is free
  std::size_t threads = 256;       ///< requests that are served at one moment; further ones wait
  std::size_t connections = 4096;  ///< further ones wait to be accepted
  std::chrono::seconds idle{30};   ///< how long a connection is kept between two requests
};

/// A server of HTTP/1.1 for handlers that block. A thread of its own watches the connections on which nothing happens;
/// one on which bytes have come goes to a thread that serves it.
class Server {
 public:
  /// Called by several threads at once. Answers the exchange.
  using Handler = std::function<void(Exchange&)>;

  /// Binds and listens; nothing is served before `run`. `open` outlives the server: its connections are among them.
  /// Fails with a sentence.
  static Result<std::unique_ptr<Server>, std::string> listen(ServerOptions options, OpenStreams& open, Handler handler);
  ~Server();

  std::uint16_t port() const { return port_; }
  /// Serves until `stop`. Then no request is taken any more. Those under way have `grace` to end; after it, all of
  /// `open` is shut down.
  void run(std::chrono::milliseconds grace);
  /// May be called from a signal handler.
  void stop() const;

 private:
  struct Connection;
  using Owned = std::unique_ptr<Connection>;

  Server(ServerOptions options, OpenStreams& open, Handler handler, int listener, int epoll, int bell);

  void watch();
  void accept_one();
  void take_up(int descriptor);
  void let_idle_ones_go();
  void park(Owned connection);
  void hand_to_thread(Owned connection);
  void start_thread();
  void work();
  void serve(Owned connection);
  bool serve_one(Connection& connection);
  void finish(std::chrono::milliseconds grace);

  ServerOptions options_;
  OpenStreams& open_;
  Handler handler_;
  int listener_;
  int epoll_;
  int bell_;
  std::uint16_t port_ = 0;

  std::mutex mutex_;
  std::condition_variable work_signal_;
  std::condition_variable idle_signal_;
  std::unordered_map<int, Owned> parked_;  ///< by descriptor
  std::deque<Owned> waiting_;              ///< for a thread
  std::vector<std::thread> threads_;
  std::size_t busy_ = 0;  ///< threads that serve
  std::size_t connections_ = 0;
  bool stopping_ = false;
};

}  // namespace tollgate::http
