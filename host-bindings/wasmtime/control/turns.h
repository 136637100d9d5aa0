#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>

namespace tollgate::host {

/// A mutex that is taken in the order of asking: whoever takes it again and again does not keep others out.
class Turns {
 public:
  void lock() {
    std::unique_lock lock(mutex_);
    if (!taken_) {
      taken_ = true;
      return;
    }
    Waiter me;
    waiting_.push_back(&me);
    me.signal.wait(lock, [&] { return me.is_next; });
  }

  void unlock() {
    const std::lock_guard lock(mutex_);
    taken_ = !waiting_.empty();
    if (!taken_) return;
    Waiter* const next = waiting_.front();
    waiting_.pop_front();
    next->is_next = true;
    // Under the lock: the waiter is gone as soon as it can be.
    next->signal.notify_one();
  }

 private:
  struct Waiter {
    std::condition_variable signal;
    bool is_next = false;
  };

  std::mutex mutex_;
  std::deque<Waiter*> waiting_;
  bool taken_ = false;
};

}  // namespace tollgate::host
