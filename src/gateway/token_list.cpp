#include "gateway/token_list.h"

namespace tollgate::gateway {

bool is_listed(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    if (trim(take_part(list, ',')) == token) return true;
  }
  return false;
}

void TokenList::append(std::string_view token) { text_.append(text_.empty() ? "" : ", ").append(token); }

void TokenList::insert(std::string_view token) {
  TokenList merged;
  bool is_due = true;
  each([&](std::string_view one) {
    if (is_due && token <= one) {
      if (token != one) merged.append(token);
      is_due = false;
    }
    merged.append(one);
  });
  if (is_due) merged.append(token);
  text_.swap(merged.text_);
}

}  // namespace tollgate::gateway
