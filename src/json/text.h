#pragma once

#include <string>
#include <string_view>

namespace tollgate::json {

/// A sink of `Writer` that grows. For the control plane; the edge writes into fixed buffers.
class Text {
 public:
  void append(std::string_view text) { text_.append(text); }
  void append(char c) { text_.push_back(c); }

  std::string_view view() const { return text_; }
  /// Hands the text over and leaves this empty.
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace tollgate::json
