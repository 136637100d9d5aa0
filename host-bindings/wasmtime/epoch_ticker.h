#pragma once

#include <wasmtime.hh>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

namespace tollgate::host {

/// The clock behind the deadlines of one engine: a thread that advances the engine's epoch. A call that begins between
/// two ticks and may see `kTicksPerDeadline` of them runs for at least the deadline and at most a quarter longer.
class EpochTicker {
 public:
  static constexpr std::uint64_t kTicksPerDeadline = 5;

  EpochTicker(const wasmtime::Engine& engine, std::uint32_t deadline_ms)
      : period_(std::chrono::microseconds(deadline_ms) * 1000 / (kTicksPerDeadline - 1)),
        thread_([this, &engine] { run(engine); }) {}
  ~EpochTicker() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }
  EpochTicker(const EpochTicker&) = delete;
  EpochTicker& operator=(const EpochTicker&) = delete;

 private:
  void run(const wasmtime::Engine& engine) {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, period_, [this] { return stopped_; })) engine.increment_epoch();
  }

  std::chrono::microseconds period_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace tollgate::host
