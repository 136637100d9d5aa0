#pragma once

#include "base/text.h"

#include <string>
#include <string_view>

namespace tollgate::gateway {

/// Methods, names or origins, written as HTTP writes lists: `GET, HEAD, POST`. No token holds a comma or a blank.
class TokenList {
 public:
  bool empty() const { return text_.empty(); }
  const std::string& text() const { return text_; }

  /// Calls `visit` with each token in turn.
  template <class Visit>
  void each(Visit visit) const {
    for (std::string_view rest = text_; !rest.empty();) visit(trim(take_part(rest, ',')));
  }
  bool contains(std::string_view token) const;
  /// Adds a token at the end.
  void append(std::string_view token);
  /// Adds a token in the order of the alphabet, unless it is there.
  void insert(std::string_view token);

 private:
  std::string text_;
};

}  // namespace tollgate::gateway
