#pragma once

#include "control/http/context.h"

namespace tollgate::control {

// Of the host, not of the API.
/// `POST /outbox/take`: answers `{"effects": [{id, generation, kind: "kv_put" | "kv_delete", target, body?, takenAt?,
/// ttlSeconds?}]}`, at most `limits::kOutboxPass` of them. A row of a kind that is not known here stays and is tried
/// again later, as one whose effect failed; `log` says which one it is.
Response take_outbox(Context& context);
/// `POST /outbox/settle`: takes `{"done": [{id, generation}], "failed": [{id, generation, error}]}`; answers
/// `{"nextAt"?}`: when the first of the rows that there are is due (milliseconds).
Response settle_outbox(Context& context);

}  // namespace tollgate::control
