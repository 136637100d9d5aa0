#pragma once

#include "control/http/context.h"

#include <string>
#include <string_view>

namespace tollgate::control {

/// The entity tag of a representation (RFC 9110, 8.8.3): a digest of its body, `"0123456789abcdef"` with the quotes.
std::string entity_tag(std::string_view body);

/// Whether an `If-Match` header lets a request through to what has this tag: `*`, or a list that names it. Weak tags
/// and what is no entity tag match nothing.
bool matches_entity_tag(std::string_view if_match, std::string_view tag);

/// Performs a route whose resource has entity tags. `represent` is what GET answers there: PUT and DELETE with an
/// `If-Match` that does not name its tag are refused (412), GET and PUT answer with the tag of what is there then.
Response perform_tagged(Context& context, Response (*represent)(Context&), Response (*handler)(Context&));

}  // namespace tollgate::control
