#pragma once

#include "control/http/context.h"
#include "json/object_reader.h"

#include <optional>
#include <string>
#include <string_view>

namespace tollgate::control {

/// An e-mail address, as far as its form can be told: printable ASCII with one `@` that has something on both sides.
/// Whether mail arrives only mail can tell.
extern const json::TextRule kEmailText;

/// The form in which addresses are compared and looked up: in lower case, since people write theirs in either (S7.9).
std::string folded_email(std::string_view email);
/// The parameter `email` of the query, in that form.
std::optional<std::string> folded_email_parameter(const Context& context);

}  // namespace tollgate::control
