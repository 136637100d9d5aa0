#pragma once

#include "control/http/context.h"

namespace tollgate::control {

// Routes under `test-clock` (S10), in every bucket but production (403).

/// `{now, set, frozen, advancingTo?}`.
Response get_test_clock(Context& context);
/// Takes `{now?, frozen?}`, one of them at least; `now` is by default the clock's time. Forward, everything that falls
/// due on the way runs before the answer is given; back only while the bucket has no subscription (409), since what has
/// happened cannot be taken back.
Response put_test_clock(Context& context);
/// Takes `{to}` or `{by}`: an instant, or an ISO 8601 duration of one unit. At most `limits::kMaxAdvanceMs` ahead.
Response advance_test_clock(Context& context);

}  // namespace tollgate::control
