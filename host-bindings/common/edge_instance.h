#pragma once

#include "base/assert.h"
#include "base/result.h"
#include "host-bindings/common/trap.h"
#include "wasm/edge_abi.h"

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tollgate::host {

/// The words of the mailbox that calls leave behind (`tg_mailbox_t` from `handle` on), the same in every build.
struct MailboxWords {
  std::uint32_t handle;
  std::uint32_t effect;
  std::uint32_t record;
  std::uint32_t store_seconds;
  std::uint32_t woken;
  std::uint32_t status;
  std::uint32_t batch;
  std::uint32_t events;
  std::uint32_t taken;
};

/// One instance of the edge module, whichever way it is run. Its calls are those of wasm/ABI.md without the prefix
/// `tg_`, and mean what is said there; this class adds the buffers and what becomes of a trap.
///
/// An instance is single-threaded. After a call that failed with a `Trap`, every further one does.
///
///     const Answer result = edge.check(0, edge.put("Bearer tgk_…"), now_ms);
class EdgeInstance {
 public:
  using Answer = Result<std::int32_t, Trap>;
  using Word = Result<std::uint32_t, Trap>;

  virtual ~EdgeInstance() = default;

  /// Whether `text` fits into the input buffer.
  bool fits(std::string_view text) const { return text.size() <= input_.size(); }
  /// Puts `text`, which must fit, into the input buffer for the next call and returns its length.
  std::uint32_t put(std::string_view text) {
    TOLLGATE_ASSERT(fits(text));
    if (!text.empty()) std::memcpy(input_.data(), text.data(), text.size());
    return static_cast<std::uint32_t>(text.size());
  }
  /// The first `length` bytes of what the last call answered; valid until the next call.
  std::string_view output(std::int32_t length) const {
    TOLLGATE_ASSERT(length >= 0 && static_cast<std::size_t>(length) <= output_.size());
    return output_.substr(0, static_cast<std::size_t>(length));
  }
  /// The 0-terminated sentence of a call that answered -1; valid until the next call.
  std::string_view sentence() const { return output_.substr(0, output_.find('\0')); }
  const MailboxWords& mailbox() const { return *words_; }

  virtual Word abi_version() = 0;

  virtual Answer init() = 0;
  virtual Answer configure(std::uint32_t length, std::uint32_t key_format) = 0;
  virtual Answer build_id(std::uint32_t length) = 0;
  virtual Answer bucket(std::uint32_t length) = 0;
  virtual Answer policy(std::uint32_t policy) = 0;

  virtual Answer check(std::uint32_t policy, std::uint32_t header_length, double now_ms) = 0;
  virtual Answer check_known(std::uint32_t policy, std::uint32_t record, double now_ms) = 0;
  virtual Answer resume(std::uint32_t handle, std::int32_t status, std::uint32_t length, double taken_at_ms,
                        double now_ms) = 0;
  virtual Word next_woken() = 0;
  virtual Answer poll(std::uint32_t handle, double now_ms) = 0;
  virtual Answer take_over(std::uint32_t handle, double now_ms) = 0;
  virtual Answer abandon(std::uint32_t handle) = 0;

  virtual Word record(std::uint32_t handle) = 0;
  virtual Answer identity(std::uint32_t handle) = 0;
  virtual Answer meters(std::uint32_t length) = 0;
  virtual Answer finish(std::uint32_t handle, std::uint32_t status, std::uint32_t length) = 0;

  virtual Answer problem(std::int32_t result, std::uint32_t policy, std::uint32_t length, double now_ms) = 0;
  virtual Answer quota_headers(std::int32_t result, std::uint32_t policy, double now_ms) = 0;
  virtual Answer explain(std::uint32_t policy, std::uint32_t header_length, double now_ms) = 0;

  virtual Answer drain(std::uint32_t max_events) = 0;
  virtual Answer delivered(std::uint32_t batch) = 0;
  virtual Answer failed(std::uint32_t batch) = 0;

  virtual Answer stats() = 0;

 protected:
  EdgeInstance() = default;
  EdgeInstance(const EdgeInstance&) = delete;
  EdgeInstance& operator=(const EdgeInstance&) = delete;

  /// To be called once, when the instance stands: its buffers never move (wasm/ABI.md).
  void attach(std::span<char> input, std::string_view output, const MailboxWords* words) {
    input_ = input;
    output_ = output;
    words_ = words;
  }

 private:
  std::span<char> input_;
  std::string_view output_;
  const MailboxWords* words_ = nullptr;
};

/// Makes a fresh instance, or says in a sentence why there is none.
using MakeEdge = std::function<Result<std::unique_ptr<EdgeInstance>, std::string>()>;

}  // namespace tollgate::host
