#pragma once

#include "json/policies.h"
#include "json/snapshot.h"
#include "policy/engine.h"

#include <memory>
#include <string>
#include <string_view>

namespace tollgate::test {

inline constexpr std::int64_t kNow = 1'768'471'200'000;  // 2026-01-15T10:00:00Z
inline constexpr std::int64_t kSecond = 1'000;
/// The name under which the instance finds its high-water mark.
inline constexpr std::string_view kInstance = "01KEDGE0000000000000000001";
inline constexpr std::int64_t kMinute = 60 * kSecond;

/// JSON in a buffer with the padding that the reader wants behind it.
class Padded {
 public:
  explicit Padded(std::string_view text) : bytes_(text), length_(text.size()) {
    bytes_.resize(length_ + json::kPadding);
  }
  const char* data() const { return bytes_.data(); }
  std::size_t size() const { return length_; }

 private:
  std::string bytes_;
  std::size_t length_;
};

/// An engine with policies and a control plane that answers what the test says, in the steps of a real host.
class World {
 public:
  /// `options` of one policy, or of several separated by `|`.
  explicit World(std::string_view options = R"({"meters": {"api_requests": 1}})");

  Outcome check(std::string_view key, std::int64_t now = kNow, std::size_t policy = 0);
  /// Answers the pending effect of `handle`.
  Outcome answer_snapshot(RequestHandle handle, std::string_view snapshot, std::int64_t now = kNow,
                          std::int64_t taken_at = 0);
  Outcome answer(RequestHandle handle, Answer::Kind kind, std::int64_t now = kNow);
  /// A check of a key that is not known, with nothing in KV and `snapshot` at the control plane.
  Outcome check_cold(std::string_view key, std::string_view snapshot, std::int64_t now = kNow, std::size_t policy = 0);
  void finish(Outcome outcome, std::uint32_t status = 200);

  RequestHandle waiting() const { return engine->notice().handle; }
  Effect effect() const { return engine->notice().effect; }
  Refusal refusal(Outcome outcome) const { return Outcome::verdict_of(outcome.code()).refusal; }
  /// Hands out all events and confirms them.
  void deliver_all();
  /// What the outbox holds of a meter, over all keys.
  Quantity recorded(std::string_view meter);

  json::SnapshotReader expected() const { return {engine->names(), kInstance, {}, {}}; }

  json::Reader reader;
  std::unique_ptr<Engine> engine = std::make_unique<Engine>();

 private:
  Snapshot snapshot_;
};

/// A paid subscription `id` whose hard limit on `api_requests` has `balance` left; `more` is appended to the members.
std::string snapshot(std::string_view balance = "9000", std::string_view more = "",
                     std::string_view id = "01KNVXHQG356VA7T7W0V9N21GH");

}  // namespace tollgate::test
