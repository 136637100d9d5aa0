#include "control/bucket/email.h"

#include "base/text.h"
#include "control/http/list.h"

#include <algorithm>

namespace tollgate::control {
namespace {

bool is_email(std::string_view text) {
  const std::size_t at = text.find('@');
  return std::all_of(text.begin(), text.end(), is_visible) && at != text.npos && at > 0 && at + 1 < text.size() &&
         text.find('@', at + 1) == text.npos;
}

}  // namespace

const json::TextRule kEmailText = {3, 254, is_email, "email", "an e-mail address"};

std::string folded_email(std::string_view email) {
  std::string folded(email);
  std::transform(folded.begin(), folded.end(), folded.begin(), lower);
  return folded;
}

std::optional<std::string> folded_email_parameter(const Context& context) {
  const auto email = query_parameter(context, "email");
  if (!email.has_value()) return std::nullopt;
  return folded_email(*email);
}

}  // namespace tollgate::control
