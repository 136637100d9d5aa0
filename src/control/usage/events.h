#pragma once

#include "control/http/context.h"

namespace tollgate::control {

/// `POST events`: one CloudEvent or a batch (S3.1), from the edge or anybody else. Every event is checked before any
/// ledger hears of one: its form, that the bucket knows the subscription, that a meter counts its type and can read its
/// value. One bad event refuses the whole batch, by name. 204 means that every event is committed in its ledger, now or
/// by an earlier try.
Response ingest_events(Context& context);

}  // namespace tollgate::control
