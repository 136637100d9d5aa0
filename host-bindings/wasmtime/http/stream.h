#pragma once

#include "base/result.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace tollgate::http {

using Clock = std::chrono::steady_clock;

/// Why bytes did not come or go.
enum class IoError : std::uint8_t {
  closed,     ///< the other side has gone
  timeout,    ///< nothing moved until the deadline
  malformed,  ///< what came is not HTTP/1.1
  too_large,  ///< a head that is longer than we take
};

/// A connection, plain or TLS: bytes in and out, each call until a deadline at most. One thread at a time.
class Stream {
 public:
  virtual ~Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Every call from now on ends when this has passed.
  void set_deadline(Clock::time_point deadline) { deadline_ = deadline; }

  /// At least one byte, or 0 at the orderly end.
  virtual Result<std::size_t, IoError> read_some(std::span<char> room) = 0;
  virtual Result<bool, IoError> write(std::string_view bytes) = 0;
  virtual int descriptor() const = 0;
  /// Whether bytes can be read, or the end, without waiting.
  virtual bool is_readable() const;

 protected:
  Stream() = default;
  Clock::time_point deadline_ = Clock::time_point::max();
};

/// The connections of one side of a program, so that whoever waits on one of them can be let go.
class OpenStreams {
 public:
  void add(int descriptor);
  void remove(int descriptor);
  /// Every read and write on any of them fails from now on, and on those that come later.
  void shut_down();

 private:
  std::mutex mutex_;
  std::set<int> descriptors_;
  bool shut_ = false;
};

/// Takes the descriptor of a connected socket and closes it in the end. `open` outlives the stream.
std::unique_ptr<Stream> plain_stream(int descriptor, OpenStreams& open);

/// Connects to a host, with TLS where `tls` is set: its certificate must be one for `host` that this machine trusts.
/// Fails with a sentence.
Result<std::unique_ptr<Stream>, std::string> connect(const std::string& host, std::uint16_t port, bool tls,
                                                     Clock::time_point deadline, OpenStreams& open);

}  // namespace tollgate::http
