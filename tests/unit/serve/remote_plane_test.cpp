// S11 of the invariants: a control plane elsewhere that answers, but not as it should, over real sockets. Its deadline
// is for the whole answer.

#include "host-bindings/wasmtime/serve/control_plane.h"

#include <arpa/inet.h>
#include <boost/test/unit_test.hpp>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace tollgate::serve {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kDeadline{300};

/// A connection as the server that misbehaves has it.
class Peer {
 public:
  explicit Peer(int descriptor) : descriptor_(descriptor) {}

  /// False once the other side has gone.
  bool say(std::string_view bytes) const {
    return send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }
  void say_again_and_again(std::string_view bytes, milliseconds pause) const {
    while (say(bytes)) std::this_thread::sleep_for(pause);
  }
  /// Until the other side says something, or goes.
  void listen() const {
    pollfd one{descriptor_, POLLIN, 0};
    poll(&one, 1, 5'000);
    char room[4096];
    static_cast<void>(recv(descriptor_, room, sizeof room, 0));
  }

 private:
  int descriptor_;
};

/// A server for one connection.
class Misbehaving {
 public:
  explicit Misbehaving(std::function<void(const Peer&)> behaviour) : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    BOOST_REQUIRE(bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 && ::listen(listener_, 8) == 0);
    BOOST_REQUIRE(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, behave = std::move(behaviour)] {
      const int descriptor = accept(listener_, nullptr, nullptr);
      const Peer peer(descriptor);
      peer.listen();
      behave(peer);
      close(descriptor);
    });
  }
  ~Misbehaving() {
    thread_.join();
    close(listener_);
  }
  http::Origin origin() const { return {false, "127.0.0.1", port_}; }

 private:
  int listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

struct Row {
  const char* name;
  std::function<void(const Peer&)> behaviour;
  const char* error;
};

const char* const kHead = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(remote_plane)

BOOST_AUTO_TEST_CASE(no_answer_takes_longer_than_its_deadline) {
  const Row rows[] = {
      {"says nothing", [](const Peer& peer) { peer.listen(); }, "does not answer"},
      {"a head, byte by byte",
       [](const Peer& peer) {
         peer.say("HTTP/1.1 200 OK\r\nx: ");
         peer.say_again_and_again("y", milliseconds(20));
       },
       "does not answer"},
      {"a body, byte by byte",
       [](const Peer& peer) {
         peer.say(kHead);
         peer.say_again_and_again("{", milliseconds(20));
       },
       "takes too long"},
      {"a body that begins when the time is nearly over, and goes on then",
       [](const Peer& peer) {
         std::this_thread::sleep_for(kDeadline - milliseconds(50));
         peer.say(kHead);
         peer.listen();
       },
       "takes too long"},
      {"a body without end",
       [](const Peer& peer) {
         peer.say("HTTP/1.1 200 OK\r\n\r\n");
         peer.say_again_and_again(std::string(16'384, 'x'), milliseconds(0));
       },
       "too long"},
      {"half a body",
       [](const Peer& peer) {
         peer.say(kHead);
         peer.say("{");
       },
       "broke off"},
      {"no HTTP", [](const Peer& peer) { peer.say("220 mail.example ESMTP\r\n"); }, "does not speak HTTP"},
  };
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT(row.name) {
      http::OpenStreams open;
      const Misbehaving server(row.behaviour);
      RemotePlane plane(open, server.origin(), "tg_key", kDeadline);
      const auto started = http::Clock::now();
      const auto answer = plane.ask({"GET", "/v3/metering/working-copy/snapshots/0"});
      const auto took = http::Clock::now() - started;
      BOOST_REQUIRE(!answer.ok());
      BOOST_TEST(answer.error().find(row.error) != std::string::npos, answer.error());
      BOOST_TEST((took < kDeadline + milliseconds(200)));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tollgate::serve
