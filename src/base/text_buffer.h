#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace tollgate {

/// Text under construction in memory that somebody else owns. What does not fit is not written, and `full` says so, so
/// that a writer checks once at its end.
class TextBuffer {
 public:
  explicit constexpr TextBuffer(std::span<char> memory) : memory_(memory) {}

  void append(std::string_view text) {
    if (text.size() > memory_.size() - size_) {
      full_ = true;
      return;
    }
    if (!text.empty()) std::memcpy(memory_.data() + size_, text.data(), text.size());
    size_ += text.size();
  }
  void append(char c) { append(std::string_view(&c, 1)); }
  void append_unsigned(std::uint64_t n) {
    char reversed[20];
    std::size_t digits = 0;
    do {
      reversed[sizeof reversed - ++digits] = static_cast<char>('0' + n % 10);
      n /= 10;
    } while (n != 0);
    append({reversed + sizeof reversed - digits, digits});
  }

  /// Forgets what was written after `size`.
  void truncate(std::size_t size) {
    size_ = size;
    full_ = false;
  }

  bool full() const { return full_; }
  std::size_t size() const { return size_; }
  std::size_t capacity() const { return memory_.size(); }
  std::string_view view() const { return {memory_.data(), size_}; }

 private:
  std::span<char> memory_;
  std::size_t size_ = 0;
  bool full_ = false;
};

}  // namespace tollgate
