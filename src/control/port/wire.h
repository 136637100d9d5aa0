#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace tollgate::control {

/// What crosses the boundary of the control module is made of three things: little-endian 32-bit words, doubles, and
/// byte strings behind their length (wasm/ABI.md). Both sides of the boundary in C++ use these two classes.
static_assert(std::endian::native == std::endian::little);

/// Which kind of SQL value follows.
enum class WireType : std::uint8_t { null = 0, number = 1, text = 2, blob = 3 };

class WireWriter {
 public:
  void word(std::uint32_t n) { bytes_.append(reinterpret_cast<const char*>(&n), sizeof n); }
  void byte(std::uint8_t n) { bytes_.push_back(static_cast<char>(n)); }
  void type(WireType type) { byte(static_cast<std::uint8_t>(type)); }
  void real(double n) { bytes_.append(reinterpret_cast<const char*>(&n), sizeof n); }
  void text(std::string_view text) {
    word(static_cast<std::uint32_t>(text.size()));
    bytes_.append(text);
  }

  std::string_view view() const { return bytes_; }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Reads what a `WireWriter` wrote. Once something is not there, everything after it reads as empty and `ok()` is
/// false.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes), size_(bytes.size()) {}

  std::uint32_t word() { return read<std::uint32_t>(); }
  std::uint8_t byte() { return read<std::uint8_t>(); }
  /// May be none of the enumerators: the bytes are somebody else's.
  WireType type() { return static_cast<WireType>(byte()); }
  double real() { return read<double>(); }
  std::string_view text() {
    const std::uint32_t length = word();
    const std::string_view text = rest_.substr(0, length);
    skip(length);
    return text;
  }

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  std::size_t position() const { return size_ - rest_.size(); }

 private:
  template <class T>
  T read() {
    T n{};
    if (rest_.size() >= sizeof n) std::copy_n(rest_.begin(), sizeof n, reinterpret_cast<char*>(&n));
    skip(sizeof n);
    return n;
  }
  void skip(std::size_t length) {
    if (length > rest_.size()) {
      ok_ = false;
      length = rest_.size();
    }
    rest_.remove_prefix(length);
  }

  std::string_view rest_;
  std::size_t size_;
  bool ok_ = true;
};

}  // namespace tollgate::control
