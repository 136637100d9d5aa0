#pragma once

#include "base/text.h"

#include <string>
#include <string_view>

namespace tollgate::gateway {

/// Whether a list such as `GET, HEAD, POST` has the token.
bool is_listed(std::string_view list, std::string_view token);

/// Methods, names or origins, written as HTTP writes lists: `GET, HEAD, POST`. No token holds a comma or a blank.
class TokenList {
 public:
  TokenList() = default;
  explicit TokenList(std::string_view text) : text_(text) {}

  bool empty() const { return text_.empty(); }
  const std::string& text() const { return text_; }

  /// Calls `visit` with each token in turn.
  template <class Visit>
  void each(Visit visit) const {
    for (std::string_view rest = text_; !rest.empty();) visit(trim(take_part(rest, ',')));
  }
  bool contains(std::string_view token) const { return is_listed(text_, token); }
  /// Adds a token at the end.
  void append(std::string_view token);
  /// Adds a token in the order of the alphabet, unless it is there.
  void insert(std::string_view token);

 private:
  std::string text_;
};

}  // namespace tollgate::gateway
