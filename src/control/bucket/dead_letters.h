#pragma once

#include "control/http/context.h"

namespace tollgate::control {

/// `POST dead-letters` `{reason, event}`: a queue consumer reports a message that can never be ingested (M5). Kept as
/// it came, counted, and once however often it is reported. 204.
Response add_dead_letter(Context& context);
Response list_dead_letters(Context& context);

}  // namespace tollgate::control
