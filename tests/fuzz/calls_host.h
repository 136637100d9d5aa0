#pragma once

#include "calls_books.h"
#include "calls_world.h"
#include "edge_fixture.h"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::fuzz {

/// The bytes of an input, one after the other; zeros behind its end.
class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  bool empty() const { return at_ >= size_; }
  std::uint8_t next() { return at_ < size_ ? data_[at_++] : 0; }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
  std::size_t at_ = 0;
};

/// A host of one instance that makes any call in any order, and knows what must hold whatever it does: who waits, who
/// was let through, what is owed.
class CallsHost {
 public:
  CallsHost();

  /// One call, or a step of the clock, as the bytes say.
  void step(Bytes& bytes);
  /// From here on a host as it should be: does what is asked for, ends what is open, delivers what there is. Then
  /// nothing must be left.
  void finish_all();

 private:
  struct Request {
    std::size_t key = 0;
    std::uint32_t policy = 0;
    bool allowed = false;      ///< else it waits
    std::uint32_t effect = 0;  ///< of one that waits: what it was told to do
    bool in_time = true;       ///< else its reservation has run out, or it has waited for so long that it may be gone
    double since = 0;          ///< when it was let through, or began to wait
  };

  void check(std::size_t key, std::uint32_t policy);
  void check_known(std::uint32_t policy, std::uint8_t which);
  void resume(std::uint32_t handle, Reply reply, std::uint8_t detail);
  void poll(std::uint32_t handle);
  void take_over(std::uint32_t handle);
  void abandon(std::uint32_t handle);
  void finish(std::uint32_t handle, std::uint32_t status, std::uint8_t meters);
  void drain(std::uint32_t max);
  void confirm(std::uint32_t batch, bool delivered);
  void take_woken();
  void move_clock(std::uint8_t how);

  void decided(std::int32_t result, std::size_t key, std::uint32_t policy);
  void suspended(Request& request);
  void refused(std::int32_t result, std::size_t key) const;
  void answered(std::uint32_t handle, std::int32_t result);
  void end(std::uint32_t handle);
  void note_woken() { some_woken_ = some_woken_ || edge_.mailbox.woken > 0; }
  std::uint32_t some_handle(std::uint8_t which) const;
  std::uint32_t some_batch(std::uint8_t which) const;
  bool is_waiting(std::uint32_t handle) const;
  bool is_gone(std::uint32_t handle, std::int32_t result);
  std::uint32_t next_owner() const;

  Reply possible(Reply reply, const Request& request) const;
  void decide_all_who_wait();
  void check_nothing_left();
  void check_cold();

  Edge edge_;
  Books books_;
  double now_;
  std::map<std::uint32_t, Request> live_;
  std::vector<std::uint32_t> handles_;            ///< all that there ever were
  std::map<std::uint32_t, std::size_t> records_;  ///< tag -> key
  std::vector<std::uint32_t> woken_;              ///< told by the module, not asked for yet
  bool some_woken_ = false;                       ///< the mailbox said so, and nobody has asked who
};

}  // namespace tollgate::fuzz
