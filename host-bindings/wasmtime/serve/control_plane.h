#pragma once

#include "base/result.h"
#include "host-bindings/wasmtime/control/control_host.h"
#include "host-bindings/wasmtime/http/client.h"

#include <chrono>
#include <string>
#include <string_view>

namespace tollgate::serve {

struct PlaneAnswer {
  int status = 0;
  std::string body;  ///< at most `kMostAnswerBytes`: a longer one is none of ours
};
inline constexpr std::size_t kMostAnswerBytes = 64 * 1024;
/// How long one elsewhere may take for one answer, from the first byte of the question to the last of the answer.
inline constexpr std::chrono::milliseconds kPlaneDeadline = std::chrono::seconds(5);

/// The control plane as the gateway and the delivery of events see it: its HTTP API, with a key of ours.
class ControlPlane {
 public:
  virtual ~ControlPlane() = default;
  ControlPlane() = default;
  ControlPlane(const ControlPlane&) = delete;
  ControlPlane& operator=(const ControlPlane&) = delete;

  struct Question {
    std::string method;
    std::string path;
    std::string content_type = {};
    std::string body = {};
  };
  /// Fails with a sentence when it cannot be reached in time.
  virtual Result<PlaneAnswer, std::string> ask(const Question& question) = 0;
  /// Changes when a test clock is moved, as far as that can be told without asking.
  virtual std::uint64_t clock_moves() const { return 0; }
};

/// The one in this process, which outlives this.
class LocalPlane final : public ControlPlane {
 public:
  LocalPlane(host::ControlHost& control, std::string key) : control_(control), key_(std::move(key)) {}
  Result<PlaneAnswer, std::string> ask(const Question& question) override;
  std::uint64_t clock_moves() const override { return control_.clock_moves(); }

 private:
  host::ControlHost& control_;
  std::string key_;
};

/// One elsewhere. `open` outlives this.
class RemotePlane final : public ControlPlane {
 public:
  RemotePlane(http::OpenStreams& open, http::Origin origin, std::string key,
              std::chrono::milliseconds deadline = kPlaneDeadline);
  Result<PlaneAnswer, std::string> ask(const Question& question) override;

 private:
  http::Client client_;
  http::Origin origin_;
  std::string key_;
  std::chrono::milliseconds deadline_;
};

}  // namespace tollgate::serve
