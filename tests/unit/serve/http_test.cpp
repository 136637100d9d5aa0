// HTTP/1.1 as server and client speak it, over real sockets.

#include "host-bindings/wasmtime/http/client.h"
#include "host-bindings/wasmtime/http/server.h"

#include <boost/test/unit_test.hpp>

#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace tollgate::http {
namespace {

using std::chrono::milliseconds;

/// Of the clients, which may outlive their server.
OpenStreams& client_streams() {
  static OpenStreams open;
  return open;
}

/// A server at a free port, for as long as this lives.
class Served {
 public:
  explicit Served(Server::Handler handler, ServerOptions options = {}) {
    auto server = Server::listen(std::move(options), open_, std::move(handler));
    if (!server.ok()) BOOST_FAIL(server.error());
    server_ = std::move(*server);
    thread_ = std::thread([this] { server_->run(milliseconds(1'000)); });
  }
  ~Served() {
    server_->stop();
    thread_.join();
  }

  Origin origin() const { return {false, "127.0.0.1", server_->port()}; }
  std::unique_ptr<Stream> connected() {
    auto stream = connect("127.0.0.1", server_->port(), false, Clock::now() + milliseconds(5'000), client_streams());
    if (!stream.ok()) BOOST_FAIL(stream.error());
    (*stream)->set_deadline(Clock::now() + milliseconds(5'000));
    return std::move(*stream);
  }
  /// Sends bytes as they are and gives what comes back until the server closes.
  std::string raw(std::string_view bytes) {
    const auto stream = connected();
    BOOST_REQUIRE(stream->write(bytes).ok());
    std::string answer;
    std::array<char, 4096> room;
    for (;;) {
      const auto got = stream->read_some(room);
      if (!got.ok() || *got == 0) return answer;
      answer.append(room.data(), *got);
    }
  }

 private:
  OpenStreams open_;
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

std::string read_all(Exchange& exchange) {
  std::string body;
  std::array<char, 1000> room;
  for (;;) {
    const auto got = exchange.read_body(room);
    if (!got.ok()) return body + " (broke off)";
    if (*got == 0) return body;
    body.append(room.data(), *got);
  }
}

std::string read_all(const Body& body) {
  std::string text;
  std::array<char, 1000> room;
  while (body.exists()) {
    const auto got = body.read(room);
    if (!got.ok()) return text + " (broke off)";
    if (*got == 0) break;
    text.append(room.data(), *got);
  }
  return text;
}

/// Answers with what it was sent.
void echo(Exchange& exchange) {
  const std::string body = read_all(exchange);
  exchange.respond({200, {}}, exchange.request().method + " " + exchange.request().target + " " + body);
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

Body body_of(std::string text, bool tells_length) {
  Body body;
  if (tells_length) body.length = text.size();
  body.read = [text = std::move(text), at = std::size_t{0}](std::span<char> room) mutable {
    const std::size_t size = std::min(room.size(), text.size() - at);
    std::copy_n(text.data() + at, size, room.data());
    at += size;
    return Result<std::size_t, IoError>(size);
  };
  return body;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_server)

BOOST_AUTO_TEST_CASE(a_message_whose_framing_is_in_doubt_is_refused_and_its_connection_closed) {
  Served served(echo);
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"GET / HTTP/1.1\r\n\r\n", "400"},                        // no host
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"},  // two
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", "400"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", "400"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc", "400"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: a\x01"
       "b\r\n\r\n",
       "400"},
      {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", "400"},
      {"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
      {"nonsense\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(40'000, 'x') + "\r\n\r\n", "431"},
  };
  for (const auto& [request, status] : cases) {
    const std::string answer = served.raw(request + "GET /smuggled HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    BOOST_TEST(answer.starts_with("HTTP/1.1 " + status), request.substr(0, 100) << " gave " << answer);
    BOOST_TEST(count(answer, "smuggled") == 0U, request.substr(0, 100));
  }
}

BOOST_AUTO_TEST_CASE(requests_follow_each_other_on_one_connection) {
  Served served(echo);
  const std::string answer = served.raw(
      "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
      "PROPFIND /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n1;x=y\r\nf\r\n0\r\nT: u\r\n\r\n"
      "GET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  BOOST_TEST(count(answer, "HTTP/1.1 200 OK\r\n") == 3U);
  for (const char* part : {"POST /1 abc", "PROPFIND /2 def", "GET /3 "}) BOOST_TEST(count(answer, part) == 1U, answer);
  BOOST_TEST(count(answer, "connection: close") == 1U);
}

BOOST_AUTO_TEST_CASE(how_an_answer_ends) {
  Served served([](Exchange& exchange) {
    const bool tells_length = exchange.request().target == "/length";
    exchange.begin({exchange.request().target == "/none" ? 204 : 200, {}},
                   tells_length ? std::optional(6) : std::nullopt);
    exchange.write("abc");
    exchange.write("def");
    if (exchange.request().target == "/cut") return exchange.cut();
    exchange.end();
  });
  const auto ask = [&](const std::string& line) {
    return served.raw(line + "\r\nHost: a\r\nConnection: close\r\n\r\n");
  };
  BOOST_TEST(ask("GET /length HTTP/1.1").ends_with("content-length: 6\r\nconnection: close\r\n\r\nabcdef"));
  BOOST_TEST(ask("GET /chunks HTTP/1.1").ends_with("\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"));
  BOOST_TEST(ask("GET /cut HTTP/1.1").ends_with("3\r\ndef\r\n"));
  const std::string old = ask("GET /chunks HTTP/1.0");
  BOOST_TEST(old.ends_with("\r\n\r\nabcdef"));
  BOOST_TEST(count(old, "chunked") == 0U);
  BOOST_TEST(ask("HEAD /length HTTP/1.1").ends_with("content-length: 6\r\nconnection: close\r\n\r\n"));
  const std::string none = ask("GET /none HTTP/1.1");
  BOOST_TEST(none.ends_with("\r\n\r\n"));
  BOOST_TEST(count(none, "content-length") + count(none, "transfer-encoding") == 0U);
}

BOOST_AUTO_TEST_CASE(a_client_that_waits_to_be_asked_is_asked_for_what_is_wanted_only) {
  Served served([](Exchange& exchange) {
    if (exchange.request().target == "/wanted") return echo(exchange);
    exchange.read_out(1'000'000, milliseconds(1'000));
    exchange.respond({413, {}}, "no");
  });
  const std::string rest =
      " HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 3\r\n\r\n";
  const std::string wanted = served.raw("POST /wanted" + rest + "abc");
  BOOST_TEST(wanted.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
  const std::string unwanted = served.raw("POST /unwanted" + rest);
  BOOST_TEST(unwanted.starts_with("HTTP/1.1 413"));
  BOOST_TEST(count(unwanted, "connection: close") == 1U);
}

BOOST_AUTO_TEST_CASE(a_field_cannot_break_out_of_its_line) {
  Served served([](Exchange& exchange) {
    exchange.respond({200, {{"x-one", "a\r\nx-two: b"}, {"x three", "c"}, {"x-four", "d"}}}, "");
  });
  const std::string answer = served.raw("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  BOOST_TEST(count(answer, "x-two") + count(answer, "x three") == 0U);
  BOOST_TEST(count(answer, "x-four: d\r\n") == 1U);
}

BOOST_AUTO_TEST_CASE(many_at_once_with_fewer_threads) {
  std::atomic<int> served_requests = 0;
  Served served(
      [&](Exchange& exchange) {
        ++served_requests;
        echo(exchange);
      },
      {.threads = 4});
  std::vector<std::thread> clients;
  std::atomic<int> answered = 0;
  for (int i = 0; i < 16; ++i) {
    clients.emplace_back([&] {
      OpenStreams open;
      Client client(open, {});
      for (int j = 0; j < 50; ++j) {
        const auto response = client.send({served.origin(), {"GET", "/x", {}}, {}});
        if (response.ok() && read_all(response->body) == "GET /x ") ++answered;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  BOOST_TEST(answered == 800);
  BOOST_TEST(served_requests == 800);
}

BOOST_AUTO_TEST_CASE(a_request_under_way_is_answered_when_the_server_stops) {
  std::atomic<bool> begun = false;
  auto served = std::make_unique<Served>([&](Exchange& exchange) {
    begun = true;
    std::this_thread::sleep_for(milliseconds(200));
    exchange.respond({200, {}}, "late");
  });
  const auto stream = served->connected();
  BOOST_REQUIRE(stream->write("GET / HTTP/1.1\r\nHost: a\r\n\r\n").ok());
  while (!begun) std::this_thread::yield();
  served.reset();
  MessageReader<ResponseHead> reader(*stream);
  const auto head = reader.read_head();
  BOOST_REQUIRE(head.ok());
  BOOST_TEST(head->status == 200);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(http_client)

BOOST_AUTO_TEST_CASE(bodies_of_any_length_go_both_ways_in_pieces) {
  Served served(echo);
  OpenStreams open;
  Client client(open, {});
  const std::string large(3'000'000, 'x');
  for (const bool tells_length : {true, false}) {
    const auto response = client.send({served.origin(), {"PUT", "/a?b", {{"x", "y"}}}, body_of(large, tells_length)});
    if (!response.ok()) BOOST_FAIL(response.error());
    BOOST_TEST((read_all(response->body) == "PUT /a?b " + large));
  }
}

BOOST_AUTO_TEST_CASE(a_connection_is_kept_and_one_that_was_closed_meanwhile_harms_nobody) {
  std::atomic<int> requests = 0;
  Served served([&](Exchange& exchange) {
    if (++requests == 2) exchange.close_afterwards();
    exchange.respond({200, {}}, exchange.request().fields.joined("host").value_or("none"));
  });
  OpenStreams open;
  Client client(open, {});
  for (int i = 0; i < 6; ++i) {
    const auto response = client.send({served.origin(), {"GET", "/", {}}, {}});
    if (!response.ok()) BOOST_FAIL(response.error());
    BOOST_TEST(read_all(response->body) == served.origin().authority());
  }
  BOOST_TEST(requests == 6);
}

BOOST_AUTO_TEST_CASE(an_answer_that_breaks_off_is_told_from_one_that_ends) {
  Served served([](Exchange& exchange) {
    exchange.begin({200, {}}, exchange.request().target == "/length" ? std::optional(9) : std::nullopt);
    exchange.write("abc");
    exchange.cut();
  });
  OpenStreams open;
  Client client(open, {});
  for (const char* target : {"/length", "/chunks"}) {
    const auto response = client.send({served.origin(), {"GET", target, {}}, {}});
    BOOST_REQUIRE(response.ok());
    BOOST_TEST(read_all(response->body) == "abc (broke off)");
  }
}

BOOST_AUTO_TEST_CASE(a_server_that_is_not_there_or_does_not_answer) {
  OpenStreams open;
  Client client(open, {.connect = milliseconds(500), .head = milliseconds(100), .body = milliseconds(100)});
  BOOST_TEST(!client.send({{false, "127.0.0.1", 1}, {"GET", "/", {}}, {}}).ok());
  Served served([](Exchange& exchange) {
    std::this_thread::sleep_for(milliseconds(400));
    exchange.respond({200, {}}, "");
  });
  BOOST_TEST(!client.send({served.origin(), {"GET", "/", {}}, {}}).ok());
}

BOOST_AUTO_TEST_CASE(what_belongs_to_one_connection_is_not_passed_on) {
  Fields fields = {
      {"Connection", "close, X-Mine"}, {"x-mine", "1"}, {"Keep-Alive", "5"}, {"Upgrade", "h2c"}, {"TE", "trailers"},
      {"Content-Length", "3"},         {"x-kept", "2"}};
  erase_hop_by_hop(fields);
  BOOST_TEST(std::distance(fields.begin(), fields.end()) == 1);
  BOOST_TEST(fields.joined("X-Kept").value_or("") == "2");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tollgate::http
